// A folder for one test or benchmark, gone with the object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace slwmi::test {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "slwmi-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const char* name = "w.slwmi") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace slwmi::test
