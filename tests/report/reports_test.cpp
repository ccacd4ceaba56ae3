// The six reports of VA2's Table 3 over logs that the tests write, number by number.
#include "report/reports.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/report/lab.hpp"

using namespace slwmi;
using namespace slwmi::report;
using namespace slwmi::report::test;
using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LicenseStatus;

namespace {

Report made(const Lab& lab, std::string_view name, std::vector<std::string> hosts = {}) {
  const Warehouse warehouse = must(Warehouse::read(*lab.world, {std::move(hosts)}));
  return make_report(*must(find_kind(name)), warehouse);
}

// "Enterprise 1 2 | Business 0 1".
std::string shown(const Table& table) {
  std::string out;
  for (const auto& row : table.rows) {
    if (!out.empty()) out += " | ";
    std::string line;
    for (const Value& value : row) line += (line.empty() ? "" : " ") + to_text(value);
    out += line;
  }
  return out;
}

const Series& series(const Chart& chart, std::string_view name) {
  for (const Series& each : chart.series)
    if (each.name == name) return each;
  BOOST_FAIL("no series " << name);
  return chart.series.front();
}

std::uint64_t sum(const Series& series) {
  std::uint64_t out = 0;
  for (const std::uint64_t value : series.values) out += value;
  return out;
}

std::uint64_t figure(const Report& report, std::string_view label) {
  for (const Figure& each : report.figures)
    if (each.label == label) return each.value;
  BOOST_FAIL("no figure " << label);
  return 0;
}

constexpr std::string_view kEnterprise = "Windows(TM) Vista, Enterprise edition";
constexpr std::string_view kBusiness = "Windows(TM) Vista, Business edition";

}  // namespace

BOOST_AUTO_TEST_SUITE(reports)

BOOST_AUTO_TEST_CASE(the_outcome_of_a_request_follows_from_what_both_sides_logged) {
  const Lab lab;
  KmsExchange lost = lab.granted(2, kStart);
  lost.parts = static_cast<std::uint8_t>(ExchangePart::kRequested) |
               static_cast<std::uint8_t>(ExchangePart::kServed);
  struct {
    const char* why;
    KmsExchange exchange;
    Outcome outcome;
  } const kCases[] = {
      {"a client in grace is licensed", lab.granted(2, kStart), Outcome::kNew},
      {"a licensed client renews", lab.granted(2, kStart, LicenseStatus::kLicensed),
       Outcome::kRenewal},
      {"an expired client is licensed", lab.granted(2, kStart, LicenseStatus::kOotGrace),
       Outcome::kNew},
      {"the count is too low", lab.too_few(2, kStart, 3, 100), Outcome::kTooFew},
      {"the answer is lost", lost, Outcome::kUnanswered},
      {"the host refuses", lab.refused(2, kStart, HResult::kSlEVlKeyManagementServiceNotActivated),
       Outcome::kRefused},
  };
  for (const auto& c : kCases)
    BOOST_TEST_CONTEXT(c.why) BOOST_TEST((outcome_of(c.exchange) == c.outcome));
}

