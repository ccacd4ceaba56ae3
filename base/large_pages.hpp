// Memory for large arrays that are read here and there: in large pages, where the system has them,
// so that the processor finds its way to each place without looking into its tables of pages.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <sys/mman.h>

namespace slwmi {

// An allocator for std::vector.
template <class T>
struct LargePages {
  using value_type = T;
  LargePages() = default;
  template <class U>
  LargePages(const LargePages<U>&) {}  // NOLINT(google-explicit-constructor): as allocators do

  T* allocate(std::size_t count) {
    std::size_t size = count * sizeof(T);
    if (size < kPage) return static_cast<T*>(::operator new (size, std::align_val_t{alignof(T)}));
    size = (size + kPage - 1) / kPage * kPage;
    void* const memory = std::aligned_alloc(kPage, size);
    if (memory == nullptr) throw std::bad_alloc();
    ::madvise(memory, size, MADV_HUGEPAGE);  // a wish
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < kPage) return ::operator delete (memory, std::align_val_t{alignof(T)});
    std::free(memory);
  }
  bool operator==(const LargePages&) const { return true; }

 private:
  static constexpr std::size_t kPage = std::size_t{2} << 20;
};

}  // namespace slwmi
