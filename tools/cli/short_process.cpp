#include "tools/cli/short_process.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/database.hpp"

namespace slwmi::tools {
namespace {

void prefault_heap() {
#ifdef MADV_POPULATE_WRITE
  constexpr int kBytes = 512 * 1024;         // what one query takes
  constexpr std::size_t kMore = 127 * 1024;  // the heap has less left, and grows by kBytes
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  ::mallopt(M_TOP_PAD, kBytes);
  ::mallopt(M_TRIM_THRESHOLD, 4 * kBytes);    // or it shrinks again
  void* volatile grown = std::malloc(kMore);  // volatile: else the compiler leaves it away
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(grown) + page - 1) & ~(page - 1);
  std::free(grown);
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(::sbrk(0)) & ~(page - 1);
  if (begin < end)
    static_cast<void>(::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE));
#endif
}

}  // namespace

void prepare_for_short_process() {
  static bool done = false;
  if (done) return;
  done = true;
  Database::use_small_buffers();
  prefault_heap();
}

}  // namespace slwmi::tools
