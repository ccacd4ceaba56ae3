#include "registry/security.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"

namespace slwmi::reg {
namespace {

Principal principal(const char* name) { return *find_principal(name); }
SecurityDescriptor sddl(std::string_view text) {
  auto descriptor = parse_sddl(text);
  BOOST_REQUIRE_MESSAGE(descriptor.has_value(), text);
  return *descriptor;
}

struct {
  const char* why;
  const char* in;
  const char* out;
} const kTexts[] = {
    {"the default of HKLM", "O:BAG:SYD:(A;CI;KR;;;WD)(A;CI;KA;;;BA)",
     "O:BAG:SYD:(A;CI;KR;;;WD)(A;CI;KA;;;BA)"},
    {"SIDs in full get their names", "O:S-1-5-32-544G:S-1-5-18D:", "O:BAG:SYD:"},
    {"a SID without a name stays", "O:S-1-5-21-1-2-3-500G:BAD:(A;;KR;;;S-1-5-21-1-2-3-1001)",
     "O:S-1-5-21-1-2-3-500G:BAD:(A;;KR;;;S-1-5-21-1-2-3-1001)"},
    {"a SID before D:", "O:S-1-5-20D:(A;;KA;;;SY)", "O:NSD:(A;;KA;;;SY)"},
    {"flags and denial", "D:PAI(D;OICIIOID;KW;;;AU)", "D:PAI(D;OICIIOID;KW;;;AU)"},
    {"auto-inherit request", "D:ARAI(A;;KR;;;BU)", "D:ARAI(A;;KR;;;BU)"},
    {"letters join", "D:(A;;CCDCLCSWRPSDRC;;;NS)", "D:(A;;CCDCLCSWRPSDRC;;;NS)"},
    {"whole masks are recognised", "D:(A;;CCLCSWRPRC;;;BU)(A;;0xf003f;;;BA)",
     "D:(A;;CCLCSWRPRC;;;BU)(A;;KA;;;BA)"},
    {"read is KR", "D:(A;;CCSWRPRC;;;BU)", "D:(A;;KR;;;BU)"},
    {"generic rights stay generic", "D:(A;CIIO;GA;;;CO)", "D:(A;CIIO;GA;;;CO)"},
    {"bits without a letter are hex", "D:(A;;0x100200;;;BU)", "D:(A;;0x100200;;;BU)"},
    {"lower case", "d:(a;ci;ka;;;ba)", "D:(A;CI;KA;;;BA)"},
    {"audit in the SACL", "S:PAI(AU;SAFA;KA;;;WD)", "S:PAI(AU;SAFA;KA;;;WD)"},
    {"a null DACL", "D:NO_ACCESS_CONTROL", "D:NO_ACCESS_CONTROL"},
    {"nothing", "", ""},
};

struct {
  const char* why;
  const char* text;
  std::size_t at;
} const kBadTexts[] = {
    {"no part", "BA", 0},
    {"unknown part", "X:BA", 0},
    {"unknown name", "O:ZZ", 2},
    {"bad SID", "O:S-1-", 2},
    {"unknown ACE type", "D:(OA;;KA;;;BA)", 3},
    {"unknown flag", "D:(A;XX;KA;;;BA)", 5},
    {"unknown right", "D:(A;;QQ;;;BA)", 6},
    {"an object GUID", "D:(A;;KA;bf967aba-0de6-11d0-a285-00aa003049e2;;BA)", 9},
    {"not closed", "D:(A;;KA;;;BA", 13},
    {"too few fields", "D:(A;;KA;BA)", 9},
    {"a number too long", "D:(A;;0x100000000;;;BA)", 8},
};

struct {
  const char* why;
  const char* descriptor;
  const char* who;
  Access want;
  bool granted;
} const kChecks[] = {
    {"everyone reads", "O:BAG:SYD:(A;;KR;;;WD)", "standard", access::kRead, true},
    {"reading is not writing", "O:BAG:SYD:(A;;KR;;;WD)", "standard", access::kSetValue, false},
    {"an elevated administrator is in Administrators", "O:BAG:SYD:(A;;KA;;;BA)", "administrator",
     access::kAllAccess, true},
    {"an unelevated one is not", "O:BAG:SYD:(A;;KA;;;BA)", "administrator-unelevated",
     access::kRead, false},
    {"its Administrators group still denies", "O:SYG:SYD:(D;;KW;;;BA)(A;;KA;;;AU)",
     "administrator-unelevated", access::kWrite, false},
    {"rights add up over entries", "O:SYG:SYD:(A;;CC;;;WD)(A;;DC;;;AU)", "standard",
     access::kQueryValue | access::kSetValue, true},
    {"a denial before the grant counts", "O:SYG:SYD:(D;;DC;;;AU)(A;;KA;;;WD)", "standard",
     access::kSetValue, false},
    {"a denial after it does not", "O:SYG:SYD:(A;;KA;;;WD)(D;;DC;;;AU)", "standard",
     access::kSetValue, true},
    {"a denial of other rights does not", "O:SYG:SYD:(D;;DC;;;AU)(A;;KA;;;WD)", "standard",
     access::kRead, true},
    {"inherit-only entries are for others", "O:SYG:SYD:(A;CIIO;KA;;;WD)", "standard", access::kRead,
     false},
    {"the owner may change the DACL", "O:NSG:SYD:", "network-service",
     access::kReadControl | access::kWriteDac, true},
    {"the owner may not read values by that", "O:NSG:SYD:", "network-service", access::kQueryValue,
     false},
    {"an empty DACL refuses SYSTEM too", "O:BAG:SYD:", "system", access::kQueryValue, false},
    {"a null DACL refuses nobody", "O:BAG:SYD:NO_ACCESS_CONTROL", "standard", access::kAllAccess,
     true},
    {"generic rights are mapped on both sides", "O:SYG:SYD:(A;;GR;;;WD)", "standard",
     access::kGenericRead, true},
    {"WOW64 flags are no rights", "O:SYG:SYD:(A;;KR;;;WD)", "standard", access::kRead | 0x100,
     true},
    {"a right that keys do not have is refused", "O:SYG:SYD:(A;;KA;;;WD)", "standard", 0x1000,
     false},
    {"asking for nothing is refused", "O:SYG:SYD:(A;;KA;;;WD)", "standard", 0, false},
    {"the SACL needs the privilege", "O:SYG:SYD:(A;;KA;;;WD)", "standard",
     access::kAccessSystemSecurity, false},
    {"which an elevated administrator has", "O:SYG:SYD:(A;;KA;;;WD)", "administrator",
     access::kAccessSystemSecurity, true},
};

struct {
  const char* why;
  const char* parent;
  const char* creator;
  const char* child;
} const kInherit[] = {
    {"container entries come down and say so", "O:BAG:SYD:(A;CI;KR;;;BU)(A;CI;KA;;;BA)",
     "administrator", "O:BAG:SYD:AI(A;CIID;KR;;;BU)(A;CIID;KA;;;BA)"},
    {"entries without CI do not", "O:BAG:SYD:(A;;KA;;;BU)(A;CI;KR;;;WD)", "system",
     "O:BAG:SYD:AI(A;CIID;KR;;;WD)"},
    {"object entries wait", "O:BAG:SYD:(A;OI;KR;;;BU)(A;CI;KA;;;BA)", "administrator",
     "O:BAG:SYD:AI(A;OIIOID;KR;;;BU)(A;CIID;KA;;;BA)"},
    {"NP goes one level", "O:BAG:SYD:(A;CINP;KA;;;BA)", "administrator",
     "O:BAG:SYD:AI(A;ID;KA;;;BA)"},
    {"IO becomes effective", "O:BAG:SYD:(A;CIIO;KA;;;BU)", "administrator",
     "O:BAG:SYD:AI(A;CIID;KA;;;BU)"},
    {"the creator's entry splits", "O:BAG:SYD:(A;CIIO;KA;;;CO)", "network-service",
     "O:NSG:SYD:AI(A;ID;KA;;;NS)(A;CIIOID;KA;;;CO)"},
    {"generic rights split", "O:BAG:SYD:(A;CI;GR;;;BU)", "administrator",
     "O:BAG:SYD:AI(A;ID;KR;;;BU)(A;CIIOID;GR;;;BU)"},
    {"nothing to inherit gives the creator's default", "O:BAG:SYD:P(A;;KA;;;BU)", "network-service",
     "O:NSG:SYD:(A;;KA;;;NS)(A;;KA;;;SY)"},
    {"audits come down too", "O:BAG:SYD:(A;CI;KA;;;BA)S:(AU;CISA;KW;;;WD)", "administrator",
     "O:BAG:SYD:AI(A;CIID;KA;;;BA)S:AI(AU;CIIDSA;KW;;;WD)"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(security)

BOOST_AUTO_TEST_CASE(sddl_reads_and_writes_as_windows_does) {
  for (const auto& c : kTexts) BOOST_TEST_CONTEXT(c.why) BOOST_TEST(to_sddl(sddl(c.in)) == c.out);
}

BOOST_AUTO_TEST_CASE(bad_sddl_is_refused_with_a_place) {
  for (const auto& c : kBadTexts) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto bad = parse_sddl(c.text);
      BOOST_REQUIRE(!bad.has_value());
      BOOST_TEST((bad.error().code == HResult::kEInvalidarg));
      BOOST_TEST(bad.error().at->offset == c.at);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_binary_form_round_trips) {
  for (const auto& c : kTexts) {
    BOOST_TEST_CONTEXT(c.why) {
      const SecurityDescriptor descriptor = sddl(c.in);
      const auto back = parse_security(to_bytes(descriptor));
      BOOST_REQUIRE(back.has_value());
      BOOST_TEST((*back == descriptor));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_binary_form_is_the_self_relative_one) {
  BOOST_TEST(to_hex(to_bytes(sddl("O:BAG:SYD:(A;CI;KR;;;WD)"))) ==
             "0100048030000000400000000000000014000000"
             "02001c00010000000002140019000200010100000000000100000000"
             "01020000000000052000000020020000"
             "010100000000000512000000");
}

BOOST_AUTO_TEST_CASE(damaged_descriptors_are_refused) {
  const std::vector<std::byte> good = to_bytes(sddl("O:BAG:SYD:(A;CI;KR;;;WD)S:(AU;SA;KA;;;WD)"));
  for (std::size_t length = 0; length < good.size(); ++length) {
    BOOST_TEST_CONTEXT(length)
    BOOST_TEST(!parse_security(ByteSpan(good).first(length)).has_value());
  }
  std::vector<std::byte> revision = good;
  revision[0] = std::byte{2};
  BOOST_TEST(!parse_security(revision).has_value());
}

BOOST_AUTO_TEST_CASE(access_is_decided_as_windows_decides) {
  for (const auto& c : kChecks) {
    BOOST_TEST_CONTEXT(c.why) {
      BOOST_TEST(check_access(sddl(c.descriptor), principal(c.who), c.want).has_value() ==
                 c.granted);
    }
  }
}

BOOST_AUTO_TEST_CASE(maximum_allowed_gives_what_there_is) {
  const SecurityDescriptor hklm = security_of(machine_default());
  const auto max = [&](const char* who) {
    return check_access(hklm, principal(who), access::kMaximumAllowed).value_or(0);
  };
  BOOST_TEST(max("administrator") == access::kAllAccess);
  BOOST_TEST(max("system") == access::kAllAccess);
  BOOST_TEST(max("standard") == access::kRead);
  BOOST_TEST(max("administrator-unelevated") == access::kRead);
  BOOST_TEST(max("network-service") == access::kRead);
  BOOST_TEST(!check_access(sddl("O:SYG:SYD:"), principal("standard"), access::kMaximumAllowed)
                  .has_value());
  BOOST_TEST(*check_access(sddl("O:SYG:SYD:(D;;DC;;;AU)(A;;KA;;;WD)"), principal("standard"),
                           access::kMaximumAllowed) == (access::kAllAccess & ~access::kSetValue));
}

BOOST_AUTO_TEST_CASE(new_keys_inherit_as_windows_makes_them) {
  for (const auto& c : kInherit) {
    BOOST_TEST_CONTEXT(c.why) {
      BOOST_TEST(to_sddl(inherit(sddl(c.parent), principal(c.creator))) == c.child);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_users_hive_is_the_users) {
  const SecurityDescriptor hive = security_of(user_default(sids::kNetworkService));
  BOOST_TEST(check_access(hive, principal("network-service"), access::kAllAccess).has_value());
  BOOST_TEST(check_access(hive, principal("system"), access::kAllAccess).has_value());
  BOOST_TEST(check_access(hive, principal("administrator"), access::kAllAccess).has_value());
  BOOST_TEST(!check_access(hive, principal("standard"), access::kRead).has_value());
}

BOOST_AUTO_TEST_CASE(equal_descriptors_share_an_id_and_hand_down_the_same) {
  const SecurityId id = intern_sddl("O:BAG:SYD:(A;CI;KA;;;BA)");
  BOOST_TEST((id == intern_sddl("O:S-1-5-32-544G:S-1-5-18D:(A;CI;0xf003f;;;BA)")));
  BOOST_TEST((id != intern_sddl("O:BAG:SYD:(A;;KA;;;BA)")));
  BOOST_TEST(
      (handed_down(id) == intern_security(inherit(security_of(id), principal("administrator")))));
  BOOST_TEST((handed_down(handed_down(id)) == handed_down(id)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
