// Runs a fuzz target once for every file of the folders named on the command line, for every prefix
// of the small ones, and with every byte of them changed in three ways. No input at all is a
// failure: the test would show nothing.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kSmall = 600;

// A copy of exactly the size, so that a sanitizer sees a read past the end.
void run(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> exact(data, data + size);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void replay(std::vector<std::uint8_t> input) {
  run(input.data(), input.size());
  if (input.size() > kSmall) return;
  for (std::size_t size = 0; size < input.size(); ++size) run(input.data(), size);
  for (std::uint8_t& byte : input) {
    const std::uint8_t kept = byte;
    for (const unsigned change : {0x01u, 0x80u, 0xFFu}) {
      byte = static_cast<std::uint8_t>(kept ^ change);
      run(input.data(), input.size());
    }
    byte = kept;
  }
}

}  // namespace

int main(int argc, char** argv) {
  int replayed = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      replay({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
      ++replayed;
    }
  }
  std::printf("%d inputs replayed\n", replayed);
  return replayed == 0 ? 1 : 0;
}