BOOST_AUTO_TEST_CASE(what_a_client_is_follows_from_its_last_contact) {
  using S = LicenseStatus;
  const FileTime t = kStart;
  struct {
    const char* why;
    Client client;
    FileTime now;
    LicenseStatus status;
    FileTime until;
  } const kCases[] = {
      {"granted: 180 days",
       {.seen = t, .activated = t, .minutes = 7, .status = S::kOobGrace, .granted = true},
       t + days(179),
       S::kLicensed,
       t + days(180)},
      {"then 30 days of grace",
       {.seen = t, .activated = t, .status = S::kOobGrace, .granted = true},
       t + days(180),
       S::kOotGrace,
       t + days(210)},
      {"then without functions",
       {.seen = t, .activated = t, .status = S::kOobGrace, .granted = true},
       t + days(210),
       S::kUnlicensed,
       {}},
      {"or with notices",
       {.seen = t, .activated = t, .status = S::kOobGrace, .granted = true, .notifies = true},
       t + days(210),
       S::kNotification,
       {}},
      {"a renewal that failed leaves what the client said",
       {.seen = t + days(7), .activated = t, .minutes = 173 * 1440, .status = S::kLicensed},
       t + days(8),
       S::kLicensed,
       t + days(180)},
      {"granted, and in the same minute without an answer: what the client said",
       {.seen = t, .activated = t, .minutes = 43'200, .status = S::kOotGrace},
       t + days(1),
       S::kOotGrace,
       t + days(30)},
      {"a grant does not make a client genuine",
       {.seen = t,
        .activated = t,
        .minutes = 1440,
        .status = S::kNonGenuineGrace,
        .granted = true,
        .non_genuine = true},
       t + hours(23),
       S::kNonGenuineGrace,
       t + days(1)},
      {"nor one that notifies for that",
       {.seen = t,
        .activated = t,
        .status = S::kNotification,
        .granted = true,
        .non_genuine = true,
        .notifies = true},
       t + days(9),
       S::kNotification,
       {}},
      {"never granted: its own grace",
       {.seen = t, .minutes = 1440, .status = S::kOobGrace},
       t + hours(23),
       S::kOobGrace,
       t + days(1)},
      {"which ends",
       {.seen = t, .minutes = 1440, .status = S::kOobGrace},
       t + days(1),
       S::kUnlicensed,
       {}},
      {"a clock that was set back gives a licence no more than 180 days",
       {.seen = t, .activated = t, .status = S::kOobGrace, .granted = true},
       t - days(29),
       S::kLicensed,
       t + days(151)},
      {"and a grace period no more than 30",
       {.seen = t, .minutes = 25 * 1440, .status = S::kOobGrace},
       t - days(29),
       S::kOobGrace,
       t + days(1)},
      {"unlicensed stays", {.seen = t, .status = S::kUnlicensed}, t + days(9), S::kUnlicensed, {}},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      const ClientState state = state_at(c.client, c.now);
      BOOST_TEST((state.status == c.status));
      BOOST_TEST((state.until == c.until));
    }
  }
}

// covers: Activation Count Summary
BOOST_AUTO_TEST_CASE(activation_count_summary_counts_grants_in_ranges) {
  Lab lab;
  const auto pc = lab.clients(3);
  const FileTime now = kStart + days(400);
  lab.clock(now);
  KmsExchange business = lab.granted(pc[2], now - days(100));
  business.product = kVistaBusiness;
  lab.log(std::vector{lab.granted(pc[0], now - days(399)),
                      lab.granted(pc[0], now - days(200), LicenseStatus::kLicensed), business,
                      lab.granted(pc[0], now - days(20), LicenseStatus::kLicensed),
                      lab.too_few(pc[1], now - days(2), 3, 100),  // no activation
                      lab.granted(pc[1], now - days(1)),  // not within the past day any more
                      lab.granted(pc[0], now - minutes(1), LicenseStatus::kLicensed)});
  const Report report = made(lab, "activation-count-summary");
  BOOST_TEST(shown(report.table) == std::string(kBusiness) + " 0 0 0 0 1 1 1 | " +
                                        std::string(kEnterprise) +
                                        " 1 2 3 3 3 4 5 | All editions 1 2 3 3 4 5 6");
  BOOST_TEST(figure(report, "activations ever") == 6u);
  BOOST_TEST(figure(report, "of these first ones") == 3u);
  BOOST_TEST_REQUIRE(report.charts.size() == 1u);
  BOOST_TEST(report.charts[0].category_label == "week that begins");
  BOOST_TEST(report.charts[0].categories.front() == "2008-03-02");
  BOOST_TEST(sum(series(report.charts[0], kEnterprise)) == 5u);
  BOOST_TEST(sum(series(report.charts[0], kBusiness)) == 1u);
}

