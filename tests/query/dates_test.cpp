// The documented date and time forms of WQL literals.
#include "query/dates.hpp"

#include <boost/test/unit_test.hpp>

using namespace slwmi;

BOOST_AUTO_TEST_SUITE(wql_dates)

struct Row {
  const char* text;
  const char* iso;  // nullptr: no date
};

const Row kRows[] = {
    {"January 21, 1932", "1932-01-21T00:00:00Z"},
    {"January 21, 32", "1932-01-21T00:00:00Z"},
    {"Jan 21 1932", "1932-01-21T00:00:00Z"},
    {"Jan 21 32", "1932-01-21T00:00:00Z"},
    {"January 1932", "1932-01-01T00:00:00Z"},
    {"Jan, 1932", "1932-01-01T00:00:00Z"},
    {"January 1932 21", "1932-01-21T00:00:00Z"},
    {"Jan 32 21", "1932-01-21T00:00:00Z"},
    {"21 January, 1932", "1932-01-21T00:00:00Z"},
    {"21 Jan32", "1932-01-21T00:00:00Z"},
    {"21 1932 January", "1932-01-21T00:00:00Z"},
    {"1932 January 21", "1932-01-21T00:00:00Z"},
    {"1932 Jan", "1932-01-01T00:00:00Z"},
    {"1932 21 January", "1932-01-21T00:00:00Z"},
    {"3/1/2008", "2008-03-01T00:00:00Z"},
    {"21/1/2008", "2008-01-21T00:00:00Z"},
    {"3-2008-21", "2008-03-21T00:00:00Z"},
    {"21.2008.3", "2008-03-21T00:00:00Z"},
    {"2008-03-21", "2008-03-21T00:00:00Z"},
    {"2008/21/03", "2008-03-21T00:00:00Z"},
    {"1/2/08", "2008-01-02T00:00:00Z"},
    {"080321", "2008-03-21T00:00:00Z"},
    {"20080321", "2008-03-21T00:00:00Z"},
    {"2008", "2008-01-01T00:00:00Z"},
    {"2008-03-01 13:14:15:250", "2008-03-01T13:14:15.25Z"},
    {"3/1/2008 4 PM", "2008-03-01T16:00:00Z"},
    {"3/1/2008 3:23", "2008-03-01T03:23:00Z"},
    {"3/1/2008 3:23 AM", "2008-03-01T03:23:00Z"},
    {"3/1/2008 12:00:30AM", "2008-03-01T00:00:30Z"},
    {"Jan 21 1932 3:23:00PM", "1932-01-21T15:23:00Z"},
    {"", nullptr},
    {"x", nullptr},
    {"3/1-2008", nullptr},
    {"13/13/2008", nullptr},
    {"3:23", nullptr},
    {"Feb 30 2008", nullptr},
    {"3/1/2008 25:00", nullptr},
    {"3/1/2008 13 PM", nullptr},
    {"Jan", nullptr},
    {"3/1/2008 ", nullptr},
    {"1,2,3", nullptr},
    {"3/1/2008 4", nullptr},
};

BOOST_AUTO_TEST_CASE(reads_each_documented_form_and_nothing_else) {
  for (const Row& row : kRows) BOOST_TEST_CONTEXT(row.text) {
      const auto time = wql::parse_date_literal(row.text);
      BOOST_TEST(time.has_value() == (row.iso != nullptr));
      if (time && row.iso != nullptr) BOOST_TEST(format_iso8601(*time) == row.iso);
    }
}

BOOST_AUTO_TEST_SUITE_END()
