// Where a command's text goes: a buffer in front of a file descriptor, or only the buffer (tests,
// texts in parts).
#pragma once

#include <string>
#include <string_view>

namespace slwmi::tools {

class Writer {
 public:
  Writer() = default;  // keeps everything in text()
  explicit Writer(int fd) : fd_(fd) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Writer& operator<<(std::string_view text) {
    buffer_ += text;
    if (fd_ >= 0 && buffer_.size() >= kFlushAt) flush();
    return *this;
  }
  Writer& operator<<(char c) { return *this << std::string_view(&c, 1); }

  // Hands the buffer to the descriptor. False once a write has failed; later text is dropped then.
  bool flush();
  const std::string& text() const { return buffer_; }

 private:
  static constexpr std::size_t kFlushAt = 64 * 1024;
  std::string buffer_;
  int fd_ = -1;
  bool failed_ = false;
};

}  // namespace slwmi::tools