// VA2, Table 3: the state is that of each client, and a grant does not end that of a validation.
BOOST_AUTO_TEST_CASE(clients_that_are_not_genuine_stay_so_in_the_reports) {
  using S = LicenseStatus;
  Lab lab;
  const auto pcs = lab.clients(3);
  const auto at_day = [](int day) { return kStart + days(day); };
  lab.log(std::vector{
      // In grace after a validation, granted every day, then over; then genuine again.
      lab.granted(pcs[0], at_day(1)), lab.granted(pcs[0], at_day(2), S::kNonGenuineGrace),
      lab.granted(pcs[0], at_day(3), S::kNotification),
      // Without grace: granted again and again, and notifies.
      lab.granted(pcs[1], at_day(1), S::kLicensed),
      lab.granted(pcs[1], at_day(2), S::kNotification),
      lab.granted(pcs[1], at_day(3), S::kNotification),
      // One whose grace was over before it was granted is licensed by that.
      lab.granted(pcs[2], at_day(3), S::kNotification)});
  lab.clock(at_day(3) + hours(1));
  const auto states = [&] {
    std::vector<S> out;
    const Warehouse read = must(Warehouse::read(*lab.world, {}));
    for (const Client& client : read.clients()) out.push_back(state_at(client, at_day(4)).status);
    return out;
  };
  BOOST_TEST((states() == std::vector<S>{S::kNotification, S::kNotification, S::kLicensed}));
  const Warehouse warehouse = must(Warehouse::read(*lab.world, {}));
  const Outcomes& ever = warehouse.products().at(kVistaEnterprise).ranges.back();
  BOOST_TEST(ever[Outcome::kNew] == 3u);  // the second until it says so again
  BOOST_TEST(ever[Outcome::kRenewal] == 4u);
  lab.log(lab.granted(pcs[0], at_day(3) + minutes(30), S::kLicensed));
  BOOST_TEST((states() == std::vector<S>{S::kLicensed, S::kNotification, S::kLicensed}));
}

// covers: Virtual Machine Summary
BOOST_AUTO_TEST_CASE(virtual_machine_summary_counts_computers_of_14_days_once) {
  Lab lab;
  const auto pc = lab.clients(4);
  const FileTime now = kStart + days(40);
  lab.clock(now);
  KmsExchange in_vm = lab.granted(pc[1], now - days(13));
  in_vm.set(ExchangePart::kVirtualMachine);
  lab.log(std::vector{lab.granted(pc[0], now - days(10)), in_vm,
                      lab.granted(pc[2], now - days(14)),         // a moment too early
                      lab.too_few(pc[3], now - days(1), 3, 100),  // not activated
                      lab.granted(pc[0], now - days(3), LicenseStatus::kLicensed)});
  const Report report = made(lab, "virtual-machine-summary");
  BOOST_TEST(shown(report.table) == std::string(kEnterprise) + " 1 1 2");
  BOOST_TEST(figure(report, "virtual machines") == 1u);
}

// covers: KMS Activity Summary
BOOST_AUTO_TEST_CASE(kms_activity_summary_is_of_the_past_day_and_of_the_hosts_that_were_chosen) {
  Lab lab;
  const auto pc = lab.clients(3);
  const std::uint32_t second = lab.add({.name = "KMS2", .os = "2008", .role = "kms-host"});
  const FileTime now = kStart + days(3);
  lab.clock(now);
  KmsExchange elsewhere = lab.granted(pc[2], now - hours(2));
  elsewhere.host = second;
  lab.log(std::vector{
      lab.granted(pc[0], now - hours(25)),  // before
      lab.granted(pc[0], now - hours(23), LicenseStatus::kLicensed),
      lab.granted(pc[1], now - hours(1)), lab.too_few(pc[1], now - hours(3), 4, 100),
      lab.refused(pc[1], now - hours(4), HResult::kSlEVlKeyManagementServiceNotActivated),
      elsewhere});
  const Report all = made(lab, "kms-activity-summary");
  BOOST_TEST(shown(all.table) == std::string(kEnterprise) + " KMS1.contoso.com 1 1 1 0 1 2 | " +
                                     std::string(kEnterprise) + " KMS2.contoso.com 1 0 0 0 0 1");
  BOOST_TEST(figure(all, "new activations") == 2u);
  BOOST_TEST(series(all.charts[0], "New activations").values[22] == 2u - 1u);
  BOOST_TEST(series(all.charts[0], "Renewals").values[0] == 1u);
  BOOST_TEST(all.charts[0].categories.size() == 24u);

  const Report one = made(lab, "kms-activity-summary", {"kms2"});
  BOOST_TEST(shown(one.table) == std::string(kEnterprise) + " KMS2.contoso.com 1 0 0 0 0 1");
  const auto unknown = Warehouse::read(*lab.world, {{"PC1"}});
  BOOST_TEST_REQUIRE(!unknown.has_value());
  BOOST_TEST((unknown.error().code == HResult::kErrorNotFound));
}

