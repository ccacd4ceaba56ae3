#include "provider/pid.hpp"

#include <charconv>
#include <string>

namespace slwmi::licensing {
namespace {

// The field "ll": 00 retail, 02 OEM, 03 volume.
std::uint32_t license_type(Channel channel) {
  switch (channel) {
    case Channel::kKmsClient:
    case Channel::kKmsHost:
    case Channel::kMak:
      return 3;
    case Channel::kOemSlp:
      return 2;
    case Channel::kRetail:
    case Channel::kTimebasedEval:
      return 0;
  }
  return 0;
}

void append(std::string& text, std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

// The digits from `first` up to the hyphen right before `next`.
std::optional<std::uint32_t> number_in(std::string_view text, std::size_t first, std::size_t next) {
  const char* const end = text.data() + next - 1;
  std::uint32_t number = 0;
  const auto [stop, error] = std::from_chars(text.data() + first, end, number);
  if (error != std::errc{} || stop != end || *end != '-') return std::nullopt;
  return number;
}

int day_of_year(const CivilTime& civil) {
  const auto midnight = from_civil({civil.year, civil.month, civil.day});
  const auto new_year = from_civil({civil.year, 1, 1});
  return static_cast<int>(whole_minutes(*midnight - *new_year) / (24 * 60)) + 1;
}

}  // namespace

std::string extended_product_id(const PidFields& fields) {
  const CivilTime date = to_civil(fields.installed);
  const std::uint32_t serial = fields.key.serial % 1'000'000'000;
  std::string text;
  append(text, kPlatformGroup, 5);
  text += '-';
  append(text, fields.key.group, 5);
  text += '-';
  append(text, serial / 1'000'000, 3);
  text += '-';
  append(text, serial % 1'000'000, 6);
  text += '-';
  append(text, license_type(fields.channel), 2);
  text += '-';
  append(text, fields.locale, 1);
  text += '-';
  append(text, fields.os.build, 4);
  text += '.';
  append(text, fields.revision, 4);
  text += '-';
  append(text, static_cast<std::uint64_t>(day_of_year(date)), 3);
  append(text, static_cast<std::uint64_t>(date.year), 4);
  return text;
}

std::optional<ProductKey> key_in(std::string_view text) {
  // 70007-ggggg-sss-ssssss-...
  constexpr std::size_t kGroupAt = 6, kSerialAt = 12, kLowAt = 16, kEnd = 22;
  if (text.size() <= kEnd || number_in(text, 0, kGroupAt) != kPlatformGroup) return std::nullopt;
  const auto group = number_in(text, kGroupAt, kSerialAt);
  const auto high = number_in(text, kSerialAt, kLowAt);
  const auto low = number_in(text, kLowAt, kEnd + 1);
  if (!group || *group > 0xFFFF || !high || !low) return std::nullopt;
  return ProductKey{static_cast<std::uint16_t>(*group), *high * 1'000'000 + *low};
}

std::string short_product_id(std::optional<ProductKey> key) {
  const std::uint32_t serial = key ? key->serial % 1'000'000'000 : 0;
  std::string text;
  append(text, key ? kPlatformGroup : 0, 5);
  text += '-';
  append(text, serial / 1'000'000, 3);
  text += '-';
  append(text, serial % 1'000'000 * 10, 7);
  text += '-';
  append(text, key ? key->group : 0, 5);
  return text;
}

std::vector<std::byte> digital_product_id(std::string_view product_id,
                                          std::optional<ProductKey> key) {
  constexpr std::size_t kSize = 164, kTextAt = 8, kTextSize = 24, kKeyAt = 52, kKeySize = 15,
                        kKeyGroupSize = 5;
  std::vector<std::byte> out(kSize);
  out[0] = std::byte{kSize};
  out[4] = std::byte{3};  // the version of the layout
  for (std::size_t i = 0; i < product_id.size() && i < kTextSize - 1; ++i)
    out[kTextAt + i] = static_cast<std::byte>(product_id[i]);
  if (!key) return out;
  // A number of 25 digits in base 24, group by group of the text, the lowest byte first.
  const std::string text = to_text(*key);
  for (std::size_t at = 0; at < text.size(); at += kKeyGroupSize + 1) {
    std::uint64_t carry = 0;
    std::uint64_t scale = 1;
    for (const char c : text.substr(at, kKeyGroupSize)) {
      carry = carry * kKeyAlphabet.size() + kKeyAlphabet.find(c);
      scale *= kKeyAlphabet.size();
    }
    for (std::size_t i = 0; i < kKeySize; ++i) {
      carry += std::to_integer<std::uint64_t>(out[kKeyAt + i]) * scale;
      out[kKeyAt + i] = static_cast<std::byte>(carry);
      carry >>= 8;
    }
  }
  return out;
}

}  // namespace slwmi::licensing
