// A folder for the files of one benchmark, made where it runs, and so on the disk that is to be
// measured. It goes away with all that lies in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace slwmi::bench {

struct Folder {
  std::string path = "bench_folder.XXXXXX";
  Folder() {
    if (::mkdtemp(path.data()) == nullptr) std::abort();
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(std::string_view name = "w.slwmi") const {
    return path + "/" + std::string(name);
  }
};

}  // namespace slwmi::bench
