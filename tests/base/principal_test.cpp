#include "base/principal.hpp"

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"

using namespace slwmi;

BOOST_AUTO_TEST_SUITE(principal)

BOOST_AUTO_TEST_CASE(sids_go_to_text_and_bytes_and_back) {
  struct Row {
    Sid sid;
    const char* text;
    const char* bytes;
  };
  const Row rows[] = {
      {sids::kEveryone, "S-1-1-0", "010100000000000100000000"},
      {sids::kNetworkService, "S-1-5-20", "010100000000000514000000"},
      {sids::kAdministrators, "S-1-5-32-544", "01020000000000052000000020020000"},
      {Sid(0x123456789ABC, {1}), "S-1-0x123456789abc-1", "0101123456789abc01000000"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.text) {
      BOOST_TEST(format_sid(row.sid) == row.text);
      BOOST_TEST((parse_sid(row.text).value() == row.sid));
      ByteWriter out;
      write_sid(out, row.sid);
      BOOST_TEST(to_hex(out.data()) == row.bytes);
      BOOST_TEST(sid_size(row.sid) == out.position());
      ByteReader in(out.data());
      BOOST_TEST((read_sid(in) == row.sid));
      BOOST_TEST(in.at_end());
    }
  }
  BOOST_TEST((parse_sid("s-1-5-18").value() == sids::kSystem));
}

BOOST_AUTO_TEST_CASE(bad_sids_are_refused_at_the_character) {
  struct Row {
    const char* why;
    const char* text;
    std::size_t offset;
  };
  const Row rows[] = {
      {"empty", "", 0},
      {"revision 2", "S-2-5-18", 2},
      {"no sub-authority", "S-1-5", 5},
      {"empty sub-authority", "S-1-5-", 6},
      {"no number", "S-1-5-x", 6},
      {"over 32 bits", "S-1-5-4294967296", 6},
      {"authority over 48 bits", "S-1-281474976710656-1", 4},
      {"sixteen sub-authorities", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", 42},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.why) {
      const auto parsed = parse_sid(row.text);
      BOOST_REQUIRE(!parsed.has_value());
      BOOST_TEST(parsed.error().at.value().offset == row.offset);
    }
  }
  for (const char* bytes : {"", "0101", "020100000000000100000000", "01020000000000052000"}) {
    BOOST_TEST_CONTEXT(bytes) {
      const Bytes data = from_hex(bytes).value();
      ByteReader in{ByteSpan(data)};
      BOOST_TEST(!read_sid(in).has_value());
      BOOST_TEST(!in.ok());
    }
  }
}

BOOST_AUTO_TEST_CASE(named_principals_hold_the_groups_of_their_tokens) {
  struct Row {
    const char* name;
    const char* user;
    bool elevated, administrators, everyone;
  };
  const Row rows[] = {
      {"anonymous", "S-1-5-7", false, false, false},
      {"standard", "S-1-5-21-1001001001-2002002002-3003003003-1001", false, false, true},
      {"Administrator", "S-1-5-21-1001001001-2002002002-3003003003-1000", true, true, true},
      {"administrator-unelevated", "S-1-5-21-1001001001-2002002002-3003003003-1000", false, false,
       true},
      {"network-service", "S-1-5-20", false, false, true},
      {"local-service", "S-1-5-19", false, false, true},
      {"SYSTEM", "S-1-5-18", true, true, true},
      {"S-1-5-18", "S-1-5-18", true, true, true},
      {"s-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-500", false, false, true},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.name) {
      const Principal p = find_principal(row.name).value();
      BOOST_TEST(format_sid(p.user) == row.user);
      BOOST_TEST(p.elevated == row.elevated);
      BOOST_TEST(is_member(p, sids::kAdministrators) == row.administrators);
      BOOST_TEST(is_member(p, sids::kEveryone) == row.everyone);
      BOOST_TEST(is_member(p, p.user));
    }
  }
  for (const std::string_view name : principal_names()) {
    BOOST_TEST(find_principal(name).value().name == name);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_principal_is_refused_with_the_names_there_are) {
  const auto found = find_principal("root");
  BOOST_REQUIRE(!found.has_value());
  BOOST_TEST((found.error().code == HResult::kEInvalidarg));
  BOOST_TEST(found.error().message.find("network-service") != std::string::npos);
  BOOST_TEST(!find_principal("S-1-").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
