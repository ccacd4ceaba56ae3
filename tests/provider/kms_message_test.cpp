#include <span>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "provider/kms/message.hpp"
#include "provider/kms/message_fields.hpp"

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
      BOOST_TEST(!kms::read_fields(bad).has_value(), "byte " << i);
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

// Sources: VA2 Appendix 1, "KMS RPC Messages", names and sizes; the offsets add up.
// covers: RPC.Version, VMInfo, RPC.LicenseStatus, BindingExpiration, AppID, ActID, KMSID, CMID
// covers: N-Policy, ClientTime, CMID_prev, MachineName, MAC, PID Size, PID Data, Count
// covers: RPC.VLActivationInterval, RPC.VLRenewalInterval
BOOST_AUTO_TEST_CASE(every_field_of_the_documented_tables_is_shown) {
  struct Row {
    const char* name;
    std::size_t offset, size;
    const char* value;
    const char* meaning;
  };
  const Row kRequest[] = {
      {"Version", 0, 4, "0x00005357", "simulated"},
      {"VMInfo", 4, 4, "1", "virtual machine"},
      {"LicenseStatus", 8, 4, "2", "OOB grace"},
      {"BindingExpiration", 12, 4, "40123", "minutes"},
      {"AppID", 16, 16, "55c92734-d682-4d71-983e-d6ec3f16059f", ""},
      {"ActID", 32, 16, "00000001-0000-4000-8000-000000000002", ""},
      {"KMSID", 48, 16, "00000003-0000-4000-8000-000000000004", ""},
      {"CMID", 64, 16, "00000005-0000-4000-8000-000000000006", ""},
      {"N-Policy", 80, 4, "25", ""},
      {"ClientTime", 84, 8, "2008-03-01T08:00:00Z", ""},
      {"CMID_prev", 92, 16, "00000007-0000-4000-8000-000000000008", ""},
      {"MachineName", 108, 128, "kms03.site5.contoso.com", ""},
      {"MAC", 236, 16, "8730859f9fac7b00b8bbf281f459568d", "fits"},
  };
  const Row kResponse[] = {
      {"Version", 0, 4, "0x00005357", "simulated"},
      {"PID Size", 4, 4, "98", "bytes"},
      {"PID Data", 8, 98, kPid, ""},
      {"CMID", 106, 16, "00000005-0000-4000-8000-000000000006", ""},
      {"ClientTime", 122, 8, "2008-03-01T08:00:00Z", ""},
      {"Count", 130, 4, "26", ""},
      {"VLActivationInterval", 134, 4, "120", "minutes"},
      {"VLRenewalInterval", 138, 4, "10080", "minutes"},
      {"MAC", 142, 16, nullptr, "fits"},
  };
  const auto check = [](const Bytes& bytes, bool is_request, std::span<const Row> rows) {
    const kms::MessageFields shown = kms::read_fields(bytes).value();
    BOOST_TEST(shown.is_request == is_request);
    BOOST_TEST_REQUIRE(shown.fields.size() == rows.size());
    const std::string text = kms::to_text(shown);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      BOOST_TEST_CONTEXT(rows[i].name) {
        BOOST_TEST(shown.fields[i].name == rows[i].name);
        BOOST_TEST(shown.fields[i].offset == rows[i].offset);
        BOOST_TEST(shown.fields[i].size == rows[i].size);
        if (rows[i].value != nullptr) BOOST_TEST(shown.fields[i].value == rows[i].value);
        BOOST_TEST(shown.fields[i].meaning == rows[i].meaning);
        BOOST_TEST(text.find(shown.fields[i].value) != std::string::npos);
      }
    }
    BOOST_TEST(shown.fields.back().offset + shown.fields.back().size == bytes.size());
  };
  check(kms::encode(sample_request()).value(), true, kRequest);
  check(kms::encode(sample_response()).value(), false, kResponse);
}

BOOST_AUTO_TEST_CASE(a_response_of_the_size_of_a_request_is_a_response) {
  kms::Response response = sample_response();
  response.kms_pid = std::string(95, '1');
  const Bytes bytes = kms::encode(response).value();
  BOOST_TEST_REQUIRE(bytes.size() == 252u);
  const auto shown = kms::read_fields(bytes);
  BOOST_TEST_REQUIRE(shown.has_value());
  BOOST_TEST(!shown->is_request);
}

BOOST_AUTO_TEST_CASE(every_field_can_be_set_to_what_is_shown) {
  const auto rebuild = [](const auto& good, auto empty) {
    const kms::MessageFields shown = kms::read_fields(kms::encode(good).value()).value();
    for (const kms::MessageField& field : shown.fields) {
      const auto set = kms::set_field(empty, field.name, field.value);
      const bool follows =
          field.name == "Version" || field.name == "PID Size" || field.name == "MAC";
      BOOST_TEST(set.has_value() != follows, field.name);
    }
    BOOST_TEST((empty == good));
  };
  rebuild(sample_request(), kms::Request{});
  rebuild(sample_response(), kms::Response{});
}

BOOST_AUTO_TEST_CASE(what_no_field_can_hold_is_refused) {
  const struct {
    const char *why, *name, *value;
  } kRows[] = {
      {"no such field", "Nothing", "1"},
      {"no number", "N-Policy", "many"},
      {"a number of more than 32 bits", "N-Policy", "4294967296"},
      {"no GUID", "CMID", "1234"},
      {"no time", "ClientTime", "yesterday"},
      {"a field that follows from the others", "MAC", "00"},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      kms::Request request = sample_request();
      const auto set = kms::set_field(request, row.name, row.value);
      BOOST_TEST_REQUIRE(!set.has_value());
      BOOST_TEST((set.error().code == HResult::kEInvalidarg));
      BOOST_TEST((request == sample_request()));
    }
  }
  kms::Request request = sample_request();
  BOOST_TEST(kms::set_field(request, "n-policy", "5").has_value());
  BOOST_TEST(request.required_client_count == 5u);
}

// What real software would send is refused at its version, whatever follows.
BOOST_AUTO_TEST_CASE(versions_of_real_software_are_not_read) {
  for (const std::uint32_t version : {0x00040000u, 0x00050000u, 0x00060000u}) {
    ByteWriter out;
    out.u32(version);
    out.zeros(kms::kRequestSize - 4);
    const auto read = kms::read_fields(out.data());
    BOOST_TEST_REQUIRE(!read.has_value());
    BOOST_TEST((read.error().code == HResult::kErrorInvalidData));
    BOOST_TEST(read.error().at->offset == 0u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
