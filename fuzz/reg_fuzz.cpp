// A .reg file that reads without a problem exports to a file that reads to the same registry.
#include <cstdint>
#include <cstdlib>

#include "registry/formats/reg_file.hpp"

namespace reg = slwmi::reg;

namespace {

reg::HiveView view_of(const reg::RegFile& file) {
  return {reg::Image::make(reg::compile_reg(file, slwmi::sids::kSystem), {}), nullptr, {}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const slwmi::ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto file = reg::read_reg(bytes);
  if (!file) return 0;
  if (!file->problems.empty() != !reg::read_reg(bytes, {.strict = true}).has_value()) std::abort();
  const reg::HiveView view = view_of(*file);
  for (const reg::KeyId root : {reg::KeyId::kLocalMachine, reg::KeyId::kUsers}) {
    const auto text = reg::export_reg(view, root);
    const auto back = reg::read_reg(text, {.strict = true});
    if (!back) std::abort();
    if (reg::export_reg(view_of(*back), root) != text) std::abort();
  }
  return 0;
}
