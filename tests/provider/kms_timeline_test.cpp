// A KMS client through its half-year, act by act: what next_act says is done by Service::act, as a
// machine does that is left alone. The timers alone are in kms_client_test.cpp.
#include <boost/test/unit_test.hpp>

#include "provider/kms_service.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using H = HResult;
using test::kStart;
using test::TestMachine;

constexpr std::int64_t kHour = 60, kDay = 24 * kHour;

// One KMS host with the default intervals, which is there or not.
class OneHost final : public Network {
 public:
  Result<> activate_online(const ActivationRequest&) override { return gone(); }
  Result<std::vector<KmsRecord>> find_kms() override {
    ++lookups;
    return std::vector<KmsRecord>{{"kms.contoso.com", 1688, 9}};
  }
  Result<KmsAnswer> ask_kms(const KmsServer&, const kms::Question& question) override {
    asked.push_back(question);
    if (!up) return gone();
    KmsAnswer out;
    out.pid = "pid";
    out.reply.code = H::kSOk;
    out.reply.processed = true;
    out.reply.count = count;
    out.reply.activation_interval = activation_interval;
    out.reply.renewal_interval = 10080;
    return out;
  }
  Result<> register_kms(const Publication&) override { return {}; }
  bool has_internet() override { return false; }
  Result<Verdict> validate(std::string_view, ProductKey) override { return gone(); }

  bool up = true;
  std::uint32_t count = 25;
  std::uint32_t activation_interval = 120;
  int lookups = 0;
  std::vector<kms::Question> asked;

 private:
  static tl::unexpected<Error> gone() { return fail(H::kRpcSServerUnavailable, "nobody answers"); }
};

struct Client : TestMachine {
  explicit Client(std::string os = "vista-sp1") : TestMachine({std::move(os), "kms-client", {}}) {
    host.network = &net;
  }
  std::optional<FileTime> due() {
    const reg::HiveView now = view();
    return next_act(host, MachineState::read(host, now), now, clock.now());
  }
  // Does everything that is due until so many minutes after its installation.
  void live(std::int64_t until) {
    for (;;) {
      const auto next = due();
      if (!next || *next >= kStart + minutes(until)) break;
      clock.set(*next);
      BOOST_TEST_REQUIRE(service().act().has_value());
    }
    clock.set(kStart + minutes(until));
  }
  // Minutes after the installation at which it asked, since the last call.
  std::vector<std::int64_t> times() {
    std::vector<std::int64_t> out;
    for (const kms::Question& question : std::exchange(net.asked, {}))
      out.push_back(whole_minutes(question.client_time - kStart));
    return out;
  }
  OneHost net;
};

#define SAME(a, b) BOOST_TEST((a) == (b), boost::test_tools::per_element())
using Times = std::vector<std::int64_t>;

BOOST_AUTO_TEST_SUITE(kms_timeline)

BOOST_AUTO_TEST_CASE(a_client_below_the_threshold_tries_every_two_hours_and_then_weekly) {
  Client m;
  m.net.count = 24;
  m.live(6 * kHour);
  SAME(m.times(), (Times{0, 120, 240}));
  BOOST_TEST(m.status().status == LicenseStatus::kOobGrace);
  m.net.count = 25;
  m.live(22 * kDay);
  SAME(m.times(), (Times{360, 360 + 7 * kDay, 360 + 14 * kDay, 360 + 21 * kDay}));
  BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
  BOOST_TEST(m.net.lookups == 1, "the host that was found is asked from then on");
}

BOOST_AUTO_TEST_CASE(the_hosts_intervals_replace_those_of_the_registry) {
  Client m;
  m.set(paths::kSl, "VLActivationInterval", reg::make_dword(30));
  m.net.up = false;
  m.live(90);
  SAME(m.times(), (Times{0, 30, 60}));
  m.net.up = true;
  m.net.count = 1;
  m.net.activation_interval = 45;
  m.live(190);
  SAME(m.times(), (Times{90, 135, 180}));
  BOOST_TEST(m.text("SoftwareLicensingService", "VLActivationInterval") == "45");
  BOOST_TEST(m.value(paths::kSl, "VLActivationInterval") == "30");
}

BOOST_AUTO_TEST_CASE(a_renewal_that_fails_is_tried_again_in_15_minutes_and_every_two_hours) {
  Client m;
  m.live(7 * kDay);
  SAME(m.times(), (Times{0}));
  m.net.up = false;
  m.live(7 * kDay + 5 * kHour);
  const std::int64_t week = 7 * kDay;
  SAME(m.times(), (Times{week, week + 15, week + 135, week + 255}));
  BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
  m.net.up = true;
  m.live(8 * kDay);
  SAME(m.times(), (Times{week + 375}));
  BOOST_TEST(m.status().remaining == kKmsValidityMinutes - (kDay - 375));
}

BOOST_AUTO_TEST_CASE(a_client_without_a_host_expires_to_the_minute_and_recovers) {
  const struct {
    const char* os;
    LicenseStatus at_the_end;
  } kRows[] = {
      {"vista-rtm", LicenseStatus::kUnlicensed},  // reduced functionality
      {"vista-sp1", LicenseStatus::kNotification},
      {"2008", LicenseStatus::kNotification},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.os) {
      Client m(row.os);
      m.live(1);
      m.net.up = false;
      const std::int64_t end = 180 * kDay, over = end + 30 * kDay;
      m.live(end - 1);
      BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
      BOOST_TEST(m.status().remaining == 1u);
      m.live(end);
      BOOST_TEST(m.status().status == LicenseStatus::kOotGrace);
      BOOST_TEST(m.status().remaining == kGraceMinutes);
      m.live(over - 1);
      BOOST_TEST(m.status().status == LicenseStatus::kOotGrace);
      m.live(over);
      BOOST_TEST(m.status().status == row.at_the_end);
      BOOST_TEST(m.status().reason == H::kSlEGraceTimeExpired);
      m.times();
      m.live(over + 200 * kDay);
      BOOST_TEST(m.times().size() == 200u * 12u);  // it never stops trying
      m.net.up = true;
      m.live(over + 200 * kDay + 120);
      BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
    }
  }
}

BOOST_AUTO_TEST_CASE(hardware_out_of_tolerance_is_cured_by_a_restart_or_the_next_attempt) {
  for (const bool restart : {true, false}) {
    Client m;
    m.live(30);
    Event changed;
    changed.kind = EventKind::kHardwareChanged;
    BOOST_TEST(m.service().happened(changed).has_value());
    BOOST_TEST(m.status().status == LicenseStatus::kOotGrace);
    BOOST_TEST(m.status().reason == H::kSlIOotGracePeriod);
    m.times();
    if (restart) BOOST_TEST(m.service().restarted().has_value());
    m.live(119);
    SAME(m.times(), (restart ? Times{30} : Times{}));
    BOOST_TEST((m.status().status == LicenseStatus::kLicensed) == restart);
    m.live(121);
    SAME(m.times(), (restart ? Times{} : Times{120}));
    BOOST_TEST(m.status().status == LicenseStatus::kLicensed);
  }
}

BOOST_AUTO_TEST_CASE(Manual_leaves_the_first_activation_to_people) {
  Client m;
  m.set(paths::kActivation, "Manual", reg::make_dword(1));
  m.live(10 * kDay);
  SAME(m.times(), Times{});
  BOOST_TEST(m.call("SoftwareLicensingProduct", "Activate") == H::kSOk);
  m.live(25 * kDay);
  SAME(m.times(), (Times{10 * kDay, 17 * kDay, 24 * kDay}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
