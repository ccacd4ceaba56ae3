// What the tests of the facade share: results that must be there, sessions by name, a folder for
// world files.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>

#include "base/principal.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::world::test {

template <class T>
T must(Result<T> result) {
  const std::string why =
      result ? std::string() : to_hex(result.error().code) + " " + result.error().message;
  BOOST_REQUIRE_MESSAGE(result.has_value(), why);
  return *std::move(result);
}
inline void must(Result<> result) {
  const std::string why =
      result ? std::string() : to_hex(result.error().code) + " " + result.error().message;
  BOOST_REQUIRE_MESSAGE(result.has_value(), why);
}

inline Session connect(World& world, std::string_view machine,
                       std::string_view principal = "administrator",
                       std::string_view ns = "root\\cimv2") {
  return must(must(world.machine(machine)).connect(must(find_principal(principal)), ns));
}

// Goes away with all that lies in it.
struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "slwmi-world-XXXXXX").string();
  Folder() {
    if (::mkdtemp(path.data()) == nullptr) std::abort();
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace slwmi::world::test
