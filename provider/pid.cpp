#include "provider/pid.hpp"

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

}  // namespace slwmi::licensing
