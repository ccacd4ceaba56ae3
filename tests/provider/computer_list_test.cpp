#include "provider/computer_list.hpp"

#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "provider/installation_id.hpp"
#include "provider/product_key.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

using H = HResult;

FileTime at(std::string_view iso) { return parse_iso8601(iso).value(); }

const std::string kKey = to_text({409, 42});
const std::string kInstallation = installation_id({{409, 42}, 77}, 5);
const std::string kConfirmation = confirmation_id(kInstallation, 5);

ListedProduct product() {
  ListedProduct out;
  out.sku = "55aaced5-161f-86f5-969d-c4d3b18d2c82";
  out.name = "Windows(TM) Vista, Enterprise edition";
  out.description = "Windows Operating System - Vista, VOLUME_MAK channel";
  out.partial_key = partial_text({409, 42});
  out.product_key_id = "70007-00409-000-000042-03-1033-6001.0000-0612008";
  out.status = LicenseStatus::kOobGrace;
  out.reason = H::kSlIOobGracePeriod;
  out.minutes = 43200;
  out.installation_id = kInstallation;
  return out;
}

ComputerList rich_list() {
  ComputerList list;
  list.keys.push_back({kKey, "Enterprise", at("2008-03-02"), 49, 50, H::kSOk});
  list.keys.push_back({to_text({409, 43}), "Enterprise"});
  ListedComputer pc{"PC1", "contoso.com", "6.0.6001.18000", at("2008-03-01T00:00:01.5")};
  pc.action = "confirm";
  pc.acted = at("2008-03-03");
  pc.result = H::kSlEChpaDmakLimitExceeded;
  pc.products = {product(), product()};
  pc.products[1].sku = "3da7925b-bdb9-80bd-916d-1f5fef44b7c9";
  pc.products[1].confirmation_id = kConfirmation;
  pc.products[1].confirmed = at("2008-03-02");
  pc.products[1].applied = at("2008-03-03");
  pc.products[1].reason = {};
  pc.products[1].product_key_id.clear();
  pc.products[1].description = "<&\"'> \xC3\xA4 \xF0\x9F\x94\x91";
  list.computers.push_back(pc);
  list.computers.push_back({"lab_7", ""});
  return list;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t place = text.find(what);
  BOOST_REQUIRE_MESSAGE(place != std::string::npos, std::string(what));
  return text.replace(place, what.size(), with);
}

std::string why_not(const Result<ComputerList>& read) {
  return read ? std::string() : read.error().message;
}

BOOST_AUTO_TEST_SUITE(computer_list)

BOOST_AUTO_TEST_CASE(reads_back_what_it_wrote) {
  for (const ComputerList& list : {ComputerList{}, rich_list()}) {
    const std::string text = write_computer_list(list);
    const auto read = read_computer_list(text);
    BOOST_TEST_REQUIRE(why_not(read) == "");
    BOOST_TEST((*read == list));
    BOOST_TEST(write_computer_list(*read) == text);
  }
}