// covers: Licensing Status Summary
BOOST_AUTO_TEST_CASE(licensing_status_summary_lists_every_client_the_most_urgent_first) {
  Lab lab;
  const auto pc = lab.clients(4);
  const FileTime now = kStart + days(190);
  lab.clock(now);
  lab.log(std::vector{lab.granted(pc[0], kStart), lab.granted(pc[1], now - days(20)),
                      lab.too_few(pc[2], now - days(1), 3, 10 * 1440),
                      lab.too_few(pc[3], now - days(20), 3, 10 * 1440)});
  const Report report = made(lab, "licensing-status-summary");
  const std::string e(kEnterprise);
  BOOST_TEST(shown(report.table) ==
             "PC4.contoso.com " + e + " Notification   2008-08-18T00:00:00Z KMS1.contoso.com | " +
                 "PC3.contoso.com " + e +
                 " Initial grace (OOB) 9 2008-09-16T00:00:00Z 2008-09-06T00:00:00Z "
                 "KMS1.contoso.com | PC1.contoso.com " +
                 e +
                 " Additional grace (OOT) 20 2008-09-27T00:00:00Z 2008-03-01T00:00:00Z "
                 "KMS1.contoso.com | PC2.contoso.com " +
                 e + " Licensed 160 2009-02-14T00:00:00Z 2008-08-18T00:00:00Z KMS1.contoso.com");
  BOOST_TEST(figure(report, "Licensed") == 1u);
  BOOST_TEST(series(report.charts[0], "Licensed").values[10] == 1u);  // 151-165
  BOOST_TEST(series(report.charts[0], "Additional grace (OOT)").values[1] == 1u);
}

BOOST_AUTO_TEST_CASE(clients_without_grace_notify_or_lose_functions_by_their_system) {
  Lab lab;
  const auto pc = lab.clients(1);
  const std::uint32_t old = lab.add({.name = "OLD1", .os = "vista-rtm"});
  const FileTime now = kStart + days(40);
  lab.clock(now);
  lab.log(std::vector{lab.too_few(pc[0], now - days(20), 3, 10 * 1440),
                      lab.too_few(old, now - days(20), 3, 10 * 1440)});
  const Table table = made(lab, "licensing-status-summary").table;
  BOOST_TEST_REQUIRE(table.rows.size() == 2u);
  BOOST_TEST(to_text(table.rows[0][0]) + " " + to_text(table.rows[0][2]) ==
             "OLD1.contoso.com Unlicensed");
  BOOST_TEST(to_text(table.rows[1][0]) + " " + to_text(table.rows[1][2]) ==
             "PC1.contoso.com Notification");
}

BOOST_AUTO_TEST_CASE(what_is_dated_after_now_is_of_no_range_of_time) {
  Lab lab;
  const auto pc = lab.clients(1);
  const FileTime now = kStart + days(3);
  // The clock was set back between the two: the second is the later entry of the earlier time.
  lab.log(
      std::vector{lab.granted(pc[0], now + days(7)), lab.too_few(pc[0], now - hours(12), 3, 100)});
  lab.clock(now);
  BOOST_TEST(shown(made(lab, "activation-count-summary").table) ==
             std::string(kEnterprise) + " 0 0 0 0 0 0 1");
  BOOST_TEST(shown(made(lab, "kms-activity-summary").table) ==
             std::string(kEnterprise) + " KMS1.contoso.com 0 0 1 0 0 1");
  BOOST_TEST(shown(made(lab, "virtual-machine-summary").table).empty());
  const Table status = made(lab, "licensing-status-summary").table;
  BOOST_TEST(to_text(status.rows.at(0)[2]) == "Licensed", "the contact of the latest time counts");
}

