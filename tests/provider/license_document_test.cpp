#include "provider/license_document.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

Product sample() {
  Product product;
  product.sku = parse_guid("0f0f0f0f-1111-8222-9333-444444444444").value();
  product.application = "55c92734-d682-4d71-983e-d6ec3f16059f";
  product.name = "Windows(TM) Vista, <Sample> & edition";
  product.family = "Windows Operating System - Vista";
  product.edition = "Sample";
  product.channel = Channel::kTimebasedEval;
  product.license_family = "0f0f0f0f-1111-8222-9333-555555555555";
  product.key_group = 900;
  product.rearms = 5;
  product.evaluation_end = *from_civil({2008, 8, 31, 12});
  product.upgrade_only = true;
  return complete(product);
}

std::string with(std::string_view what, std::string_view instead) {
  std::string text = to_document(sample());
  const std::size_t at = text.find(what);
  BOOST_TEST_REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), instead);
}

BOOST_AUTO_TEST_SUITE(license_documents)

BOOST_AUTO_TEST_CASE(read_back_what_was_written) {
  const Product product = sample();
  const auto read = parse_license(to_document(product));
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(to_document(*read) == to_document(product));
  BOOST_TEST(read->description == "Windows Operating System - Vista, TIMEBASED_EVAL channel");
  BOOST_TEST(read->name == product.name);
  BOOST_TEST((read->evaluation_end == product.evaluation_end));
}

std::string prefixed(std::string text) {
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos; ++at)
    text.insert(at + (text[at + 1] == '/' ? 2 : 1), "l:");
  return text.replace(text.find("xmlns"), 5, "xmlns:l");
}

BOOST_AUTO_TEST_CASE(may_have_a_prefix_for_their_namespace) {
  const std::string text = prefixed(to_document(sample()));
  BOOST_TEST(text.starts_with("<l:license xmlns:l=\"urn:slwmi:license:1\""));
  const auto read = parse_license(text);
  BOOST_TEST_REQUIRE(read.has_value());
  BOOST_TEST(to_document(*read) == to_document(sample()));
  BOOST_TEST(parse_package("<p:licensePackage xmlns:p=\"urn:slwmi:license:1\">" + text +
                           to_document(sample()) + "</p:licensePackage>")
                 .value()
                 .size() == 2u);
}

BOOST_AUTO_TEST_CASE(say_where_they_are_wrong) {
  const struct {
    const char* why;
    std::string text;
    HResult code;
  } kBad[] = {
      {"empty", "", HResult::kEInvalidarg},
      {"no XML", "hello", HResult::kSlEInvalidLicense},
      {"cut", to_document(sample()).substr(0, 200), HResult::kSlEInvalidLicense},
      {"another namespace", with("urn:slwmi:license:1", "urn:other"), HResult::kSlEInvalidLicense},
      {"a prefix that is not declared", with("<license xmlns=", "<l:license xmlns="),
       HResult::kSlEInvalidLicense},
      {"a prefix of another namespace",
       with("<edition>Sample</edition>", "<o:edition xmlns:o=\"urn:other\">Sample</o:edition>"),
       HResult::kSlEInvalidLicense},
      {"no GUID", with("0f0f0f0f-1111-8222-9333-444444444444", "x"), HResult::kSlEInvalidLicense},
      {"a DTD", "<!DOCTYPE license [<!ENTITY a \"b\">]>" + to_document(sample()),
       HResult::kSlEInvalidLicense},
      {"a character that XML has not", with("<edition>Sample", "<edition>Sam&#1;ple"),
       HResult::kSlEInvalidLicense},
      {"no name", with("<edition>Sample</edition>", ""), HResult::kSlEInvalidLicense},
      {"unknown channel", with("TIMEBASED_EVAL", "PIGEON"), HResult::kSlEInvalidLicense},
      {"a misspelt element", with("<edition>", "<evaluationend/><edition>"),
       HResult::kSlEInvalidLicense},
      {"an element twice", with("<edition>", "<edition>Other</edition><edition>"),
       HResult::kSlEInvalidLicense},
      {"key group too large", with(">900<", ">70000<"), HResult::kSlEInvalidLicense},
      {"time", with("2008-08-31T12:00:00Z", "tomorrow"), HResult::kSlEInvalidLicense},
      {"another element", "<x xmlns=\"urn:slwmi:license:1\"/>", HResult::kSlEInvalidLicense},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto read = parse_license(c.text);
      BOOST_TEST_REQUIRE(!read);
      BOOST_TEST(read.error().code == c.code);
    }
  }
}

BOOST_AUTO_TEST_CASE(come_in_packages_all_or_none) {
  const std::string one = to_document(sample());
  const std::string head = "<licensePackage xmlns=\"urn:slwmi:license:1\">";
  BOOST_TEST(parse_package(head + one + one + "</licensePackage>").value().size() == 2u);
  BOOST_TEST(parse_package(head + "</licensePackage>").error().code == HResult::kSlEInvalidPackage);
  BOOST_TEST(parse_package(one).error().code == HResult::kSlEInvalidPackage);
  BOOST_TEST(parse_package("hello").error().code == HResult::kSlEInvalidPackage);
  BOOST_TEST(parse_package("").error().code == HResult::kEInvalidarg);
  BOOST_TEST(parse_package(head + one + "<license/></licensePackage>").error().code ==
             HResult::kSlEInvalidLicense);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