BOOST_AUTO_TEST_CASE(replaces_what_xml_has_no_form_for) {
  ComputerList list = rich_list();
  list.computers[0].products[0].name = "a\x01\xED\xA0\x80z";  // a control character, half a pair
  const auto read = read_computer_list(write_computer_list(list));
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(read->computers[0].products[0].name == "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

BOOST_AUTO_TEST_CASE(cuts_what_is_longer_than_it_reads_between_characters) {
  ComputerList list = rich_list();
  std::string& name = list.computers[0].products[0].name;
  for (int i = 0; i < 400; ++i) name += "\xE2\x82\xAC";
  const auto read = read_computer_list(write_computer_list(list));
  BOOST_TEST_REQUIRE(why_not(read) == "");
  const std::string& kept = read->computers[0].products[0].name;
  BOOST_TEST(name.starts_with(kept));
  BOOST_TEST((kept.size() > 1020 && kept.size() <= 1024 && kept.ends_with("\xE2\x82\xAC")));
}

BOOST_AUTO_TEST_CASE(takes_comments_and_references_and_a_byte_order) {
  std::string text = write_computer_list(rich_list());
  text = replaced(text, "<Computer ", "<!-- by hand --><Computer ");
  text = replaced(text, "Enterprise edition", "&#69;nterprise&#x20;edition");
  const auto read = read_computer_list(text);
  BOOST_TEST_REQUIRE(why_not(read) == "");
  BOOST_TEST((*read == rich_list()));
}

BOOST_AUTO_TEST_CASE(finds_computers_by_either_name) {
  ComputerList list = rich_list();
  BOOST_TEST(list.find("pc1") == &list.computers[0]);
  BOOST_TEST(list.find("PC1.CONTOSO.com") == &list.computers[0]);
  BOOST_TEST(list.find("lab_7.contoso.com") == &list.computers[1]);  // its domain is not known
  BOOST_TEST((list.find("pc1.fabrikam.com") == nullptr));
  BOOST_TEST((list.find("PC2") == nullptr));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_one_and_says_where) {
  const std::string good = write_computer_list(rich_list());
  std::string wrong_digit = kInstallation;
  wrong_digit[5] = wrong_digit[5] == '0' ? '1' : '0';
  const struct {
    const char* why;
    std::string text;
    std::string_view at;  // the place is where this begins; empty: anywhere
  } bad[] = {
      {"cut", good.substr(0, good.size() / 2), ""},
      {"no XML", "PC1, PC2", ""},
      {"another document", "<license/>", "license"},
      {"another version", replaced(good, "list:1", "list:2"), "xmlns"},
      {"a DTD", replaced(good, "<Comp", "<!DOCTYPE x><Comp"), ""},
      {"text behind it", good + "x", ""},
      {"a second root", good + "<x/>", ""},
      {"text inside", replaced(good, "<Computer ", "text<Computer "), "text"},
      {"an unknown element", replaced(good, "<Computer ", "<Printer/><Computer "), "<Printer"},
      {"an element inside a key",
       replaced(good, "State=\"0x00000000\" />", "State=\"0x00000000\"><x/></ProductKey>"), "<x/>"},
      {"an unknown attribute", replaced(good, "<Computer ", "<Computer Owner=\"x\" "), "Owner"},
      {"an attribute twice", replaced(good, "Name=\"PC1\"", "Name=\"PC1\" Name=\"PC1\""), ""},
      {"a missing attribute", replaced(good, " Edition=\"Enterprise\"", ""), "<ProductKey"},
      {"an unknown entity", replaced(good, "Enterprise", "&home;"), "&home;"},
      {"a NUL by its number", replaced(good, "Enterprise", "&#0;"), "&#0;"},
      {"a line feed by its number", replaced(good, "Enterprise", "&#xA;"), "&#xA;"},
      {"hex digits without their x", replaced(good, "Enterprise", "&#0x41;"), "&#0x41;"},
      {"half a pair by its number", replaced(good, "Enterprise", "&#xD800;"), "&#xD800;"},
      {"a bare ampersand", replaced(good, "Enterprise", "a & b"), "& b"},
      {"a control character", replaced(good, "Enterprise", "a\x02"), "\x02"},
      {"not UTF-8", replaced(good, "Enterprise", "\xFF"), "\xFF"},
      {"a computer twice", replaced(good, "lab_7", "pc1"), "Name=\"pc1\""},
      {"a key twice", replaced(good, to_text({409, 43}), kKey), ""},
      {"a product twice",
       replaced(good, "3da7925b-bdb9-80bd-916d-1f5fef44b7c9",
                "55aaced5-161f-86f5-969d-c4d3b18d2c82"),
       ""},
      {"no computer name", replaced(good, "lab_7", "lab 7"), "Name=\"lab 7\""},
      {"an empty name", replaced(good, "lab_7", ""), "Name=\"\""},
      {"no key of ours", replaced(good, kKey, "AAAAA" + kKey.substr(5)), "Key="},
      {"a GUID in braces",
       replaced(good, "3da7925b-bdb9-80bd-916d-1f5fef44b7c9",
                "{3da7925b-bdb9-80bd-916d-1f5fef44b7c9}"),
       ""},
      {"a status", replaced(good, "LicenseStatus=\"2\"", "LicenseStatus=\"6\""), "LicenseStatus="},
      {"a number with a sign", replaced(good, "Remaining=\"49\"", "Remaining=\"-1\""), "Remaining"},
      {"a number with zeros", replaced(good, "Remaining=\"49\"", "Remaining=\"049\""), "Remaining"},
      {"a short code", replaced(good, "State=\"0x00000000\"", "State=\"0x0\""), "State"},
      {"local time", replaced(good, "2008-03-02T00:00:00Z", "2008-03-02T00:00:00+01:00"), "Asked"},
      {"an unknown action", replaced(good, "\"confirm\"", "\"delete\""), "Action"},
      {"a code without an action", replaced(good, " Action=\"confirm\"", ""), "Acted"},
      {"a wrong check digit", replaced(good, kInstallation, wrong_digit), "InstallationId"},
      {"a confirmation ID with blanks", replaced(good, kConfirmation, kConfirmation + " "),
       "ConfirmationId"},
      {"a confirmation ID of nothing",
       replaced(good, " InstallationId=\"" + kInstallation + "\" ConfirmationId",
                " ConfirmationId"),
       "<Product "},
      {"applied, but never confirmed",
       replaced(good, " ConfirmationId=\"" + kConfirmation + "\"", ""), "Confirmed"},
      {"collected without a version", replaced(good, " Version=\"6.0.6001.18000\"", ""),
       "<Computer"},
  };
  for (const auto& row : bad) {
    BOOST_TEST_CONTEXT(row.why) {
      const auto read = read_computer_list(row.text);
      BOOST_REQUIRE(!read);
      BOOST_TEST(read.error().code == H::kErrorInvalidData);
      BOOST_REQUIRE(read.error().at.has_value());
      const SourcePos place = *read.error().at;
      BOOST_TEST(place.offset <= row.text.size());
      BOOST_TEST(place.line >= 1);
      BOOST_TEST(place.column >= 1);
      if (!row.at.empty()) BOOST_TEST(row.text.substr(place.offset, row.at.size()) == row.at);
    }
  }
  const auto empty = read_computer_list("");
  BOOST_REQUIRE(!empty);
  BOOST_TEST(empty.error().code == H::kEInvalidarg);
}

BOOST_AUTO_TEST_CASE(counts_lines_and_columns_from_one) {
  const std::string good = write_computer_list(rich_list());
  const std::string text = replaced(good, "Name=\"lab_7\"", "Name=\"lab 7\"");
  const auto read = read_computer_list(text);
  BOOST_REQUIRE(!read);
  const std::size_t offset = read.error().at->offset;
  BOOST_TEST(read.error().at->line ==
             1 + std::count(text.begin(), text.begin() + static_cast<long>(offset), '\n'));
  BOOST_TEST(read.error().at->column == 13);  // behind two blanks and "<Computer "
  BOOST_TEST(read.error().token == "lab 7");
}

BOOST_AUTO_TEST_CASE(keeps_its_limits) {
  const std::string text = write_computer_list(rich_list());
  const auto with = [&](auto change) {
    ComputerListLimits limits;
    change(limits);
    const auto read = read_computer_list(text, limits);
    return read ? H::kSOk : read.error().code;
  };
  using L = ComputerListLimits;
  BOOST_TEST(with([&](L& l) { l = {text.size(), 2, 2, 2}; }) == H::kSOk);
  BOOST_TEST(with([&](L& l) { l.bytes = text.size() - 1; }) == H::kErrorInvalidData);
  BOOST_TEST(with([](L& l) { l.computers = 1; }) == H::kErrorInvalidData);
  BOOST_TEST(with([](L& l) { l.products = 1; }) == H::kErrorInvalidData);
  BOOST_TEST(with([](L& l) { l.keys = 1; }) == H::kErrorInvalidData);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