BOOST_AUTO_TEST_CASE(columns_over_time_are_days_or_whole_weeks) {
  const struct {
    std::int64_t days;
    const char* label;
    std::size_t columns;
  } kCases[] = {
      {59, "day", 60},
      {60, "week that begins", 9},
      {419, "week that begins", 60},
      {420, "2 weeks that begin", 31},
      {900, "3 weeks that begin", 43},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.days) {
      Lab lab;
      const auto pc = lab.clients(1);
      lab.log(lab.granted(pc[0], kStart));
      lab.clock(kStart + days(c.days));
      const Chart chart = made(lab, "activation-count-summary").charts.at(0);
      BOOST_TEST(chart.category_label == c.label);
      BOOST_TEST(chart.categories.size() == c.columns);
      BOOST_TEST(sum(series(chart, kEnterprise)) == 1u);
    }
  }
}

// covers: Machine Expiration Chart, Machine Expiration Detail
BOOST_AUTO_TEST_CASE(machine_expiration_counts_what_may_become_unlicensed) {
  Lab lab;
  const auto pc = lab.clients(5);
  const FileTime now = kStart + days(190);
  lab.clock(now);
  KmsExchange not_genuine = lab.too_few(pc[3], now - hours(1), 3, 29 * 1440);
  not_genuine.status = static_cast<std::uint8_t>(LicenseStatus::kNonGenuineGrace);
  lab.log(std::vector{lab.granted(pc[0], kStart),            // additional grace, 20 days
                      lab.granted(pc[1], now - days(20)),    // licensed
                      lab.too_few(pc[2], now, 3, 7 * 1440),  // the last minute of 7 days
                      not_genuine, lab.too_few(pc[4], now, 3, 7 * 1440 + 1)});
  const Report chart = made(lab, "machine-expiration-chart");
  BOOST_TEST(shown(chart.table) ==
             "Initial grace (OOB) 2 1 2 | Additional grace (OOT) 1 0 1 | Non-genuine grace 1 0 1");
  BOOST_TEST(series(chart.charts[0], "Initial grace (OOB)").values[6] == 1u);
  BOOST_TEST(series(chart.charts[0], "Initial grace (OOB)").values[7] == 1u);
  BOOST_TEST(series(chart.charts[0], "Additional grace (OOT)").values[19] == 1u);
  BOOST_TEST(series(chart.charts[0], "Non-genuine grace").values[28] == 1u);
  const Report detail = made(lab, "machine-expiration-detail");
  BOOST_TEST_REQUIRE(detail.table.rows.size() == 1u);
  BOOST_TEST(to_text(detail.table.rows[0][0]) == "PC3.contoso.com");
  BOOST_TEST(to_text(detail.table.rows[0][3]) == "7");
}

BOOST_AUTO_TEST_CASE(an_empty_world_has_empty_reports) {
  const Lab lab;
  for (const Kind& kind : kinds()) {
    BOOST_TEST_CONTEXT(kind.name) {
      const Report report = made(lab, kind.name);
      BOOST_TEST(report.title == kind.title);
      BOOST_TEST(report.table.columns.size() >= 4u);
      BOOST_TEST(report.table.rows.size() == (kind.name == "machine-expiration-chart" ? 3u : 0u));
    }
  }
}

BOOST_AUTO_TEST_CASE(history_outlives_the_logs_and_the_hosts) {
  Lab lab;
  const auto pc = lab.clients(2);
  lab.log(lab.granted(pc[0], kStart));
  must(must(lab.world->machine("KMS1")).clear_log(licensing::EventLog::kKeyManagementService));
  BOOST_TEST(must(must(lab.world->machine("KMS1"))
                      .events({.log = licensing::EventLog::kKeyManagementService}))
                 .empty());
  const std::string row = std::string(kEnterprise) + " 1 1 1 1 1 1 1";
  BOOST_TEST(shown(made(lab, "activation-count-summary").table) == row);
  must(lab.world->remove_machine("KMS1"));
  BOOST_TEST(shown(made(lab, "activation-count-summary").table) == row);
}

