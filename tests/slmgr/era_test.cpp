#include "tools/slmgr/era.hpp"

#include <boost/test/unit_test.hpp>

#include "recorded_machine.hpp"

namespace {

using namespace slwmi;         // NOLINT(google-build-using-namespace)
using namespace slwmi::slmgr;  // NOLINT(google-build-using-namespace): the unit under test

}  // namespace

BOOST_AUTO_TEST_SUITE(era)

const struct {
  const char* why;
  std::uint32_t minutes;
  const char* days;
} kDays[] = {
    {"nothing left", 0, "0"},
    {"VA2's sample", 43162, "29"},
    {"a recorded Vista", 259193, "179"},
    {"whole days stay", 43200, "30"},
    {"one minute more is no day more", 43201, "30"},
    {"the largest number", 0xFFFFFFFE, "2982616"},
};

BOOST_AUTO_TEST_CASE(begun_days_do_not_count) {
  for (const auto& row : kDays)
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST(days_of(row.minutes, kVistaSp1) == row.days);
}

const struct {
  const char* why;
  CivilTime time;
  const char* text;
} kDates[] = {
    {"VA2's sample", {2007, 11, 29, 16, 59, 59}, "11/29/2007 4:59:59 PM"},
    {"noon", {2008, 3, 1, 12, 0, 0}, "3/1/2008 12:00:00 PM"},
    {"the hour after midnight", {2008, 3, 1, 0, 5, 9}, "3/1/2008 12:05:09 AM"},
    {"midnight has no time of day", {2008, 12, 31, 0, 0, 0}, "12/31/2008"},
};

BOOST_AUTO_TEST_CASE(dates_are_written_as_vbscript_writes_them) {
  for (const auto& row : kDates)
    BOOST_TEST_CONTEXT(row.why) BOOST_TEST(format_date(*from_civil(row.time)) == row.text);
}

const struct {
  const char* why;
  std::uint32_t code;
  const char* begins;
  bool explained;
} kErrors[] = {
    {"VA2, Appendix 2", 0xC004F038, "Error: 0xC004F038 ", true},
    {"of the registry, as it comes", 5, "Error: 0x5 Access denied", true},
    {"of a method", 0x80070005, "Error: 0x80070005 Access denied", true},
    {"rearm exhausted", 0xC004D307, "Error: 0xC004D307 ", true},
    {"wrong data", 0x8007000D, "Error: 0x8007000D The data is invalid.", true},
    {"not among the script's codes", 0x8007267C, "Error: 0x8007267C ", false},
    {"unknown altogether", 0xDEADBEEF, "Error: 0xDEADBEEF ", false},
};

BOOST_AUTO_TEST_CASE(errors_have_their_code_and_a_text_or_the_way_to_slui) {
  for (const auto& row : kErrors) {
    const std::string line = error_line(static_cast<HResult>(row.code), kVista);
    BOOST_TEST_CONTEXT(row.why) {
      BOOST_TEST(line.starts_with(row.begins));
      BOOST_TEST(line.size() > std::string_view(row.begins).size() - 1);
      const std::string slui = "slui.exe 0x2a " + hex_of(static_cast<HResult>(row.code));
      BOOST_TEST((line.find(slui) == std::string::npos) == row.explained);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_text_of_the_table_is_there_and_shows_what_is_put_in) {
  for (int i = 0; i < static_cast<int>(Text::kCount); ++i) {
    const std::string plain = text(static_cast<Text>(i), kVista);
    BOOST_TEST(!plain.empty());
    if (plain.find("%1") != std::string::npos) {
      const std::string filled = text(static_cast<Text>(i), kVista, {"<one>", "<two>"});
      BOOST_TEST((filled.find("<one>") != std::string::npos));
      BOOST_TEST((filled.find('%') == std::string::npos));
    }
  }
  BOOST_TEST(text(Text::kRegisteredKms, kVista, {"100%1", "2"}) ==
             "    Registered KMS machine name: 100%1:2");
}

BOOST_AUTO_TEST_CASE(exit_codes_that_do_not_fit_a_process_are_255) {
  const struct {
    std::int32_t code;
    int expected;
  } rows[] = {{0, 0},     {1, 1},     {5, 5},    {254, 254},
              {255, 255}, {256, 255}, {-1, 255}, {static_cast<std::int32_t>(0xC004F200), 255}};
  for (const auto& row : rows) BOOST_TEST(process_exit_code(row.code) == row.expected);
}

BOOST_AUTO_TEST_SUITE_END()
