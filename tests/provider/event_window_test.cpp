#include "provider/event_window.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using Window = LogWindow<int>;

FileTime at(std::int64_t second) { return FileTime{} + seconds(second); }

std::string kept(const Window& window) {
  std::string out;
  for (const auto& item : window.kept())
    out += std::to_string(item.line) + "#" + std::to_string(item.number) + " ";
  return out;
}

BOOST_AUTO_TEST_SUITE(event_window)

BOOST_AUTO_TEST_CASE(the_oldest_entries_are_overwritten_and_numbers_go_on) {
  Window window({.max_size = 100, .retention = 0});
  for (int i = 1; i <= 4; ++i) BOOST_TEST(window.add(i, at(i), 30));
  BOOST_TEST(kept(window) == "2#2 3#3 4#4 ");
  BOOST_TEST(window.used() == 90u);
  BOOST_TEST(window.add(5, at(5), 70));
  BOOST_TEST(kept(window) == "4#4 5#5 ", "a large entry takes the room of several");
  BOOST_TEST(window.add(6, at(6), 0));
  BOOST_TEST(window.used() == 100u, "full to the last byte");
  BOOST_TEST(kept(window) == "4#4 5#5 6#6 ");
  BOOST_TEST(window.lost() == 0u);
}

BOOST_AUTO_TEST_CASE(a_log_keeps_one_entry_however_small_it_is) {
  Window window({.max_size = 0, .retention = 0});
  BOOST_TEST(window.add(1, at(1), 30));
  BOOST_TEST(window.add(2, at(2), 30));
  BOOST_TEST(kept(window) == "2#2 ");
}

BOOST_AUTO_TEST_CASE(without_overwriting_new_entries_are_lost_and_get_no_number) {
  Window window({.max_size = 100, .retention = LogLimits::kNever});
  for (int i = 1; i <= 5; ++i) BOOST_TEST(window.add(i, at(i), 30) == (i <= 3));
  BOOST_TEST(kept(window) == "1#1 2#2 3#3 ");
  BOOST_TEST(window.lost() == 2u);
  BOOST_TEST(window.add(6, at(6), 10), "what fits is still taken");
  BOOST_TEST(window.last() == 4u);
  window.clear();
  BOOST_TEST(window.add(7, at(7), 30));
  BOOST_TEST(kept(window) == "7#5 ", "a cleared log counts on");
}

BOOST_AUTO_TEST_CASE(entries_are_safe_until_they_are_as_old_as_the_retention_says) {
  Window window({.max_size = 60, .retention = 100});
  BOOST_TEST(window.add(1, at(0), 30));
  BOOST_TEST(window.add(2, at(50), 30));
  BOOST_TEST(!window.add(3, at(99), 30), "nothing is 100 seconds old");
  BOOST_TEST(window.add(4, at(100), 30), "the first is");
  BOOST_TEST(!window.add(5, at(149), 30));
  BOOST_TEST(window.add(6, at(150), 30));
  BOOST_TEST(kept(window) == "4#3 6#4 ");
  BOOST_TEST(window.lost() == 2u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_went_back_makes_nothing_old) {
  Window window({.max_size = 30, .retention = 100});
  BOOST_TEST(window.add(1, at(500), 30));
  BOOST_TEST(!window.add(2, at(100), 30));
  BOOST_TEST(window.add(3, at(600), 30));
}

BOOST_AUTO_TEST_CASE(the_limits_come_from_the_registry_and_have_defaults) {
  test::TestMachine machine;
  for (const EventLog log : {EventLog::kApplication, EventLog::kKeyManagementService}) {
    BOOST_TEST((read_limits(machine.view(), log) == LogLimits{}));
  }
  BOOST_TEST(LogLimits{}.max_size == 20'971'520u);
  machine.set(log_key(EventLog::kKeyManagementService), "MaxSize", reg::make_dword(65536));
  machine.set(log_key(EventLog::kKeyManagementService), "Retention",
              reg::make_dword(LogLimits::kNever));
  machine.set(log_key(EventLog::kApplication), "MaxSize", reg::make_sz("65536"));
  const LogLimits kms = read_limits(machine.view(), EventLog::kKeyManagementService);
  BOOST_TEST(kms.max_size == 65536u);
  BOOST_TEST(kms.retention == LogLimits::kNever);
  BOOST_TEST((read_limits(machine.view(), EventLog::kApplication) == LogLimits{}),
             "a wrong type counts not");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
