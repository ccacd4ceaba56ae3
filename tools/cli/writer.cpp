#include "tools/cli/writer.hpp"

#include <cerrno>
#include <unistd.h>

namespace slwmi::tools {

bool Writer::flush() {
  if (fd_ < 0) return true;
  std::string_view left = buffer_;
  while (!left.empty() && !failed_) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      failed_ = true;
      break;
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return !failed_;
}

}  // namespace slwmi::tools
