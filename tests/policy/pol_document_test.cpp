#include <filesystem>
#include <fstream>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "policy/document.hpp"
#include "registry/formats/pol_file.hpp"
#include "registry/op.hpp"
#include "registry/path.hpp"

using namespace slwmi;
using namespace slwmi::policy;

namespace {

namespace fs = std::filesystem;
const fs::path kCases = SLWMI_SOURCE_DIR "/tests/cases/registry_pol";

Bytes bytes_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  const ByteSpan bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

Document read_good(const fs::path& path) {
  const auto document = parse_document(bytes_of(path), path.filename().string(), "p");
  BOOST_REQUIRE_MESSAGE(document.has_value(), path);
  return *document;
}

// What a text made of the file says.
Document through_text(const reg::PolFile& file) {
  const auto document = parse_document(reg::write_pol(file), "f", "p");
  BOOST_REQUIRE(document.has_value());
  const auto text = write_document(*document, Syntax::kJson);
  BOOST_REQUIRE(text.has_value());
  const auto again = parse_document(as_bytes(*text), "f");
  BOOST_REQUIRE(again.has_value());
  return *again;
}

std::vector<std::string> actions(const Document& document) {
  std::vector<std::string> found;
  for (const Setting& setting : document.settings) {
    found.push_back(std::string(to_text(setting.action)) + " " + setting.key + " " + setting.value);
  }
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_pol_document)

BOOST_AUTO_TEST_CASE(says_what_its_records_say) {
  const Document document = read_good(kCases / "edge/licensing_push.pol");
  BOOST_TEST(document.name == "p");
  BOOST_TEST(document.ordered);
  BOOST_TEST(!document.settings.empty());
  bool named = false;
  for (const Setting& setting : document.settings) named = named || setting.info != nullptr;
  BOOST_TEST(named);
  BOOST_TEST(document.settings[0].place.path == "record 0");
  BOOST_TEST(document.settings[0].place.at.offset == 8u);
}

// What the document compiles to is what the file itself compiles to, directives and all.
BOOST_AUTO_TEST_CASE(compiles_to_the_layer_of_its_file) {
  std::size_t count = 0;
  for (const char* folder : {"edge", "rules"}) {
    for (const auto& entry : fs::directory_iterator(kCases / folder)) {
      if (entry.path().extension() != ".pol") continue;
      const Bytes bytes = bytes_of(entry.path());
      const auto file = reg::read_pol(bytes);
      const Reading reading = read_document(bytes, Syntax::kPol, "f", "p");
      BOOST_TEST_CONTEXT(entry.path().filename()) {
        BOOST_TEST(reading.document.has_value() == file.has_value());
        if (!file || !reading.document) continue;
        const auto compiled = compile(*reading.document);
        BOOST_REQUIRE(compiled.has_value());
        BOOST_TEST((compiled->layer->ops() == reg::compile_pol(*file, reg::KeyId::kLocalMachine)));
        ++count;
      }
    }
  }
  BOOST_TEST(count >= 35u);
}

BOOST_AUTO_TEST_CASE(is_written_back_with_the_same_effect) {
  for (const auto& entry : fs::directory_iterator(kCases / "rules")) {
    if (entry.path().extension() != ".pol") continue;
    BOOST_TEST_CONTEXT(entry.path().filename()) {
      const Document document = read_good(entry.path());
      const auto bytes = write_document(document, Syntax::kPol);
      BOOST_REQUIRE(bytes.has_value());
      const auto again = parse_document(as_bytes(*bytes), "f", "p");
      BOOST_REQUIRE(again.has_value());
      BOOST_TEST(actions(*again) == actions(document), boost::test_tools::per_element());
      BOOST_TEST(compile(*again)->hash.low == compile(document)->hash.low);
    }
  }
}

BOOST_AUTO_TEST_CASE(goes_into_text_unless_its_order_matters) {
  const Document push = read_good(kCases / "edge/licensing_push.pol");
  const auto text = write_document(push, Syntax::kJson);
  BOOST_REQUIRE(text.has_value());
  BOOST_TEST_CONTEXT(*text) {
    const auto again = parse_document(as_bytes(*text), "f");
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST(again->settings.size() == push.settings.size());
  }
  const auto ordered =
      write_document(read_good(kCases / "rules/rules_set_then_delvals.pol"), Syntax::kJson);
  BOOST_REQUIRE(!ordered.has_value());
  BOOST_TEST((ordered.error().code == HResult::kErrorNotSupported));
}

// The key of a value that was set and then deleted is made all the same.
BOOST_AUTO_TEST_CASE(goes_into_text_with_the_keys_of_values_that_went_again) {
  const reg::PolFile file{
      {{"Software\\A", "V", reg::make_dword(1)}, {"Software\\A", "**del.V", reg::make_sz(" ")}}};
  const std::vector<std::string> wanted = {"create-key HKEY_LOCAL_MACHINE\\SOFTWARE\\A ",
                                           "delete-value HKEY_LOCAL_MACHINE\\SOFTWARE\\A V"};
  BOOST_TEST(actions(through_text(file)) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(goes_into_text_with_the_last_descriptor_of_a_key) {
  const reg::PolFile file{{{"Software\\A", "**SecureKey", reg::make_dword(1)},
                           {"Software\\A\\B", "V", reg::make_dword(1)},
                           {"Software\\A", "**SecureKey", reg::make_dword(0)}}};
  const std::vector<std::string> wanted = {"reset-key HKEY_LOCAL_MACHINE\\SOFTWARE\\A ",
                                           "set HKEY_LOCAL_MACHINE\\Software\\A\\B V"};
  BOOST_TEST(actions(through_text(file)) == wanted, boost::test_tools::per_element());
}

// As a text it would make that key where it is missing.
BOOST_AUTO_TEST_CASE(goes_into_no_text_if_it_secures_a_key_that_it_does_not_make) {
  for (const char* other : {"Software\\B", "Software\\AB", "Software"}) {
    reg::PolFile file{{{other, "V", reg::make_dword(1)},
                       {"Software\\A", "**del.V", reg::make_sz(" ")},
                       {"Software\\A", "**SecureKey", reg::make_dword(1)}}};
    const std::vector<std::byte> bytes = reg::write_pol(file);
    const auto text = write_document(*parse_document(bytes, "f", "p"), Syntax::kJson);
    BOOST_REQUIRE(!text.has_value());
    BOOST_TEST((text.error().code == HResult::kErrorNotSupported));
    BOOST_TEST(text.error().message ==
               "a text would make HKEY_LOCAL_MACHINE\\SOFTWARE\\A, which is only secured; use pol");
  }
}

// A text makes the keys that it secures, a Registry.pol does not.
BOOST_AUTO_TEST_CASE(of_a_text_makes_the_keys_that_it_secures) {
  for (const char* secure : {"true", "false"}) {
    const std::string text =
        std::string(R"({"policy":"p","registry":[{"key":"HKLM\\SOFTWARE\\Safe","secure":)") +
        secure + "}]}";
    const auto document = parse_document(as_bytes(text), "f");
    BOOST_REQUIRE(document.has_value());
    const auto bytes = write_document(*document, Syntax::kPol);
    BOOST_REQUIRE(bytes.has_value());
    const auto again = parse_document(as_bytes(*bytes), "f", "p");
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST((compile(*again)->layer->ops() == compile(*document)->layer->ops()));
  }
}

BOOST_AUTO_TEST_CASE(carries_the_lints_of_its_file) {
  const Document document = read_good(kCases / "edge/hklm_in_key.pol");
  BOOST_REQUIRE(!document.warnings.empty());
  BOOST_TEST(document.warnings[0].code == "registry-pol");
}

BOOST_AUTO_TEST_CASE(a_broken_file_says_at_which_offset) {
  const Reading reading =
      read_document(bytes_of(kCases / "edge/truncated_last.pol"), Syntax::kPol, "f", "p");
  BOOST_TEST(!reading.document.has_value());
  BOOST_REQUIRE(reading.findings.size() == 1u);
  BOOST_TEST(reading.findings[0].place.at.offset > 8u);
}

BOOST_AUTO_TEST_CASE(has_no_place_for_other_hives) {
  const std::string_view text =
      R"({"policy":"p","settings":{"DiscoveredKeyManagementServiceName":"a.example"}})";
  const auto bytes = write_document(*parse_document(as_bytes(text), "f"), Syntax::kPol);
  BOOST_REQUIRE(!bytes.has_value());
  BOOST_TEST((bytes.error().code == HResult::kErrorNotSupported));
}

BOOST_AUTO_TEST_SUITE_END()
