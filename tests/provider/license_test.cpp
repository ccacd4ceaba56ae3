// The licensing state machine, edge by edge and to the minute. Source: VA2 "Managing License
// States", Appendix 1 (LicenseStatus, GracePeriodRemaining, EvaluationEndDate) and Appendix 2.
#include "provider/license.hpp"

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"
#include "provider/client_id.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing {

namespace {

const FileTime kStart = time_of(214'000'000);  // some minute of 2007

FileTime after(std::int64_t n) { return kStart + minutes(n); }

Policy policy_of(Channel channel, bool notification = true) {
  Policy policy;
  policy.channel = channel;
  policy.notification = notification;
  return policy;
}

Event event(EventKind kind, bool granted = false) {
  Event out;
  out.kind = kind;
  out.granted = granted;
  return out;
}

Event key(std::uint16_t group, std::uint32_t serial) {
  Event out = event(EventKind::kKeyInstalled);
  out.key_group = group;
  out.key_serial = serial;
  return out;
}

Event kms_answer(bool granted) {
  Event out = event(EventKind::kKmsAnswered, granted);
  out.activation_interval = 30;
  out.renewal_interval = 60;
  return out;
}

License moved(License license, const Policy& policy, const Event& event, FileTime now) {
  const Step done = step(license, policy, event, now);
  BOOST_TEST_REQUIRE(!failed(done.result));
  return done.next;
}

// Installed at kStart with a key.
License installed(const Policy& policy) {
  return moved(moved({}, policy, event(EventKind::kInstalled), kStart), policy, key(7, 1), kStart);
}

constexpr std::int64_t kGrace = kGraceMinutes;
constexpr std::int64_t kKms = kKmsValidityMinutes;

// Lives that a row of the edge table starts from.
License in_grace(const Policy& p) { return installed(p); }
License no_key(const Policy& p) { return moved({}, p, event(EventKind::kInstalled), kStart); }
License mak(const Policy& p) {
  return moved(installed(p), p, event(EventKind::kActivated), kStart);
}
License kms(const Policy& p) { return moved(installed(p), p, kms_answer(true), kStart); }
License mak_out_of_tolerance(const Policy& p) {
  return moved(mak(p), p, event(EventKind::kHardwareChanged), kStart);
}
License kms_out_of_tolerance(const Policy& p) {
  return moved(kms(p), p, event(EventKind::kHardwareChanged), kStart);
}
License non_genuine(const Policy& p) {
  return moved(mak(p), p, event(EventKind::kMarkedNonGenuine, true), kStart);
}
License non_genuine_no_grace(const Policy& p) {
  return moved(mak(p), p, event(EventKind::kMarkedNonGenuine, false), kStart);
}
License tampered(const Policy& p) { return moved(mak(p), p, event(EventKind::kTampered), kStart); }

using enum LicenseStatus;
using H = HResult;

struct Edge {
  const char* why;
  License (*life)(const Policy&);
  bool notification;  // 6.0.6001 on
  std::int64_t minute;
  Status expected;
};

const Edge kEdges[] = {
    {"no key: unlicensed from the start",
     no_key,
     true,
     0,
     {kUnlicensed, H::kSlEPkeyNotInstalled, 0}},
    {"no key: still so after years",
     no_key,
     true,
     9 * kGrace,
     {kUnlicensed, H::kSlEPkeyNotInstalled, 0}},
    {"initial grace begins with 30 days",
     in_grace,
     true,
     0,
     {kOobGrace, H::kSlIOobGracePeriod, 43200}},
    {"initial grace after a minute", in_grace, true, 1, {kOobGrace, H::kSlIOobGracePeriod, 43199}},
    {"initial grace, last minute",
     in_grace,
     true,
     kGrace - 1,
     {kOobGrace, H::kSlIOobGracePeriod, 1}},
    {"initial grace over: notification",
     in_grace,
     true,
     kGrace,
     {kNotification, H::kSlEGraceTimeExpired, 0}},
    {"a minute later", in_grace, true, kGrace + 1, {kNotification, H::kSlEGraceTimeExpired, 0}},
    {"RTM, last minute", in_grace, false, kGrace - 1, {kOobGrace, H::kSlIOobGracePeriod, 1}},
    {"RTM: reduced functionality is Unlicensed",
     in_grace,
     false,
     kGrace,
     {kUnlicensed, H::kSlEGraceTimeExpired, 0}},
    {"RTM, a minute later", in_grace, false, kGrace + 1, {kUnlicensed, H::kSlEGraceTimeExpired, 0}},
    {"MAK activation is permanent", mak, true, 99 * kKms, {kLicensed, H::kSOk, 0}},
    {"KMS activation begins with 180 days",
     kms,
     true,
     0,
     {kLicensed, H::kSlEVlInfoProductUserRight, 259200}},
    {"KMS, last minute", kms, true, kKms - 1, {kLicensed, H::kSlEVlInfoProductUserRight, 1}},
    {"KMS over: out-of-tolerance grace",
     kms,
     true,
     kKms,
     {kOotGrace, H::kSlIOotGracePeriod, 43200}},
    {"KMS over, a minute later", kms, true, kKms + 1, {kOotGrace, H::kSlIOotGracePeriod, 43199}},
    {"KMS grace, last minute", kms, true, kKms + kGrace - 1, {kOotGrace, H::kSlIOotGracePeriod, 1}},
    {"KMS grace over", kms, true, kKms + kGrace, {kNotification, H::kSlEGraceTimeExpired, 0}},
    {"KMS grace over, a minute later",
     kms,
     true,
     kKms + kGrace + 1,
     {kNotification, H::kSlEGraceTimeExpired, 0}},
    {"KMS grace over on RTM", kms, false, kKms + kGrace, {kUnlicensed, H::kSlEGraceTimeExpired, 0}},
    {"hardware change", mak_out_of_tolerance, true, 0, {kOotGrace, H::kSlIOotGracePeriod, 43200}},
    {"hardware change, last minute",
     mak_out_of_tolerance,
     true,
     kGrace - 1,
     {kOotGrace, H::kSlIOotGracePeriod, 1}},
    {"hardware change, grace over",
     mak_out_of_tolerance,
     true,
     kGrace,
     {kNotification, H::kSlEOutOfTolerance, 0}},
    {"hardware change, a minute later",
     mak_out_of_tolerance,
     true,
     kGrace + 1,
     {kNotification, H::kSlEOutOfTolerance, 0}},
    {"hardware change, over on RTM",
     mak_out_of_tolerance,
     false,
     kGrace,
     {kUnlicensed, H::kSlEOutOfTolerance, 0}},
    {"hardware change of a KMS client",
     kms_out_of_tolerance,
     true,
     kGrace - 1,
     {kOotGrace, H::kSlIOotGracePeriod, 1}},
    {"... and its end",
     kms_out_of_tolerance,
     true,
     kGrace,
     {kNotification, H::kSlEOutOfTolerance, 0}},
    {"non-genuine grace",
     non_genuine,
     true,
     0,
     {kNonGenuineGrace, H::kSlINongenuineGracePeriod, 43200}},
    {"non-genuine grace, last minute",
     non_genuine,
     true,
     kGrace - 1,
     {kNonGenuineGrace, H::kSlINongenuineGracePeriod, 1}},
    {"non-genuine grace over",
     non_genuine,
     true,
     kGrace,
     {kNotification, H::kSlENongenuineGraceTimeExpired, 0}},
    {"non-genuine, a minute later",
     non_genuine,
     true,
     kGrace + 1,
     {kNotification, H::kSlENongenuineGraceTimeExpired, 0}},
    {"non-genuine grace over on RTM",
     non_genuine,
     false,
     kGrace,
     {kUnlicensed, H::kSlENongenuineGraceTimeExpired, 0}},
    {"non-genuine without grace",
     non_genuine_no_grace,
     true,
     0,
     {kNotification, H::kSlENotGenuine, 0}},
    {"non-genuine without grace on RTM",
     non_genuine_no_grace,
     false,
     0,
     {kUnlicensed, H::kSlENotGenuine, 0}},
    {"tampered", tampered, true, 0, {kNotification, H::kSlRemappingSpPubTsTampered, 0}},
    {"tampered on RTM", tampered, false, 0, {kUnlicensed, H::kSlRemappingSpPubTsTampered, 0}},
};

BOOST_AUTO_TEST_SUITE(license_state)

// covers: kSlEOutOfTolerance, kSlENongenuineGraceTimeExpired, kSlINongenuineGracePeriod
// covers: kSlEGraceTimeExpired
BOOST_AUTO_TEST_CASE(every_edge_is_exact_to_the_minute) {
  for (const Edge& edge : kEdges) {
    BOOST_TEST_CONTEXT(edge.why) {
      const Policy policy = policy_of(Channel::kMak, edge.notification);
      BOOST_TEST(status_at(edge.life(policy), policy, after(edge.minute)) == edge.expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(non_genuine_grace_does_not_outlast_what_the_product_is_otherwise) {
  const Policy policy = policy_of(Channel::kMak);
  const Event mark = event(EventKind::kMarkedNonGenuine, true);
  const struct {
    const char* why;
    License (*life)(const Policy&);
    std::int64_t marked, minute;
    Status expected;
  } kCases[] = {
      {"found late in the initial grace period: its end counts",
       in_grace,
       kGrace - 10,
       kGrace - 1,
       {kNonGenuineGrace, H::kSlINongenuineGracePeriod, 1}},
      {"... and says why",
       in_grace,
       kGrace - 10,
       kGrace,
       {kNotification, H::kSlEGraceTimeExpired, 0}},
      {"found at its start: both end together, as the initial one",
       in_grace,
       0,
       kGrace,
       {kNotification, H::kSlEGraceTimeExpired, 0}},
      {"late in an activation by KMS: 30 days, though 180 would be over",
       kms,
       kKms - 10,
       kKms + 5,
       {kNonGenuineGrace, H::kSlINongenuineGracePeriod, 43185}},
      {"... to the minute",
       kms,
       kKms - 10,
       kKms - 10 + kGrace,
       {kNotification, H::kSlENongenuineGraceTimeExpired, 0}},
      {"a permanent activation: 30 days",
       mak,
       99,
       99 + kGrace - 1,
       {kNonGenuineGrace, H::kSlINongenuineGracePeriod, 1}},
      {"hardware changed before: that grace period goes on",
       mak_out_of_tolerance,
       100,
       101,
       {kNonGenuineGrace, H::kSlINongenuineGracePeriod, 43099}},
  };
  for (const auto& c : kCases) {
    BOOST_TEST_CONTEXT(c.why) {
      const License license = moved(c.life(policy), policy, mark, after(c.marked));
      BOOST_TEST(status_at(license, policy, after(c.minute)) == c.expected);
      const auto change = next_change(license, policy, after(c.marked));
      BOOST_TEST_REQUIRE(change.has_value());
      BOOST_TEST((status_at(license, policy, *change - TickSpan{1}).status == kNonGenuineGrace));
      BOOST_TEST((status_at(license, policy, *change).status == kNotification));
    }
  }
}

BOOST_AUTO_TEST_CASE(begun_minutes_count_whole) {
  const Policy policy = policy_of(Channel::kMak);
  const License license = installed(policy);
  BOOST_TEST(status_at(license, policy, after(0) + seconds(1)).remaining == 43200u);
  BOOST_TEST(status_at(license, policy, after(kGrace) - TickSpan{1}).remaining == 1u);
  BOOST_TEST(status_at(license, policy, after(kGrace) - TickSpan{1}).status == kOobGrace);
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_does_not_lengthen_a_period) {
  const Policy policy = policy_of(Channel::kMak);
  BOOST_TEST(status_at(installed(policy), policy, after(-kGrace)).remaining == 43200u);
}

BOOST_AUTO_TEST_CASE(next_change_is_the_first_instant_of_the_next_state) {
  const Policy policy = policy_of(Channel::kKmsClient);
  for (auto* life : {in_grace, kms, kms_out_of_tolerance, non_genuine}) {
    const License license = life(policy);
    const auto change = next_change(license, policy, kStart);
    BOOST_TEST_REQUIRE(change.has_value());
    BOOST_TEST(status_at(license, policy, *change - TickSpan{1}).status ==
               status_at(license, policy, kStart).status);
    BOOST_TEST(status_at(license, policy, *change).status !=
               status_at(license, policy, kStart).status);
  }
  BOOST_TEST(!next_change(mak(policy), policy, kStart).has_value());
  BOOST_TEST(!next_change(no_key(policy), policy, kStart).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(evaluation)

BOOST_AUTO_TEST_CASE(ends_unlicensed_and_cannot_be_activated_any_more) {
  Policy policy = policy_of(Channel::kTimebasedEval);
  policy.evaluation_end = after(1000) + seconds(30);
  const License license = moved(installed(policy), policy, event(EventKind::kActivated), kStart);
  BOOST_TEST(status_at(license, policy, after(999)) ==
             (Status{kLicensed, H::kSlITimebasedValidityPeriod, 2}));
  BOOST_TEST(status_at(license, policy, after(1000)) ==
             (Status{kLicensed, H::kSlITimebasedValidityPeriod, 1}));
  BOOST_TEST(status_at(license, policy, after(1001)) ==
             (Status{kUnlicensed, H::kSlEValidityTimeExpired, 0}));
  BOOST_TEST(step(license, policy, event(EventKind::kActivated), after(1001)).result ==
             H::kSlEValidityTimeExpired);
}

BOOST_AUTO_TEST_CASE(end_cuts_the_grace_period) {
  Policy policy = policy_of(Channel::kTimebasedEval);
  policy.evaluation_end = after(100);
  BOOST_TEST(status_at(installed(policy), policy, kStart).remaining == 100u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(rearm)

BOOST_AUTO_TEST_CASE(waits_for_the_restart_and_then_starts_a_new_grace_period) {
  const Policy policy = policy_of(Channel::kKmsClient);
  const License license = in_grace(policy);
  const Step asked = step(license, policy, event(EventKind::kRearmRequested), after(kGrace - 5));
  BOOST_TEST(asked.restart_required);
  BOOST_TEST(asked.after == (Status{kOobGrace, H::kSlIOobGracePeriod, 5}));
  const License restarted =
      moved(asked.next, policy, event(EventKind::kRestarted), after(kGrace - 2));
  BOOST_TEST(status_at(restarted, policy, after(kGrace - 2)) ==
             (Status{kOobGrace, H::kSlIOobGracePeriod, 43200}));
}

BOOST_AUTO_TEST_CASE(refuses_activation_keys_and_another_rearm_until_the_restart) {
  const Policy policy = policy_of(Channel::kMak);
  const License pending =
      moved(installed(policy), policy, event(EventKind::kRearmRequested), kStart);
  for (const Event& e : {event(EventKind::kActivated), key(1, 1), event(EventKind::kKeyUninstalled),
                         kms_answer(true), event(EventKind::kRearmRequested)}) {
    const Step refused = step(pending, policy, e, kStart);
    BOOST_TEST(refused.result == H::kSlRemappingSpPubTsRearmed);
    BOOST_TEST((refused.next == pending));
  }
}

BOOST_AUTO_TEST_CASE(is_limited_by_the_edition) {
  for (const std::uint8_t limit : {std::uint8_t{3}, std::uint8_t{5}}) {
    Policy policy = policy_of(Channel::kKmsClient);
    policy.rearm_limit = limit;
    License license = installed(policy);
    for (int i = 0; i < limit; ++i) {
      // sysprep /generalize uses one like ReArmWindows.
      license = moved(license, policy,
                      event(i % 2 ? EventKind::kGeneralized : EventKind::kRearmRequested), kStart);
      license = moved(license, policy, event(EventKind::kRestarted), kStart);
    }
    for (const auto kind : {EventKind::kRearmRequested, EventKind::kGeneralized}) {
      const Step refused = step(license, policy, event(kind), kStart);
      BOOST_TEST(refused.result == H::kSlRemappingSpPubTsMaxRearmReached);
      BOOST_TEST((refused.next == license));
    }
  }
}

BOOST_AUTO_TEST_CASE(recreates_the_client_machine_id_and_forgets_the_host_intervals) {
  const Policy policy = policy_of(Channel::kKmsClient);
  Event request = event(EventKind::kKmsRequested);
  request.entropy = 42;
  const Step first = step(kms(policy), policy, request, kStart);
  BOOST_TEST(first.client_id_made);
  BOOST_TEST(first.next.client_id == made_client_id(42, 1));
  BOOST_TEST(kClientIdPurpose == hash64("client machine id"));
  BOOST_TEST(!step(first.next, policy, request, kStart).client_id_made);
  License reset = moved(first.next, policy, event(EventKind::kGeneralized), kStart);
  BOOST_TEST(reset.client_id == 0u);
  BOOST_TEST(reset.previous_client_id == first.next.client_id);
  BOOST_TEST(reset.activation_interval == 0u);
  BOOST_TEST(reset.renewal_interval == 0u);
  const License again = moved(reset, policy, request, kStart);
  BOOST_TEST((client_machine_id(again.client_id) != client_machine_id(first.next.client_id)));
}

BOOST_AUTO_TEST_CASE(keeps_the_key_and_does_not_make_genuine) {
  const Policy policy = policy_of(Channel::kMak);
  const License reset =
      moved(non_genuine(policy), policy, event(EventKind::kGeneralized), after(10));
  BOOST_TEST(reset.has(LicenseFlag::kHasKey));
  BOOST_TEST(status_at(reset, policy, after(10)).status == kNonGenuineGrace);
  BOOST_TEST(status_at(reset, policy, after(10)).remaining == 43190u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(keys)

BOOST_AUTO_TEST_CASE(a_new_key_ends_the_activation_and_the_host_intervals) {
  const Policy policy = policy_of(Channel::kKmsClient);
  const License changed = moved(kms(policy), policy, key(8, 2), after(500));
  BOOST_TEST(status_at(changed, policy, after(500)) ==
             (Status{kOobGrace, H::kSlIOobGracePeriod, 43200}));
  BOOST_TEST(changed.activation_interval == 0u);
  BOOST_TEST(changed.key_group == 8u);
}

BOOST_AUTO_TEST_CASE(a_new_key_in_grace_keeps_the_minutes_that_were_left) {
  const Policy policy = policy_of(Channel::kMak);
  const License changed = moved(installed(policy), policy, key(8, 2), after(100));
  BOOST_TEST(status_at(changed, policy, after(100)).remaining == 43100u);
  const License expired = moved(kms(policy), policy, key(8, 2), after(kKms + 100));
  BOOST_TEST(status_at(expired, policy, after(kKms + 100)) ==
             (Status{kOobGrace, H::kSlIOobGracePeriod, 43100}));
}

BOOST_AUTO_TEST_CASE(a_new_key_does_not_revive_an_expired_product) {
  const Policy policy = policy_of(Channel::kMak);
  for (auto* life : {in_grace, mak_out_of_tolerance}) {
    const License changed = moved(life(policy), policy, key(8, 2), after(kGrace + 1));
    BOOST_TEST(status_at(changed, policy, after(kGrace + 1)).status == kNotification);
  }
}

BOOST_AUTO_TEST_CASE(uninstalling_leaves_it_unlicensed_and_needs_a_key) {
  const Policy policy = policy_of(Channel::kMak);
  const License bare = moved(mak(policy), policy, event(EventKind::kKeyUninstalled), after(5));
  BOOST_TEST(status_at(bare, policy, after(5)) ==
             (Status{kUnlicensed, H::kSlEPkeyNotInstalled, 0}));
  const Step again = step(bare, policy, event(EventKind::kKeyUninstalled), after(5));
  BOOST_TEST(again.result == H::kSlEPkeyNotInstalled);
  BOOST_TEST(step(bare, policy, event(EventKind::kActivated), after(5)).result ==
             H::kSlEPkeyNotInstalled);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(recovery)

BOOST_AUTO_TEST_CASE(renewal_starts_another_180_days) {
  const Policy policy = policy_of(Channel::kKmsClient);
  for (const std::int64_t at :
       {std::int64_t{1}, kKms - 1, kKms, kKms + kGrace, kKms + kGrace + 9}) {
    const License renewed = moved(kms(policy), policy, kms_answer(true), after(at));
    BOOST_TEST(status_at(renewed, policy, after(at)) ==
               (Status{kLicensed, H::kSlEVlInfoProductUserRight, 259200}));
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_by_count_brings_the_host_intervals_but_no_licence) {
  const Policy policy = policy_of(Channel::kKmsClient);
  const License asked = moved(installed(policy), policy, kms_answer(false), after(10));
  BOOST_TEST(status_at(asked, policy, after(10)).status == kOobGrace);
  BOOST_TEST(asked.activation_interval == 30u);
  BOOST_TEST(asked.renewal_interval == 60u);
}

BOOST_AUTO_TEST_CASE(reactivation_ends_out_of_tolerance) {
  const Policy policy = policy_of(Channel::kMak);
  const License again =
      moved(mak_out_of_tolerance(policy), policy, event(EventKind::kActivated), after(kGrace + 5));
  BOOST_TEST(status_at(again, policy, after(kGrace + 5)) == (Status{kLicensed, H::kSOk, 0}));
}

BOOST_AUTO_TEST_CASE(reactivation_stays_non_genuine_until_a_validation_passes) {
  const Policy policy = policy_of(Channel::kMak);
  License license = moved(non_genuine(policy), policy, key(8, 2), after(10));
  license = moved(license, policy, event(EventKind::kActivated), after(11));
  BOOST_TEST(status_at(license, policy, after(11)).status == kNonGenuineGrace);
  license = moved(license, policy, event(EventKind::kValidated, true), after(12));
  BOOST_TEST(status_at(license, policy, after(12)) == (Status{kLicensed, H::kSOk, 0}));
}

BOOST_AUTO_TEST_CASE(a_failed_validation_starts_the_non_genuine_grace_once) {
  const Policy policy = policy_of(Channel::kMak);
  License license = moved(mak(policy), policy, event(EventKind::kValidated, false), kStart);
  license = moved(license, policy, event(EventKind::kValidated, false), after(100));
  BOOST_TEST(status_at(license, policy, after(100)).remaining == 43100u);
}

BOOST_AUTO_TEST_CASE(an_expired_product_is_not_saved_by_non_genuine_grace) {
  const Policy policy = policy_of(Channel::kMak);
  const License license = moved(installed(policy), policy,
                                event(EventKind::kMarkedNonGenuine, true), after(kGrace + 1));
  BOOST_TEST(status_at(license, policy, after(kGrace + 1)) ==
             (Status{kNotification, H::kSlEGraceTimeExpired, 0}));
}

BOOST_AUTO_TEST_CASE(a_tampered_store_ends_only_with_a_new_installation) {
  const Policy policy = policy_of(Channel::kMak);
  const License license = tampered(policy);
  for (const Event& e : {event(EventKind::kActivated), key(1, 1), event(EventKind::kRearmRequested),
                         event(EventKind::kGeneralized), kms_answer(true)})
    BOOST_TEST(step(license, policy, e, kStart).result == H::kSlRemappingSpPubTsTampered);
  const License fresh = moved(license, policy, event(EventKind::kInstalled), after(5));
  BOOST_TEST(status_at(moved(fresh, policy, key(7, 1), after(5)), policy, after(5)).remaining ==
             43200u);
}

BOOST_AUTO_TEST_CASE(a_hardware_change_before_any_activation_does_nothing) {
  const Policy policy = policy_of(Channel::kMak);
  BOOST_TEST((moved(installed(policy), policy, event(EventKind::kHardwareChanged), after(3)) ==
              installed(policy)));
}

BOOST_AUTO_TEST_CASE(an_installed_licence_asks_for_a_refresh) {
  const Policy policy = policy_of(Channel::kMak);
  License license = moved(installed(policy), policy, event(EventKind::kLicenseInstalled), kStart);
  BOOST_TEST(license.has(LicenseFlag::kRefreshRequired));
  license = moved(license, policy, event(EventKind::kRefreshed), kStart);
  BOOST_TEST(!license.has(LicenseFlag::kRefreshRequired));
}

BOOST_AUTO_TEST_CASE(time_alone_changes_no_record) {
  const Policy policy = policy_of(Channel::kMak);
  const Step passed = step(installed(policy), policy, event(EventKind::kTimePassed), after(kKms));
  BOOST_TEST((passed.next == installed(policy)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(license_record)

BOOST_AUTO_TEST_CASE(survives_encoding) {
  License license;
  license.flags = 0x755;
  license.key_group = 2;
  license.key_serial = 3;
  license.key_installed_at = 4;
  license.grace_start = 5;
  license.activated_at = 6;
  license.out_of_tolerance_at = 7;
  license.non_genuine_at = 8;
  license.attempted_at = 15;
  license.activation_interval = 9;
  license.renewal_interval = 10;
  license.rearms_used = 11;
  license.generation = 12;
  license.client_id = 13;
  license.previous_client_id = 14;
  const Guid sku{{1, 2, 3}};
  const auto read = decode(encode(license, sku), sku);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST((*read == license));
}

BOOST_AUTO_TEST_CASE(shows_every_flipped_bit_and_every_wrong_owner_or_size) {
  const Guid sku{{1, 2, 3}};
  const Record record = encode(installed(policy_of(Channel::kMak)), sku);
  int refused = 0;
  for (std::size_t bit = 0; bit < kRecordSize * 8; ++bit) {
    Record bad = record;
    bad[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    const auto read = decode(bad, sku);
    refused += !read && read.error().code == H::kSlETamperDetected;
  }
  BOOST_TEST(refused == static_cast<int>(kRecordSize * 8));
  BOOST_TEST(!decode(record, Guid{{1, 2, 4}}));
  BOOST_TEST(!decode(std::span(record).first(63), sku));
  BOOST_TEST(!decode({}, sku));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
