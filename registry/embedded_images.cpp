// The images that the build compiled from registry/images. A process decodes what it asks for,
// once.
#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "registry/image.hpp"

namespace {

struct System {
  std::string_view name, family;
  std::span<const std::uint16_t> chain;
};
struct Edition {
  std::string_view family, name;
  std::uint16_t file;
};

template <std::size_t kSize>
slwmi::ByteSpan span_of(const unsigned char (&bytes)[kSize]) {
  return {reinterpret_cast<const std::byte*>(bytes), kSize};
}

#include "registry_images.inc"

}  // namespace

namespace slwmi::reg {
namespace {

// 2008-02-04T00:00:00Z: the images' keys were last written when the service pack was finished.
constexpr FileTime kWritten{128465568000000000u};

Result<> append(ByteSpan bytes, std::vector<Op>& ops) {
  SL_TRY(const std::vector<Op> more, decode_ops(bytes));
  ops.insert(ops.end(), more.begin(), more.end());
  return {};
}

Result<ImagePtr> build(const System& system, const Edition* edition) {
  std::vector<Op> ops;
  for (const std::uint16_t file : system.chain) SL_CHECK(append(kFiles[file](), ops));
  if (edition != nullptr) SL_CHECK(append(kFiles[edition->file](), ops));
  SL_CHECK(append(span_of(kSecurity), ops));
  return Image::make(ops, kWritten);
}

}  // namespace

Result<ImagePtr> embedded_image(std::string_view os, std::string_view edition) {
  const auto* system = std::find_if(std::begin(kSystems), std::end(kSystems),
                                    [&](const System& s) { return s.name == os; });
  if (system == std::end(kSystems)) {
    return fail(HResult::kErrorNotFound, "there is no image of that OS version", {},
                std::string(os));
  }
  const auto* found = std::find_if(
      std::begin(kEditions), std::end(kEditions),
      [&](const Edition& e) { return e.family == system->family && e.name == edition; });
  const Edition* known = found == std::end(kEditions) ? nullptr : found;
  static std::mutex mutex;
  static std::map<std::pair<const System*, const Edition*>, ImagePtr> made;
  const std::lock_guard lock(mutex);
  ImagePtr& image = made[{system, known}];
  if (image == nullptr) {
    SL_TRY(image, build(*system, known));
  }
  return image;
}

std::span<const ImageName> embedded_images() { return kNames; }

}  // namespace slwmi::reg
