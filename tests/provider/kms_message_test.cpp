#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "provider/kms/message.hpp"

using namespace slwmi;
using namespace slwmi::licensing;

namespace {

Guid guid(const char* text) { return parse_guid(text).value(); }

kms::Request sample_request() {
  kms::Request r;
  r.virtual_machine = true;
  r.license_status = 2;
  r.binding_expiration = 40123;
  r.application_id = guid("55c92734-d682-4d71-983e-d6ec3f16059f");
  r.activation_id = guid("00000001-0000-4000-8000-000000000002");
  r.kms_id = guid("00000003-0000-4000-8000-000000000004");
  r.client_machine_id = guid("00000005-0000-4000-8000-000000000006");
  r.required_client_count = 25;
  r.client_time = FileTime{128488320000000000u};
  r.previous_client_machine_id = guid("00000007-0000-4000-8000-000000000008");
  r.machine_name = "kms03.site5.contoso.com";
  return r;
}

// 48 characters, as long as the product ID of the guide's example (98 bytes with its terminator).
constexpr const char* kPid = "70007-00116-106-000474-00-1033-6001.0000-2782008";

kms::Response sample_response() {
  kms::Response r;
  r.kms_pid = kPid;
  r.client_machine_id = guid("00000005-0000-4000-8000-000000000006");
  r.client_time = FileTime{128488320000000000u};
  r.count = 26;
  r.activation_interval = 120;
  r.renewal_interval = 10080;
  return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kms_message)

// Source: VA2 Appendix 1, "KMS RPC Messages".
BOOST_AUTO_TEST_CASE(sizes_are_the_documented_ones) {
  BOOST_TEST(kms::encode(sample_request()).value().size() == 252u);
  BOOST_TEST(kms::encode(sample_response()).value().size() == 60u + 98u);
}

BOOST_AUTO_TEST_CASE(every_field_survives_both_ways) {
  BOOST_TEST(
      (kms::decode_request(kms::encode(sample_request()).value()).value() == sample_request()));
  BOOST_TEST(
      (kms::decode_response(kms::encode(sample_response()).value()).value() == sample_response()));
}

BOOST_AUTO_TEST_CASE(fields_lie_where_the_table_says) {
  const Bytes bytes = kms::encode(sample_request()).value();
  const struct {
    const char* why;
    std::size_t offset;
    std::uint32_t value;
  } kFields[] = {
      {"VMInfo", 4, 1},
      {"LicenseStatus", 8, 2},
      {"BindingExpiration", 12, 40123},
      {"AppID starts", 16, 0x55c92734},
      {"CMID starts", 64, 5},
      {"N-Policy", 80, 25},
      {"CMID_prev starts", 92, 7},
  };
  for (const auto& f : kFields) {
    BOOST_TEST_CONTEXT(f.why) {
      ByteReader in(bytes);
      in.seek(f.offset);
      BOOST_TEST(in.u32() == f.value);
    }
  }
  BOOST_TEST(std::to_integer<int>(bytes[108]) == 'k');
  BOOST_TEST(std::to_integer<int>(bytes[109]) == 0);
}

// The two pins: real software knows versions 4.0, 5.0 and 6.0 (major in the high half), and a MAC
// made with a real cipher; it refuses both of ours.
BOOST_AUTO_TEST_CASE(version_and_mac_are_refused_by_real_software) {
  const Bytes bytes = kms::encode(sample_request()).value();
  ByteReader in(bytes);
  BOOST_TEST(in.u32() == 0x00005357u);
  BOOST_TEST((kms::kMessageVersion >> 16) == 0u);
  in.seek(236);
  BOOST_TEST(to_hex(in.span(16)) == "8730859f9fac7b00b8bbf281f459568d");
}

BOOST_AUTO_TEST_CASE(each_damaged_byte_is_noticed) {
  for (const Bytes& good :
       {kms::encode(sample_request()).value(), kms::encode(sample_response()).value()}) {
    for (std::size_t i = 0; i < good.size(); ++i) {
      Bytes bad = good;
      bad[i] ^= std::byte{1};
      // VMInfo is a flag: any non-zero number means the same, but the MAC still covers it.
      BOOST_TEST(!kms::describe(bad).has_value(), "byte " << i);
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_name_the_offset) {
  Bytes request = kms::encode(sample_request()).value();
  const auto offset_of = [](const auto& result) { return result.error().at->offset; };
  Bytes version = request;
  version[0] = std::byte{0};
  BOOST_TEST(offset_of(kms::decode_request(version)) == 0u);
  Bytes status = request;
  status[8] = std::byte{6};
  BOOST_TEST(offset_of(kms::decode_request(status)) == 8u);
  Bytes mac = request;
  mac[251] ^= std::byte{0x80};
  BOOST_TEST(offset_of(kms::decode_request(mac)) == 236u);
  BOOST_TEST(offset_of(kms::decode_request(ByteSpan(request).first(100))) == 100u);
  Bytes response = kms::encode(sample_response()).value();
  response[4] = std::byte{96};
  BOOST_TEST(offset_of(kms::decode_response(response)) == 4u);
  BOOST_TEST((kms::decode_request(mac).error().code == HResult::kErrorInvalidData));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_before_it_is_written) {
  kms::Request r = sample_request();
  r.machine_name = std::string(63, 'a');
  BOOST_TEST(kms::encode(r).has_value());
  r.machine_name += 'a';
  BOOST_TEST((kms::encode(r).error().code == HResult::kEInvalidarg));
  r = sample_request();
  r.license_status = 6;
  BOOST_TEST((kms::encode(r).error().code == HResult::kEInvalidarg));
  kms::Response response = sample_response();
  response.kms_pid = std::string(128, '1');
  BOOST_TEST((kms::encode(response).error().code == HResult::kEInvalidarg));
}

BOOST_AUTO_TEST_CASE(the_listing_names_every_field) {
  const std::string request = kms::describe(kms::encode(sample_request()).value()).value();
  for (const char* field :
       {"Version", "VMInfo", "LicenseStatus", "BindingExpiration", "AppID", "ActID", "KMSID",
        "CMID", "N-Policy", "ClientTime", "CMID_prev", "MachineName", "MAC"}) {
    BOOST_TEST(request.find(field) != std::string::npos, field);
  }
  const std::string response = kms::describe(kms::encode(sample_response()).value()).value();
  for (const char* field : {"Version", "PID Size", "PID Data", "CMID", "ClientTime", "Count",
                            "VLActivationInterval", "VLRenewalInterval", "MAC"}) {
    BOOST_TEST(response.find(field) != std::string::npos, field);
  }
}

BOOST_AUTO_TEST_SUITE_END()
