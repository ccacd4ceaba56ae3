// That memory for a short process is there before it is asked for. Where the system cannot give it
// so, or a sanitizer keeps the heap, there is nothing to see.
#include "tools/cli/short_process.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <sys/mman.h>
#include <sys/resource.h>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kOwnHeap = false;
#else
constexpr bool kOwnHeap = true;
#endif

boost::test_tools::assertion_result can_populate(boost::unit_test::test_unit_id /*unit*/) {
#ifdef MADV_POPULATE_WRITE
  constexpr std::size_t kPage = 4096;
  void* const page =
      ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool can = ::madvise(page, kPage, MADV_POPULATE_WRITE) == 0;
  ::munmap(page, kPage);
  return kOwnHeap && can;
#else
  return false;
#endif
}

long page_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(short_process)

BOOST_AUTO_TEST_CASE(has_its_memory_before_it_asks, *boost::unit_test::precondition(can_populate)) {
  constexpr std::size_t kBlock = 100 * 1024;
  constexpr int kBlocks = 4;
  slwmi::tools::prepare_for_short_process();
  std::vector<void*> blocks;
  blocks.reserve(kBlocks);
  const long before = page_faults();
  for (int i = 0; i < kBlocks; ++i) {
    blocks.push_back(std::malloc(kBlock));
    std::memset(blocks.back(), i, kBlock);
  }
  const long faults = page_faults() - before;
  for (void* const block : blocks) std::free(block);
  BOOST_TEST(faults < 20, faults << " page faults; the blocks have 100 pages");
}

BOOST_AUTO_TEST_SUITE_END()
