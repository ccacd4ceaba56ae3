#include "registry/path.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

namespace slwmi::reg {
namespace {

std::string show(const Path& path) {
  std::string out(short_name(path.root));
  for (const std::string_view part : path.components) out += "|" + std::string(part);
  return out;
}

constexpr PathOptions kPlain{};
constexpr PathOptions kLongOnly{.short_roots = false};
constexpr PathOptions kSlashes{.slash_separates = true};

struct {
  const char* why;
  const char* text;
  PathOptions options;
  const char* parts;
} const kGood[] = {
    {"a short root", "HKLM\\SOFTWARE\\a", kPlain, "HKLM|SOFTWARE|a"},
    {"a long root in any case", "hkey_Local_Machine\\a b", kPlain, "HKLM|a b"},
    {"a root alone", "HKU", kPlain, "HKU"},
    {"a backslash at the end", "HKCU\\a\\", kPlain, "HKCU|a"},
    {"doubled backslashes inside", "HKCR\\a\\\\b", kPlain, "HKCR|a|b"},
    {"a slash is a character of a name", "HKLM\\a/b", kPlain, "HKLM|a/b"},
    {"a slash separates where StdRegProv asks", "HKLM/a\\b/c", kSlashes, "HKLM|a|b|c"},
    {"long roots suffice", "HKEY_CURRENT_CONFIG\\x", kLongOnly, "HKCC|x"},
};

struct {
  const char* why;
  std::string text;
  PathOptions options;
  HResult code;
  std::size_t at;
} const kBad[] = {
    {"no root", "SOFTWARE\\a", kPlain, HResult::kErrorBadPathname, 0},
    {"nothing", "", kPlain, HResult::kErrorBadPathname, 0},
    {"a short root in a .reg file", "HKLM\\a", kLongOnly, HResult::kErrorBadPathname, 0},
    {"an empty first component", "HKLM\\\\a", kPlain, HResult::kErrorBadPathname, 5},
    {"a name of 257", "HKLM\\a\\" + std::string(257, 'x'), kPlain, HResult::kEInvalidarg, 7},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(path)

BOOST_AUTO_TEST_CASE(paths_come_apart) {
  for (const auto& c : kGood) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto path = parse_path(c.text, c.options);
      BOOST_REQUIRE(path.has_value());
      BOOST_TEST(show(*path) == c.parts);
    }
  }
}

BOOST_AUTO_TEST_CASE(bad_paths_are_refused_with_a_place) {
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto path = parse_path(c.text, c.options);
      BOOST_REQUIRE(!path.has_value());
      BOOST_TEST((path.error().code == c.code));
      BOOST_REQUIRE(path.error().at.has_value());
      BOOST_TEST(path.error().at->offset == c.at);
    }
  }
}

BOOST_AUTO_TEST_CASE(limits_count_utf16_units) {
  std::string name;
  for (int i = 0; i < 256; ++i) name += "я";
  BOOST_TEST(check_key_name(name).has_value());
  BOOST_TEST(!check_key_name(name + "я").has_value());
  BOOST_TEST(check_value_name(std::string(16383, 'v')).has_value());
  BOOST_TEST(!check_value_name(std::string(16384, 'v')).has_value());
  BOOST_TEST(check_value_name("").has_value());
}

BOOST_AUTO_TEST_CASE(depth_ends_at_512_keys) {
  std::string text = "HKLM";
  for (int i = 0; i < 511; ++i) text += "\\k";
  BOOST_TEST(parse_path(text).has_value());
  BOOST_TEST(!parse_path(text + "\\k").has_value());
}

BOOST_AUTO_TEST_CASE(hkcu_is_the_callers_hive_and_the_services_is_s_1_5_20) {
  BOOST_TEST((key_of("HKCU\\x") == key_of("HKU\\S-1-5-20\\x")));
  const auto path = parse_path("HKCU\\x");
  BOOST_TEST((resolve(*path, sids::kSystem) == key_of("HKU\\S-1-5-18\\x")));
  BOOST_TEST((key_of("HKCR\\.txt") == key_of("HKLM\\Software\\CLASSES\\.TXT")));
  BOOST_TEST((find(*path, sids::kLocalService) == std::nullopt));
}

BOOST_AUTO_TEST_CASE(roots_have_their_winreg_numbers) {
  BOOST_TEST(predefined_handle(Root::kLocalMachine) == 0x80000002u);
  BOOST_TEST((root_of_handle(0x80000001u) == Root::kCurrentUser));
  BOOST_TEST(!root_of_handle(0x80000004u).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
