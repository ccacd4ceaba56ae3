#include <boost/test/unit_test.hpp>

#include "provider/kms/host.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing::kms {
namespace {

const FileTime kNow = time_of(214'000'000);

HostFacts host() {
  HostFacts facts;
  facts.activated = true;
  facts.activation_interval = 30;
  facts.renewal_interval = 60;
  return facts;
}

Question client(std::uint64_t number, std::uint32_t required = 25) {
  Question question;
  question.client_id = number;
  question.required = required;
  question.status = 2;
  question.client_time = kNow;
  return question;
}

std::uint32_t ask(HostState& state, const Question& question, FileTime now = kNow,
                  const HostFacts& facts = host()) {
  Question at = question;
  at.client_time = now;
  const Reply reply = answer(state, facts, at, now);
  BOOST_TEST_REQUIRE(reply.code == HResult::kSOk);
  BOOST_TEST(reply.processed);
  return reply.count;
}

BOOST_AUTO_TEST_SUITE(kms_host)

BOOST_AUTO_TEST_CASE(counts_each_client_once) {
  HostState state;
  BOOST_TEST(!state.asked());
  BOOST_TEST(ask(state, client(1)) == 1u);
  BOOST_TEST(ask(state, client(1)) == 1u);
  BOOST_TEST(ask(state, client(2)) == 2u);
  BOOST_TEST(state.counters.total() == 3u);
  BOOST_TEST(state.counters.by_status[2] == 3u);
  BOOST_TEST(state.asked());
}

BOOST_AUTO_TEST_CASE(stays_in_order_of_time_when_its_clock_is_set_back) {
  HostState state;
  ask(state, client(1), kNow + minutes(10));
  ask(state, client(2), kNow);
  ask(state, client(3), kNow + minutes(5));
  ask(state, client(1), kNow + minutes(20));
  std::vector<std::uint64_t> order;
  for (const Client& each : state.clients) order.push_back(each.id);
  BOOST_TEST(order == (std::vector<std::uint64_t>{2, 3, 1}));
  // The first to be forgotten is the one seen longest ago, whoever asked first.
  BOOST_TEST(ask(state, client(4), kNow + days(30) + minutes(4)) == 3u);
  BOOST_TEST(state.clients.front().id == 3u);
}

BOOST_AUTO_TEST_CASE(keeps_nobody_while_nobody_requires_anything) {
  HostState state;
  BOOST_TEST(ask(state, client(1, 0)) == 0u);
  BOOST_TEST(state.clients.empty());
  BOOST_TEST(ask(state, client(1, 5)) == 1u);
}

BOOST_AUTO_TEST_CASE(answers_its_intervals_and_says_who_it_is) {
  HostState state;
  HostFacts facts = host();
  facts.machine = 7;
  facts.clock_skew = -3;
  const Reply reply = answer(state, facts, client(1), kNow);
  BOOST_TEST(reply.activation_interval == 30u);
  BOOST_TEST(reply.renewal_interval == 60u);
  BOOST_TEST(reply.machine == 7u);
  BOOST_TEST(reply.host_skew == -3);
}

BOOST_AUTO_TEST_CASE(keeps_twice_the_largest_requirement) {
  HostState servers, both;
  for (std::uint32_t i = 1; i <= 60; ++i) {
    BOOST_TEST(ask(servers, client(i, 5)) == std::min<std::uint32_t>(i, 10));
    BOOST_TEST(ask(both, client(i, i == 1 ? 25 : 5)) == std::min<std::uint32_t>(i, 50));
  }
  // The oldest made room; one that asks again is the newest.
  BOOST_TEST(servers.clients.front().id == 51u);
  ask(servers, client(51, 5));
  BOOST_TEST(servers.clients.front().id == 52u);
  BOOST_TEST(servers.clients.back().id == 51u);
}

BOOST_AUTO_TEST_CASE(forgets_a_client_after_30_days_to_the_minute) {
  HostState state;
  ask(state, client(1));
  const std::int64_t days30 = kMemoryMinutes;
  BOOST_TEST(client_count(state, kNow + minutes(days30 - 1)) == 1u);
  BOOST_TEST(client_count(state, kNow + minutes(days30)) == 0u);
  BOOST_TEST(client_count(state, kNow + minutes(days30 + 1)) == 0u);
  HostState other = state;
  BOOST_TEST(ask(other, client(2), kNow + minutes(days30 - 1)) == 2u);
  BOOST_TEST(ask(state, client(2), kNow + minutes(days30)) == 1u);
  BOOST_TEST(state.clients.size() == 1u);
}

BOOST_AUTO_TEST_CASE(counts_virtual_machines_by_its_generation) {
  Question virtual_machine = client(1);
  virtual_machine.virtual_machine = true;
  HostState old;
  BOOST_TEST(ask(old, virtual_machine) == 0u);
  BOOST_TEST(old.counters.total() == 1u);
  // One with the ID of a computer that counts takes nothing away.
  BOOST_TEST(ask(old, client(1)) == 1u);
  BOOST_TEST(ask(old, virtual_machine) == 1u);
  HostFacts later = host();
  later.counts_virtual_machines = true;
  HostState state;
  BOOST_TEST(ask(state, virtual_machine, kNow, later) == 1u);
}

BOOST_AUTO_TEST_CASE(refuses_with_the_documented_codes_and_counts_the_failure) {
  HostFacts inactive = host();
  inactive.activated = false;
  Question beta = client(1);
  beta.prerelease = true;
  Question early = client(1), late = client(1), edge = client(1), other_edge = client(1);
  early.client_time = kNow - minutes(kClockTolerance + 1);
  late.client_time = kNow + minutes(kClockTolerance + 1);
  edge.client_time = kNow + minutes(kClockTolerance);
  other_edge.client_time = kNow - minutes(kClockTolerance);
  HostFacts beta_host = host();
  beta_host.prerelease = true;
  const struct {
    const char* why;
    HostFacts facts;
    Question question;
    HResult code;
  } kRows[] = {
      {"host not activated", inactive, client(1), HResult::kSlEVlKeyManagementServiceNotActivated},
      {"beta client", host(), beta, HResult::kSlEVlKeyManagementServiceIdMismatch},
      {"beta host", beta_host, client(1), HResult::kSlEVlKeyManagementServiceIdMismatch},
      {"clock behind", host(), early, HResult::kSlEMismatchedProductSku},
      {"clock ahead", host(), late, HResult::kSlEMismatchedProductSku},
      {"beta with beta", beta_host, beta, HResult::kSOk},
      {"clock just ahead", host(), edge, HResult::kSOk},
      {"clock just behind", host(), other_edge, HResult::kSOk},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      HostState state;
      const Reply reply = answer(state, row.facts, row.question, kNow);
      const bool refused = failed(row.code);
      BOOST_TEST(reply.code == row.code);
      BOOST_TEST(reply.served == row.code);
      BOOST_TEST(reply.processed);
      BOOST_TEST(state.counters.failed == (refused ? 1u : 0u));
      BOOST_TEST(state.counters.total() == (refused ? 0u : 1u));
      BOOST_TEST(client_count(state, kNow) == (refused ? 0u : 1u));
    }
  }
}

BOOST_AUTO_TEST_CASE(state_survives_encoding_and_refuses_cut_bytes) {
  HostState state;
  for (std::uint64_t i = 1; i < 9; ++i) ask(state, client(i));
  const Bytes bytes = encode(state);
  const auto read = decode_host_state(bytes);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST((*read == state));
  BOOST_TEST((decode_host_state({}).value() == HostState{}));
  for (std::size_t size = 1; size < bytes.size(); ++size)
    BOOST_TEST(!decode_host_state(ByteSpan(bytes).first(size)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing::kms
