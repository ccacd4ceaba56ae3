#include "provider/activation_service.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

Product product(Channel channel, std::uint32_t limit) {
  Product out;
  out.channel = channel;
  out.key_group = 7;
  out.activation_limit = limit;
  return out;
}

HResult code_of(const Result<>& result) { return result ? HResult::kSOk : result.error().code; }

constexpr ProductKey kKey{7, 1};

BOOST_AUTO_TEST_SUITE(activation_service)

BOOST_AUTO_TEST_CASE(counts_a_mak_by_hardware_up_to_its_limit) {
  ActivationLedger ledger;
  const Product mak = product(Channel::kMak, 2);
  BOOST_TEST(account_of(ledger, mak, kKey).remaining == 2u);
  BOOST_TEST(code_of(activate(ledger, mak, kKey, 1)) == HResult::kSOk);
  BOOST_TEST(code_of(activate(ledger, mak, kKey, 1)) == HResult::kSOk);  // the same machine again
  BOOST_TEST(account_of(ledger, mak, kKey).remaining == 1u);
  BOOST_TEST(code_of(activate(ledger, mak, kKey, 2)) == HResult::kSOk);
  const ActivationLedger before = ledger;
  BOOST_TEST(code_of(activate(ledger, mak, kKey, 3)) == HResult::kSlEChpaDmakLimitExceeded);
  BOOST_TEST((ledger == before));
  ledger.keys[{kKey.group, kKey.serial}].extension = 1;
  BOOST_TEST(code_of(activate(ledger, mak, kKey, 3)) == HResult::kSOk);
  BOOST_TEST(code_of(activate(ledger, mak, kKey, 4)) ==
             HResult::kSlEChpaDmakExtensionLimitExceeded);
  BOOST_TEST(code_of(activate(ledger, mak, {7, 2}, 4)) == HResult::kSOk);  // another key
}

BOOST_AUTO_TEST_CASE(gives_a_kms_key_six_hosts_of_ten_activations) {
  ActivationLedger ledger;
  const Product kms = product(Channel::kKmsHost, 10);
  for (std::uint64_t host = 1; host <= 6; ++host)
    for (int i = 0; i < 10; ++i)
      BOOST_TEST(code_of(activate(ledger, kms, kKey, host)) == HResult::kSOk);
  BOOST_TEST(code_of(activate(ledger, kms, kKey, 1)) == HResult::kSlEChpaMaximumUnlockExceeded);
  BOOST_TEST(code_of(activate(ledger, kms, kKey, 7)) == HResult::kSlEChpaMaximumUnlockExceeded);
}

BOOST_AUTO_TEST_CASE(refuses_blocked_keys_and_channels_that_it_does_not_serve) {
  ActivationLedger ledger;
  ledger.keys[{kKey.group, kKey.serial}].state = KeyState::kBlocked;
  BOOST_TEST(code_of(activate(ledger, product(Channel::kMak, 5), kKey, 1)) ==
             HResult::kSlEChpaProductKeyBlocked);
  for (const Channel channel : {Channel::kKmsClient, Channel::kOemSlp})
    BOOST_TEST(code_of(activate(ledger, product(channel, 5), {7, 9}, 1)) ==
               HResult::kSlEChpaUnsupportedProductKey);
}

BOOST_AUTO_TEST_CASE(answers_each_state_of_a_key_with_its_code) {
  const struct {
    KeyState state;
    std::string_view name;
    HResult code;
  } states[] = {
      {KeyState::kAccepted, "accepted", HResult::kSOk},
      {KeyState::kBlocked, "blocked", HResult::kSlEChpaProductKeyBlocked},
      {KeyState::kInvalid, "invalid", HResult::kSlEChpaProductKeyOutOfRange},
      {KeyState::kUnsupported, "unsupported", HResult::kSlESrvGeneralError},
      {KeyState::kDynamicallyBlocked, "dynamically-blocked",
       HResult::kSlEChpaDynamicallyBlockedProductKey},
      {KeyState::kBlockedHere, "blocked-here", HResult::kSlEChpaProductKeyBlockedIplocation},
  };
  BOOST_TEST(key_states().size() == std::size(states));
  for (const auto& row : states) {
    BOOST_TEST_CONTEXT(row.name) {
      ActivationLedger ledger;
      KeyLedger& key = ledger.keys[{kKey.group, kKey.serial}];
      key.state = row.state;
      key.non_genuine = true;
      const auto read = decode_ledger(encode(ledger));
      BOOST_TEST_REQUIRE(read.has_value());
      BOOST_TEST((*read == ledger));
      const bool accepted = row.state == KeyState::kAccepted;
      BOOST_TEST(code_of(activate(ledger, product(Channel::kMak, 5), kKey, 1)) ==
                 (accepted ? HResult::kSlEChpaProductKeyBlocked : row.code));
      ledger.keys[{kKey.group, kKey.serial}].non_genuine = false;
      BOOST_TEST(code_of(activate(ledger, product(Channel::kMak, 5), kKey, 1)) == row.code);
      BOOST_TEST(account_of(ledger, product(Channel::kMak, 5), kKey).used ==
                 (row.code == HResult::kSOk ? 1u : 0u));
      const auto parsed = parse_key_state(row.name);
      BOOST_TEST_REQUIRE(parsed.has_value());
      BOOST_TEST((*parsed == row.state));
    }
  }
  BOOST_TEST(!parse_key_state("lost"));
}

