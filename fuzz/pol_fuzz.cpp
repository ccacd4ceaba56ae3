// What the reader of Registry.pol accepts it can write back byte by byte; an error points into the
// file; compiling never fails, and the operations survive their byte form.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "registry/formats/pol_file.hpp"

namespace reg = slwmi::reg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const slwmi::ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto file = reg::read_pol(bytes);
  if (!file) {
    if (!file.error().at || file.error().at->offset > size) std::abort();
    return 0;
  }
  const auto written = reg::write_pol(*file);
  if (!std::equal(written.begin(), written.end(), bytes.begin(), bytes.end())) std::abort();
  (void)reg::lint_pol(*file);
  const auto ops = reg::compile_pol(*file, reg::KeyId::kLocalMachine);
  const auto again = reg::decode_ops(reg::encode_ops(ops));
  if (!again || *again != ops) std::abort();
  return 0;
}
