#include "provider/product_key.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

BOOST_AUTO_TEST_SUITE(product_key)

BOOST_AUTO_TEST_CASE(reads_back_what_it_wrote) {
  std::set<std::string> texts, partials;
  for (const int group : {0, 1, 140, 65535}) {
    for (const std::uint32_t serial : {0u, 1u, 2u, 123456789u, 0xFFFFFFFFu}) {
      const ProductKey key{static_cast<std::uint16_t>(group), serial};
      const std::string text = to_text(key);
      const auto read = parse_product_key(text);
      BOOST_TEST_REQUIRE(read.has_value());
      BOOST_TEST((*read == key));
      BOOST_TEST(text.substr(24) == partial_text(key));
      texts.insert(text);
      partials.insert(partial_text(key));
    }
  }
  BOOST_TEST(texts.size() == 20u);
  BOOST_TEST(partials.size() == 20u);
}

BOOST_AUTO_TEST_CASE(is_obviously_fictitious) {
  BOOST_TEST(to_text({140, 7}).substr(0, 6) == "FCTKY-");
}

BOOST_AUTO_TEST_CASE(takes_lower_case) {
  BOOST_TEST(parse_product_key("fctky" + to_text({9, 9}).substr(5)).has_value());
}

BOOST_AUTO_TEST_CASE(refuses_every_single_changed_character) {
  const std::string good = to_text({140, 2});
  int accepted = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : std::string(kKeyAlphabet) + "-AN1 ") {
      std::string bad = good;
      bad[i] = c;
      if (bad != good && parse_product_key(bad)) ++accepted;
    }
  }
  BOOST_TEST(accepted == 0);
}

BOOST_AUTO_TEST_CASE(gives_the_documented_code_for_each_malformed_text) {
  const std::string good = to_text({140, 2});
  std::string dashes = good;
  dashes.replace(5, 1, "\xE2\x80\x94");
  const struct {
    const char* why;
    std::string text;
    HResult code;
  } kBad[] = {
      {"empty", "", HResult::kEInvalidarg},
      {"em-dash, VA2 Appendix 2 0xC004F050", dashes, HResult::kSlEInvalidProductKey},
      {"no dashes", "FCTKY" + good.substr(6), HResult::kSlEInvalidProductKey},
      {"blank in front", " " + good, HResult::kSlEInvalidProductKey},
      {"too short", good.substr(0, 23), HResult::kSlEInvalidProductKey},
      {"one group more", good + "-BBBBB", HResult::kSlEInvalidProductKey},
      {"letter outside the alphabet", "FCTKA" + good.substr(5), HResult::kSlEInvalidProductKey},
      {"not our marker", "BBBBB" + good.substr(5), HResult::kSlEInvalidProductKey},
      {"NUL", std::string(29, '\0'), HResult::kSlEInvalidProductKey},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto read = parse_product_key(c.text);
      BOOST_TEST_REQUIRE(!read);
      BOOST_TEST(read.error().code == c.code);
    }
  }
}

BOOST_AUTO_TEST_CASE(is_judged_by_os_version) {
  const KeyFacts good{true, false, false, true, false, false};
  const auto with = [&](auto change) {
    KeyFacts facts = good;
    change(facts);
    return facts;
  };
  const struct {
    const char* why;
    KeyFacts facts;
    HResult vista, later;
  } kRows[] = {
      {"in order", good, HResult::kSOk, HResult::kSOk},
      {"unknown group", with([](KeyFacts& f) { f.group_known = false; }),
       HResult::kSlEInvalidProductKey, HResult::kSlEPkeyInvalidConfig},
      {"blocked", with([](KeyFacts& f) { f.blocked = true; }), HResult::kSlEBlockedProductKey,
       HResult::kSlEBlockedProductKey},
      {"beta key", with([](KeyFacts& f) { f.prerelease_mismatch = true; }),
       HResult::kSlEInvalidProductKey, HResult::kSlEInvalidProductKey},
      {"another edition", with([](KeyFacts& f) { f.edition_on_media = false; }),
       HResult::kSlEDependentPropertyNotSet, HResult::kSlEMismatchedProductSku},
      {"upgrade only, clean installation", with([](KeyFacts& f) { f.upgrade_only = true; }),
       HResult::kSlEPkeyInvalidUpgrade, HResult::kSlEPkeyInvalidUpgrade},
      {"upgrade only, upgraded", with([](KeyFacts& f) { f.upgrade_only = f.upgraded = true; }),
       HResult::kSOk, HResult::kSOk},
  };
  for (const auto& c : kRows) {
    BOOST_TEST_CONTEXT(c.why) {
      BOOST_TEST(to_hex(judge_key(c.facts, {6, 0, 6000})) == to_hex(c.vista));
      BOOST_TEST(to_hex(judge_key(c.facts, {6, 0, 6001})) == to_hex(c.vista));
      BOOST_TEST(to_hex(judge_key(c.facts, {6, 1, 7601})) == to_hex(c.later));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