BOOST_AUTO_TEST_CASE(refuses_a_retail_key_beyond_its_limit) {
  ActivationLedger ledger;
  const Product retail = product(Channel::kRetail, 1);
  BOOST_TEST(code_of(activate(ledger, retail, kKey, 1)) == HResult::kSOk);
  BOOST_TEST(code_of(activate(ledger, retail, kKey, 1)) == HResult::kSOk);
  BOOST_TEST(code_of(activate(ledger, retail, kKey, 2)) == HResult::kSlEChpaMaximumUnlockExceeded);
}

BOOST_AUTO_TEST_CASE(extends_up_to_what_can_be_counted) {
  KeyLedger key;
  BOOST_TEST(code_of(extend(key, 0xFFFFFFFEu)) == HResult::kSOk);
  BOOST_TEST(code_of(extend(key, 2)) == HResult::kEInvalidarg);
  BOOST_TEST(key.extension == 0xFFFFFFFEu);
  BOOST_TEST(code_of(extend(key, 1)) == HResult::kSOk);
  ActivationLedger ledger;
  ledger.keys[{kKey.group, kKey.serial}] = key;
  const KeyAccount account = account_of(ledger, product(Channel::kMak, 5), kKey);
  BOOST_TEST(account.limit == 0x100000004u);
  BOOST_TEST(code_of(activate(ledger, product(Channel::kMak, 5), kKey, 1)) == HResult::kSOk);
}

BOOST_AUTO_TEST_CASE(tells_what_is_left_of_a_kms_key) {
  ActivationLedger ledger;
  const Product kms = product(Channel::kKmsHost, 10);
  BOOST_TEST(account_of(ledger, kms, kKey).limit == 60u);
  BOOST_TEST(code_of(activate(ledger, kms, kKey, 1)) == HResult::kSOk);
  BOOST_TEST(code_of(activate(ledger, kms, kKey, 1)) == HResult::kSOk);
  const KeyAccount account = account_of(ledger, kms, kKey);
  BOOST_TEST(account.machines == 1u);
  BOOST_TEST(account.used == 2u);
  BOOST_TEST(account.remaining == 58u);
}

BOOST_AUTO_TEST_CASE(ledger_refuses_marks_that_it_does_not_write) {
  ActivationLedger ledger;
  ledger.keys[{kKey.group, kKey.serial}].non_genuine = true;
  Bytes bytes = encode(ledger);
  const std::size_t marks = 10;  // behind the count, group and serial
  BOOST_TEST_REQUIRE(std::to_integer<int>(bytes[marks]) == 2);
  for (const int bad : {8, 6 << 3, 9, 255}) {
    bytes[marks] = std::byte(bad);
    const auto read = decode_ledger(bytes);
    BOOST_TEST_REQUIRE(!read);
    BOOST_TEST(read.error().code == HResult::kErrorInvalidData);
    BOOST_TEST(read.error().at->offset == marks);
  }
}

BOOST_AUTO_TEST_CASE(ledger_survives_encoding_and_refuses_cut_bytes) {
  ActivationLedger ledger;
  BOOST_TEST(activate(ledger, product(Channel::kMak, 5), kKey, 11).has_value());
  BOOST_TEST(activate(ledger, product(Channel::kMak, 5), {8, 2}, 12).has_value());
  ledger.keys[{8, 2}].non_genuine = true;
  ledger.keys[{8, 2}].extension = 3;
  const Bytes bytes = encode(ledger);
  const auto read = decode_ledger(bytes);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST((*read == ledger));
  for (std::size_t size = 1; size < bytes.size(); ++size)
    BOOST_TEST(!decode_ledger(ByteSpan(bytes).first(size)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
