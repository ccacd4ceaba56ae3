// Any bytes: a computer information list that is accepted is written in a form that is read back as
// the same list, and that form is its own.
#include <cstdint>
#include <cstdlib>

#include "provider/computer_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace slwmi::licensing;
  const auto list = read_computer_list({reinterpret_cast<const char*>(data), size});
  if (!list) return 0;
  const std::string text = write_computer_list(*list);
  const auto again = read_computer_list(text);
  if (!again || *again != *list || write_computer_list(*again) != text) std::abort();
  return 0;
}
