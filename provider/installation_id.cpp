#include "provider/installation_id.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/text.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::uint64_t kTagRange = 10'000'000'000;  // ten digits

std::string padded(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() >= width ? text : std::string(width - text.size(), '0') + text;
}

std::string with_check_digits(std::string_view payload) {
  std::string text;
  for (std::size_t at = 0; at < payload.size(); at += kIdGroupDigits - 1) {
    const std::string_view group = payload.substr(at, kIdGroupDigits - 1);
    text += group;
    text += check_digit(group);
  }
  return text;
}

std::uint64_t world_tag(const Installation& installation, std::uint64_t world_seed) {
  std::uint64_t tag = combine(hash64("slwmi installation id 1"), world_seed);
  tag = combine(tag, installation.key.group);
  tag = combine(tag, installation.key.serial);
  return combine(tag, installation.hardware) % kTagRange;
}

Result<> check_form(std::string_view text, std::size_t digits, std::string_view what) {
  const std::string name(what);
  if (text.empty()) return fail(HResult::kEInvalidarg, "the " + name + " is empty");
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) continue;
    std::size_t end = i;
    next_code_point(text, end);
    return fail(HResult::kSlECidiidInvalidData, "the " + name + " holds more than digits",
                SourcePos{i, 0, 0}, std::string(text.substr(i, end - i)));
  }
  if (text.size() != digits)
    return fail(HResult::kSlECidiidInvalidDataLength,
                "the " + name + " has " + std::to_string(text.size()) + " digits instead of " +
                    std::to_string(digits));
  for (std::size_t at = 0; at < digits; at += kIdGroupDigits) {
    const std::string_view group = text.substr(at, kIdGroupDigits);
    if (check_digit(group.substr(0, kIdGroupDigits - 1)) != group.back())
      return fail(HResult::kSlECidiidInvalidCheckDigits,
                  "group " + std::to_string(at / kIdGroupDigits + 1) + " of the " + name +
                      " has a wrong check digit",
                  SourcePos{at, 0, 0}, std::string(group));
  }
  return {};
}

std::string payload_of(std::string_view text) {
  std::string payload;
  for (std::size_t at = 0; at < text.size(); at += kIdGroupDigits)
    payload += text.substr(at, kIdGroupDigits - 1);
  return payload;
}

// The number that `digits` spell; false when it does not fit.
bool read_number(std::string_view digits, std::uint64_t limit, std::uint64_t& number) {
  number = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (limit - digit) / 10) return false;
    number = number * 10 + digit;
  }
  return true;
}

}  // namespace

char check_digit(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 2);
  return static_cast<char>('0' + sum % 7);
}

std::string installation_id(const Installation& installation, std::uint64_t world_seed) {
  return with_check_digits(padded(installation.key.group, 5) + padded(installation.key.serial, 10) +
                           padded(installation.hardware, 20) +
                           padded(world_tag(installation, world_seed), 10));
}

Result<Installation> parse_installation_id(std::string_view text, std::uint64_t world_seed) {
  SL_CHECK(check_installation_form(text));
  const std::string payload = payload_of(text);
  const std::string_view view = payload;
  std::uint64_t group = 0, serial = 0, hardware = 0, tag = 0;
  const bool fits = read_number(view.substr(0, 5), 0xFFFF, group) &&
                    read_number(view.substr(5, 10), 0xFFFFFFFF, serial) &&
                    read_number(view.substr(15, 20), ~std::uint64_t{0}, hardware) &&
                    read_number(view.substr(35, 10), kTagRange - 1, tag);
  const Installation read{{static_cast<std::uint16_t>(group), static_cast<std::uint32_t>(serial)},
                          hardware};
  if (!fits || world_tag(read, world_seed) != tag)
    return fail(HResult::kSlECidiidMismatched, "the installation ID was not made in this world");
  return read;
}

Result<> check_installation_form(std::string_view text) {
  return check_form(text, kInstallationIdDigits, "installation ID");
}

Result<> check_confirmation_form(std::string_view text) {
  return check_form(text, kConfirmationIdDigits, "confirmation ID");
}

std::string confirmation_id(std::string_view installation_id, std::uint64_t world_seed) {
  std::string payload;
  const std::uint64_t seed = combine(hash64("slwmi confirmation id 1"), world_seed);
  for (std::uint64_t part = 0; part < 4; ++part) {
    const std::uint64_t number = hash64(installation_id, combine(seed, part));
    payload += padded(number % kTagRange, 10);
  }
  return with_check_digits(payload);
}

Result<> check_confirmation(std::string_view own, std::string_view given,
                            std::string_view confirmation, std::uint64_t world_seed) {
  SL_CHECK(check_installation_form(given));
  SL_CHECK(check_confirmation_form(confirmation));
  if (given != own)
    return fail(HResult::kSlECidiidMismatched, "the installation ID is not this product's");
  if (confirmation != confirmation_id(own, world_seed))
    return fail(HResult::kSlECidiidMismatched,
                "the confirmation ID does not belong to the installation ID");
  return {};
}

}  // namespace slwmi::licensing
