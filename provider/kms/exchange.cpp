#include "provider/kms/exchange.hpp"

namespace slwmi::licensing {

std::int32_t ServerNames::number_of(std::string_view name) {
  if (name.empty()) return 0;
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
