// What the tests of the facade share: results that must be there, sessions by name, a folder for
// world files.
#pragma once

#include <string_view>

#include "base/principal.hpp"
#include "tests/support/expect.hpp"
#include "tests/support/temporary_folder.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::world::test {

using slwmi::test::must;
using Folder = slwmi::test::TemporaryFolder;

inline Session connect(World& world, std::string_view machine,
                       std::string_view principal = "administrator",
                       std::string_view ns = "root\\cimv2") {
  return must(must(world.machine(machine)).connect(must(find_principal(principal)), ns));
}

}  // namespace slwmi::world::test
