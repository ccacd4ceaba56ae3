#include "provider/kms/exchange.hpp"

namespace slwmi::licensing {

std::uint32_t ServerNames::number_of(std::string_view name) {
  if (name.empty()) return 0;
  if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
  texts_.emplace_back(name);
  numbers_.emplace(std::string(name), size());
  return size();
}

std::string_view ServerNames::text_of(std::uint32_t number) const {
  return number == 0 || number > texts_.size() ? std::string_view() : texts_[number - 1];
}

}  // namespace slwmi::licensing
