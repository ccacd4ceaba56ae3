#include "base/datetime.hpp"

#include <boost/test/unit_test.hpp>

#include "base/clock.hpp"

using namespace slwmi;

BOOST_AUTO_TEST_SUITE(datetime)

BOOST_AUTO_TEST_CASE(file_times_print_as_cim_datetimes_and_iso_8601) {
  struct Row {
    const char* why;
    std::uint64_t ticks;
    const char* cim;
    const char* iso;
  };
  const Row rows[] = {
      {"none", 0, "16010101000000.000000-000", "1601-01-01T00:00:00Z"},
      {"Unix epoch", 116444736000000000u, "19700101000000.000000-000", "1970-01-01T00:00:00Z"},
      {"the clock's start", 128488032000000000u, "20080301000000.000000-000",
       "2008-03-01T00:00:00Z"},
      {"a leap day", 128487167999999999u, "20080228235959.999999-000",
       "2008-02-28T23:59:59.9999999Z"},
      {"fraction without trailing zeros", 128488032005000000u, "20080301000000.500000-000",
       "2008-03-01T00:00:00.5Z"},
      {"the last one", kMaxFileTime.ticks, "99991231235959.999999-000",
       "9999-12-31T23:59:59.9999999Z"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.why) {
      const FileTime time{row.ticks};
      BOOST_TEST(format_cim_datetime(time) == row.cim);
      BOOST_TEST(format_iso8601(time) == row.iso);
      BOOST_TEST((parse_iso8601(row.iso).value() == time));
      const auto cim = parse_cim_datetime(row.cim).value();
      BOOST_TEST(cim.time.value().ticks == row.ticks - row.ticks % 10);
      BOOST_TEST((from_civil(to_civil(time)) == time));
    }
  }
  BOOST_TEST((to_civil(FileTime{~0ull}) == to_civil(kMaxFileTime)));
}

BOOST_AUTO_TEST_CASE(an_offset_shows_local_time) {
  const FileTime time{128488032000000000u};
  BOOST_TEST(format_cim_datetime(time, 0) == "20080301000000.000000+000");
  BOOST_TEST(format_cim_datetime(time, 60) == "20080301010000.000000+060");
  BOOST_TEST(format_cim_datetime(time, -480) == "20080229160000.000000-480");
  BOOST_TEST(format_cim_datetime(FileTime{0}, -60) == "16010101000000.000000-060");
  BOOST_TEST(format_cim_datetime(kMaxFileTime, 60) == "99991231235959.999999+060");
  BOOST_TEST((parse_cim_datetime("20080301010000.000000+060").value().time == time));
  BOOST_TEST(parse_cim_datetime("20080229160000.000000-480").value().utc_offset == -480);
  // The last moment, in the zone where its local time is the least.
  BOOST_TEST((parse_cim_datetime("99991231115959.999999-720").value().time ==
              FileTime{kMaxFileTime.ticks - kMaxFileTime.ticks % 10}));
}

BOOST_AUTO_TEST_CASE(intervals_keep_days_and_time) {
  struct Row {
    const char* text;
    std::int64_t microseconds;
  };
  const Row rows[] = {
      {"00000000000000.000000:000", 0},
      {"00000012000000.000000:000", 12 * 86'400'000'000},
      {"00000001020304.000005:000", 93'784'000'005},
      {"20400006015750.100001:000", 1'762'560'525'470'100'001},  // more than a TickSpan holds
      {"99999999235959.999999:000", 8'639'999'999'999'999'999},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.text) {
      const auto parsed = parse_cim_datetime(row.text).value();
      BOOST_TEST(parsed.interval);
      BOOST_TEST(parsed.span.value().microseconds == row.microseconds);
      BOOST_TEST(format_cim_interval({row.microseconds}) == row.text);
    }
  }
  BOOST_TEST(format_cim_interval({-1}) == "00000000000000.000000:000");
}

BOOST_AUTO_TEST_CASE(wildcards_stand_for_whole_fields_or_last_digits) {
  for (const char* text : {"20080301******.******+***", "****0101000000.000000+000",
                           "20080301000000.12****-000", "00000001******.******:000"}) {
    BOOST_TEST_CONTEXT(text) {
      const auto parsed = parse_cim_datetime(text);
      BOOST_REQUIRE(parsed.has_value());
      BOOST_TEST(parsed->wildcards);
      BOOST_TEST(!parsed->time.has_value());
      BOOST_TEST(!parsed->span.has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(bad_cim_datetimes_are_refused_at_the_character) {
  struct Row {
    const char* why;
    const char* text;
    std::size_t offset;
  };
  const Row rows[] = {
      {"empty", "", 0},
      {"too short", "20080301", 8},
      {"too long", "20080301000000.000000+0000", 25},
      {"month 13", "20081301000000.000000+000", 4},
      {"no 30 February", "20080230000000.000000+000", 0},
      {"before 1601", "16001231000000.000000+000", 0},
      {"before 1601 by its offset", "16010101000000.000000+060", 0},
      {"after 9999 by its offset", "99991231235959.999999-720", 0},
      {"hour 24", "20080301240000.000000+000", 8},
      {"a blank", "2008030100000 .000000+000", 13},
      {"no dot", "20080301000000,000000+000", 14},
      {"half a wildcard", "200803**0*0000.000000+000", 9},
      {"digit after asterisk", "20080301000000.1*3000+000", 17},
      {"no sign", "20080301000000.000000 000", 21},
      {"interval with an offset", "00000001000000.000000:060", 22},
      {"interval hour 24", "00000001240000.000000:000", 8},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.why) {
      const auto parsed = parse_cim_datetime(row.text);
      BOOST_REQUIRE(!parsed.has_value());
      BOOST_TEST((parsed.error().code == HResult::kWbemEInvalidParameter));
      BOOST_TEST(parsed.error().at.value().offset == row.offset);
    }
  }
}

BOOST_AUTO_TEST_CASE(iso_8601_has_optional_parts) {
  const std::uint64_t day = 128488032000000000u;
  const std::uint64_t hour = 36'000'000'000u;
  struct Row {
    const char* text;
    std::uint64_t ticks;
  };
  const Row rows[] = {
      {"2008-03-01", day},
      {"2008-03-01T01:00", day + hour},
      {"2008-03-01 01:00:00", day + hour},
      {"2008-03-01T01:00:00+01:00", day},
      {"2008-02-29T23:30:00-0030", day},
      {"2008-03-01T00:00:00.0000001Z", day + 1},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.text) BOOST_TEST(parse_iso8601(row.text).value().ticks == row.ticks);
  }
  for (const char* bad : {"", "2008", "2008-3-1", "2008-03-01T", "2008-03-01T01", "2008-02-30",
                          "2008-03-01T25:00", "2008-03-01T00:00:00.Z", "2008-03-01Z"}) {
    BOOST_TEST_CONTEXT(bad) BOOST_TEST(!parse_iso8601(bad).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_manual_clock_moves_only_when_told) {
  ManualClock clock(FileTime{100});
  BOOST_TEST(clock.now().ticks == 100u);
  clock.advance(minutes(2));
  BOOST_TEST(clock.now().ticks == 1'200'000'100u);
  clock.set(FileTime{5});
  BOOST_TEST(clock.now().ticks == 5u);
  BOOST_TEST(whole_minutes(FileTime{1'200'000'100u} - FileTime{100}) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
