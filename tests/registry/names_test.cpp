#include "registry/names.hpp"

#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"

namespace slwmi::reg {

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(spellings_that_differ_in_case_are_one_name) {
  const Name a = intern_name("VLRenewalInterval");
  const Name b = intern_name("vlrenewalINTERVAL");
  BOOST_TEST(number(a.id) == number(b.id));
  BOOST_TEST(number(a.spelling) != number(b.spelling));
  BOOST_TEST(text_of(a.spelling) == "VLRenewalInterval");
  BOOST_TEST(text_of(b.spelling) == "vlrenewalINTERVAL");
  BOOST_TEST(folded_text(a.id) == "VLRENEWALINTERVAL");
  BOOST_TEST(number(name_of(b.spelling)) == number(a.id));
}

BOOST_AUTO_TEST_CASE(the_empty_name_is_the_default_value) {
  BOOST_TEST((intern_name("").id == NameId::kDefault));
  BOOST_TEST((intern_name("").spelling == SpellingId::kDefault));
}

BOOST_AUTO_TEST_CASE(non_ascii_names_fold_by_the_upcase_table) {
  BOOST_TEST((intern_name("имя").id == intern_name("ИМЯ").id));
  BOOST_TEST((intern_name("straße").id != intern_name("STRASSE").id));
}

BOOST_AUTO_TEST_CASE(finding_makes_nothing) {
  BOOST_TEST(!find_name("a name that nobody has made").has_value());
  BOOST_TEST(!find_name("a name that nobody has made").has_value());
  const Name made = intern_name("a name that somebody has made");
  BOOST_TEST((find_name("A NAME that somebody has made") == made.id));
}

BOOST_AUTO_TEST_CASE(keys_know_their_parent_name_and_depth) {
  const NameId software = intern_name("Software").id;
  const KeyId key = intern_key(KeyId::kLocalMachine, software);
  BOOST_TEST((intern_key(KeyId::kLocalMachine, intern_name("SOFTWARE").id) == key));
  BOOST_TEST((intern_key(KeyId::kUsers, software) != key));
  BOOST_TEST((parent_of(key) == KeyId::kLocalMachine));
  BOOST_TEST((name_of(key) == software));
  BOOST_TEST(depth_of(key) == 2);
  BOOST_TEST(is_within(key, key));
  BOOST_TEST(is_within(key, KeyId::kLocalMachine));
  BOOST_TEST(!is_within(KeyId::kLocalMachine, key));
  BOOST_TEST(!is_within(key, KeyId::kUsers));
}

BOOST_AUTO_TEST_CASE(names_order_by_upcased_utf16_units) {
  const std::vector<std::string> in_order = {
      "(a", "0", "A", "b", "_x", "é", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD"};
  for (std::size_t i = 0; i + 1 < in_order.size(); ++i) {
    BOOST_TEST_CONTEXT(in_order[i]) {
      BOOST_TEST((compare(intern_name(in_order[i]).id, intern_name(in_order[i + 1]).id) < 0));
    }
  }
}

BOOST_AUTO_TEST_CASE(many_threads_agree_on_every_id) {
  constexpr int kThreads = 4, kNames = 5000;
  std::vector<std::vector<KeyId>> seen(kThreads, std::vector<KeyId>(kNames));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&seen, t] {
      for (int i = 0; i < kNames; ++i) {
        const int n = (i * 7 + t * 1231) % kNames;
        const Name name = intern_name((t % 2 ? "Shared" : "sHARED") + std::to_string(n));
        seen[t][n] = intern_key(KeyId::kUsers, name.id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 1; t < kThreads; ++t) BOOST_TEST((seen[t] == seen[0]));
  BOOST_TEST(folded_text(name_of(seen[0][42])) == "SHARED42");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
