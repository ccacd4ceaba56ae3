#include "tools/cli/files.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace slwmi::tools {

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool sync_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  return synced;
}

Result<> write_output(Invocation& in, const std::string& path, std::string_view text,
                      std::string_view what) {
  if (path == "-") {
    in.out() << text;
    return {};
  }
  SL_CHECK(write_file(path, text));
  in.note("wrote " + std::string(what) + " to " + path);
  return {};
}

}  // namespace slwmi::tools
