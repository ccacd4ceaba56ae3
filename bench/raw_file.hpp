// The least that making something last can cost: one block of a file that is there, written over
// and flushed.
#pragma once

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

#include "bench/folder.hpp"
#include "bench/timing.hpp"

namespace slwmi::bench {

class RawFile {
 public:
  explicit RawFile(const Folder& folder)
      : file_(::open(folder.file("raw").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    for (; at_ < kBytes; at_ += kBlock) write();
    must(::fsync(file_) == 0);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile() { ::close(file_); }

  // The next block.
  void write_and_flush() {
    at_ = (at_ + kBlock) % kBytes;
    write();
    must(::fdatasync(file_) == 0);
  }

 private:
  static constexpr off_t kBlock = 4096;
  static constexpr off_t kBytes = 1 << 20;
  void write() { must(::pwrite(file_, block_.data(), block_.size(), at_) > 0); }

  int file_;
  off_t at_ = 0;
  std::vector<char> block_ = std::vector<char>(kBlock, 'z');
};

}  // namespace slwmi::bench