BOOST_AUTO_TEST_CASE(a_host_on_64_bit_vista_rtm_is_missing_until_a_custom_group_has_it) {
  Lab lab;
  const auto pc = lab.clients(2);
  const std::uint32_t rtm = lab.add({.name = "KMS2", .os = "vista-rtm", .role = "kms-host"});
  KmsExchange there = lab.granted(pc[1], kStart);
  there.host = rtm;
  lab.log(std::vector{lab.granted(pc[0], kStart), there});
  const auto computers = [&] {
    return figure(made(lab, "virtual-machine-summary"), "physical computers");
  };
  BOOST_TEST(computers() == 2u);
  lab.set_architecture("KMS2", "x86");
  BOOST_TEST(computers() == 2u);
  lab.make_sixty_four_bit("KMS2");
  BOOST_TEST(computers() == 1u);
  const Report report = made(lab, "virtual-machine-summary");
  BOOST_TEST_REQUIRE(report.notes.size() == 2u);
  BOOST_TEST(report.notes[0].find("KMS2.contoso.com runs 64-bit Windows Vista RTM") == 0u);
  BOOST_TEST(report.notes[1] == "1 request is missing for that reason.");

  must(add_to_custom_group(*lab.world, "KMS2"));
  BOOST_TEST(computers() == 2u);
  BOOST_TEST(made(lab, "virtual-machine-summary").notes.empty());
  const auto twice = add_to_custom_group(*lab.world, "name=KMS2");
  BOOST_TEST_REQUIRE(!twice.has_value());
  BOOST_TEST((twice.error().code == HResult::kErrorAlreadyExists));
  BOOST_TEST((must(custom_group(*lab.world)) == std::vector<std::string>{"KMS2"}));
  must(remove_from_custom_group(*lab.world, "KMS2"));
  BOOST_TEST(computers() == 1u);
  BOOST_TEST(
      (remove_from_custom_group(*lab.world, "KMS2").error().code == HResult::kErrorNotFound));

  lab.make_sixty_four_bit("KMS1");  // Server 2008: not concerned
  BOOST_TEST(computers() == 1u);
}

BOOST_AUTO_TEST_CASE(membership_follows_from_key_value_system_and_group) {
  struct {
    const char* why;
    HostFacts facts;
    Membership membership;
  } const kCases[] = {
      {"a KMS key", {.enabled = true}, Membership::kDiscovered},
      {"the value alone", {.has_version_value = true}, Membership::kDiscovered},
      {"neither any more", {}, Membership::kFormer},
      {"32-bit RTM", {.enabled = true, .vista_rtm = true}, Membership::kDiscovered},
      {"64-bit SP1", {.enabled = true, .sixty_four_bit = true}, Membership::kDiscovered},
      {"64-bit RTM",
       {.enabled = true, .vista_rtm = true, .sixty_four_bit = true},
       Membership::kNotFound},
      {"64-bit RTM in the group",
       {.enabled = true, .vista_rtm = true, .sixty_four_bit = true, .in_custom_group = true},
       Membership::kCustomGroup},
  };
  for (const auto& c : kCases)
    BOOST_TEST_CONTEXT(c.why) BOOST_TEST((membership_of(c.facts) == c.membership));
}

BOOST_AUTO_TEST_CASE(half_a_million_requests_stream_through) {
  Lab lab;
  const auto pc = lab.clients(100);
  constexpr int kRounds = 5, kPerRound = 100'000;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<KmsExchange> requests;
    requests.reserve(kPerRound);
    for (int i = 0; i < kPerRound; ++i) {
      const FileTime time = kStart + days(round * 30) + minutes(i / 10);
      requests.push_back(i % 10 == 0 ? lab.too_few(pc[i % 100], time, 3, 100)
                                     : lab.granted(pc[i % 100], time, LicenseStatus::kLicensed));
    }
    lab.log(requests);
  }
  lab.clock(kStart + days(180));
  const Report report = made(lab, "activation-count-summary");
  BOOST_TEST(figure(report, "activations ever") == std::uint64_t{kRounds} * kPerRound * 9 / 10);
  BOOST_TEST(sum(report.charts[0].series[0]) == std::uint64_t{kRounds} * kPerRound * 9 / 10);
  BOOST_TEST(made(lab, "licensing-status-summary").table.rows.size() == 100u);
}

BOOST_AUTO_TEST_CASE(a_report_is_found_by_name_and_by_title) {
  BOOST_TEST(must(find_kind("Machine expiration chart"))->name == "machine-expiration-chart");
  const auto none = find_kind("weekly");
  BOOST_TEST_REQUIRE(!none.has_value());
  BOOST_TEST(none.error().message.find("kms-activity-summary") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
