#include "tools/cli/short_process.hpp"

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
  constexpr int kBytes = 320 * 1024;  // what one query takes
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(::sbrk(0)) & ~(page - 1);
  ::mallopt(M_TOP_PAD, kBytes);
  std::free(std::malloc(127 * 1024));  // the heap has less left, and grows by kBytes
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0)) & ~(page - 1);
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
