#include <boost/test/unit_test.hpp>

#include "provider/kms/host.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing::kms {
namespace {

const FileTime kNow = time_of(214'000'000);

HostFacts host() {
  HostFacts facts;
  facts.activated = true;
  facts.kms_id = release_id(false);
  facts.activation_interval = 30;
  facts.renewal_interval = 60;
  facts.pid = "pid";
  return facts;
}

Request client(std::uint8_t number, std::uint32_t required = 25) {
  Request request;
  request.client_machine_id.bytes[0] = number;
  request.kms_id = release_id(false);
  request.required_client_count = required;
  request.license_status = 2;
  request.client_time = kNow;
  return request;
}

std::uint32_t ask(HostState& state, const Request& request, FileTime now = kNow) {
  Request at = request;
  at.client_time = now;
  const auto response = answer(state, host(), at, now);
  BOOST_TEST_REQUIRE(response.has_value());
  return response->count;
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

BOOST_AUTO_TEST_CASE(answers_its_intervals_and_its_pid) {
  HostState state;
  const auto response = answer(state, host(), client(1), kNow);
  BOOST_TEST_REQUIRE(response.has_value());
  BOOST_TEST(response->activation_interval == 30u);
  BOOST_TEST(response->renewal_interval == 60u);
  BOOST_TEST(response->kms_pid == "pid");
}

BOOST_AUTO_TEST_CASE(keeps_twice_the_largest_requirement) {
  HostState servers, both;
  for (std::uint8_t i = 1; i <= 60; ++i) {
    BOOST_TEST(ask(servers, client(i, 5)) == std::min<std::uint32_t>(i, 10));
    BOOST_TEST(ask(both, client(i, i == 1 ? 25 : 5)) == std::min<std::uint32_t>(i, 50));
  }
}

BOOST_AUTO_TEST_CASE(forgets_a_client_after_30_days_to_the_minute) {
  HostState state;
  ask(state, client(1));
  const std::int64_t days30 = kMemoryMinutes;
  BOOST_TEST(client_count(state, kNow + minutes(days30 - 1)) == 1u);
  BOOST_TEST(client_count(state, kNow + minutes(days30)) == 0u);
  BOOST_TEST(client_count(state, kNow + minutes(days30 + 1)) == 0u);
  BOOST_TEST(ask(state, client(2), kNow + minutes(days30)) == 1u);
  BOOST_TEST(state.clients.size() == 1u);
}

BOOST_AUTO_TEST_CASE(serves_virtual_machines_without_counting_them) {
  HostState state;
  Request request = client(1);
  request.virtual_machine = true;
  BOOST_TEST(ask(state, request) == 0u);
  BOOST_TEST(state.counters.total() == 1u);
}

BOOST_AUTO_TEST_CASE(refuses_with_the_documented_codes_and_counts_the_failure) {
  HostFacts inactive = host();
  inactive.activated = false;
  Request beta = client(1);
  beta.kms_id = release_id(true);
  Request early = client(1), late = client(1), edge = client(1);
  early.client_time = kNow - minutes(kClockTolerance + 1);
  late.client_time = kNow + minutes(kClockTolerance + 1);
  edge.client_time = kNow + minutes(kClockTolerance);
  const struct {
    const char* why;
    HostFacts facts;
    Request request;
    HResult code;
  } kRows[] = {
      {"host not activated", inactive, client(1), HResult::kSlEVlKeyManagementServiceNotActivated},
      {"beta client", host(), beta, HResult::kSlEVlKeyManagementServiceIdMismatch},
      {"clock behind", host(), early, HResult::kSlEMismatchedProductSku},
      {"clock ahead", host(), late, HResult::kSlEMismatchedProductSku},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      HostState state;
      const auto response = answer(state, row.facts, row.request, kNow);
      BOOST_TEST_REQUIRE(!response);
      BOOST_TEST(response.error().code == row.code);
      BOOST_TEST(state.counters.failed == 1u);
      BOOST_TEST(state.counters.total() == 0u);
      BOOST_TEST(client_count(state, kNow) == 0u);
    }
  }
  HostState state;
  BOOST_TEST(answer(state, host(), edge, kNow).has_value());
}

BOOST_AUTO_TEST_CASE(state_survives_encoding_and_refuses_cut_bytes) {
  HostState state;
  for (std::uint8_t i = 1; i < 9; ++i) ask(state, client(i));
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
