#include "provider/installed_license.hpp"

#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/hash.hpp"
#include "provider/license_document.hpp"

namespace slwmi::licensing {
namespace {

using ProductPtr = std::shared_ptr<const Product>;

// The last texts read, by the bytes of a REG_SZ. Very long ones are read each time.
class Memory {
 public:
  template <class Read>
  ProductPtr find(ByteSpan text, const Read& read) {
    if (text.size() > kMostBytes) return read();
    const std::lock_guard lock(mutex_);
    if (products_.size() >= kMostKept) products_.clear();
    Known& known = products_[hash64(text)];
    if (as_text(known.text) != as_text(text)) known = {Bytes(text.begin(), text.end()), read()};
    return known.product;
  }

 private:
  static constexpr std::size_t kMostKept = 256;
  static constexpr std::size_t kMostBytes = 1 << 14;
  struct Known {
    Bytes text;
    ProductPtr product;
  };

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Known> products_;
};

Memory& memory() {
  static Memory instance;
  return instance;
}

}  // namespace

ProductPtr installed_license(const reg::ValueView& value) {
  if (value.type != reg::ValueType::kSz && value.type != reg::ValueType::kExpandSz) return nullptr;
  return memory().find(value.data, [&]() -> ProductPtr {
    auto product = parse_license(reg::as_string(value).value_or(""));
    return product ? std::make_shared<const Product>(std::move(*product)) : nullptr;
  });
}

reg::ValueData license_value(const Product& product) {
  reg::ValueData value = reg::make_sz(to_document(product));
  memory().find(value.data(), [&] { return std::make_shared<const Product>(product); });
  return value;
}

}  // namespace slwmi::licensing
