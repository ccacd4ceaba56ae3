#include "provider/kms/exchange.hpp"

namespace slwmi::licensing {

std::string log_text(std::string_view text, std::size_t limit) {
  std::string out = find_invalid(text) ? from_utf16(to_utf16(text)) : std::string(text);
  if (out.size() <= limit) return out;
  constexpr auto kMask = 0xC0, kContinuation = 0x80;
  while (limit > 0 && (static_cast<unsigned char>(out[limit]) & kMask) == kContinuation) --limit;
  out.resize(limit);
  return out;
}

std::int32_t ServerNames::number_of(std::string_view name) {
  if (name.empty()) return 0;
  if (name.size() > kMaxBytes || find_invalid(name)) return number_of(log_text(name, kMaxBytes));
  if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
  texts_.emplace_back(name);
  numbers_.emplace(std::string(name), size());
  return size();
}

std::string_view ServerNames::text_of(std::int32_t number) const {
  return number <= 0 || number > size() ? std::string_view()
                                        : texts_[static_cast<std::size_t>(number) - 1];
}

}  // namespace slwmi::licensing
