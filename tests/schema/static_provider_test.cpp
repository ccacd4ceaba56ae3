#include "schema/static_provider.hpp"

#include <boost/test/unit_test.hpp>

#include "base/clock.hpp"
#include "base/principal.hpp"
#include "schema/mof_compiler.hpp"
#include "schema/object_path.hpp"

using namespace slwmi;
using namespace slwmi::cim;

namespace {

const Principal kCaller;
const ManualClock kClock{FileTime{}};
const Call kCall{kCaller, kClock, {}};

RepositoryPtr compiled(const std::string& text) {
  auto out = std::make_shared<Repository>();
  BOOST_REQUIRE(out->create_namespace("root").has_value());
  BOOST_REQUIRE(mof::compile(text, *out, {.ns = "root"}).has_value());
  return out;
}

constexpr const char* kClass = R"(
class Row
{
  [key] uint32 Id; string Name; sint8 Small; boolean Yes; uint64 Big; real32 Ratio; datetime When;
  char16 Letter; sint64 Low; uint16 List[]; [Since("6.1")] string Later; string Never;
};)";

std::string row(unsigned id) {
  const std::string n = std::to_string(id);
  return "instance of Row { Id = " + n + "; Name = \"n" + std::to_string(id % 3) + "\"; Small = -" +
         std::to_string(id % 100) + (id % 2 == 0 ? "; Yes = TRUE" : "; Yes = NULL") +
         "; Big = " + n + "; Ratio = 0.5; Low = -" + n +
         "; List = {1, 2}; Letter = 65; Later = \"x\"; };\n";
}

struct Seen {
  std::size_t batches = 0;
  std::vector<std::vector<Value>> rows;
};
Seen scan(StaticProvider& provider, const Class& cls, std::span<const int> wanted,
          std::span<const Comparison> pushed = {}) {
  Seen out;
  const auto done = provider.enumerate(kCall, Scan{cls, wanted, pushed}, [&](const Batch& batch) {
    ++out.batches;
    for (std::size_t i = 0; i < batch.rows; ++i) {
      std::vector<Value> values;
      for (std::size_t c = 0; c < wanted.size(); ++c) {
        const auto slot = static_cast<std::size_t>(wanted[c]);
        values.push_back(value_at(batch.columns[c], i, cls.properties()[slot].type));
      }
      out.rows.push_back(std::move(values));
    }
    return true;
  });
  BOOST_TEST(done.has_value());
  return out;
}

std::vector<int> all_slots(const Class& cls) {
  std::vector<int> out;
  for (const Property& property : cls.properties()) out.push_back(property.slot);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(static_provider)

BOOST_AUTO_TEST_CASE(columns_show_every_value_of_every_type) {
  std::string text = kClass;
  for (unsigned id = 0; id < 2500; ++id) text += row(id);
  const RepositoryPtr repository = compiled(text);
  StaticProvider provider(repository, "root");
  const ClassPtr cls = repository->find_class("root", "Row");
  const Seen seen = scan(provider, *cls, all_slots(*cls));
  const std::vector<Instance>& rows = repository->instances("root", "Row")->rows();
  BOOST_TEST(seen.batches == 3u);
  BOOST_REQUIRE(seen.rows.size() == rows.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t c = 0; c < seen.rows[i].size(); ++c) {
      const Value& want = rows[i].at(static_cast<int>(c));
      const Value& got = seen.rows[i][c];
      different += want.is_null() ? (got.is_null() ? 0 : 1) : (got == want ? 0 : 1);
    }
  }
  BOOST_TEST(different == 0u);
}

BOOST_AUTO_TEST_CASE(a_pinned_key_is_looked_up) {
  const RepositoryPtr repository = compiled(kClass + row(7) + row(8));
  StaticProvider provider(repository, "root");
  const ClassPtr cls = repository->find_class("root", "Row");
  const int slots[] = {0, 1};
  const Comparison eight{0, CompareOp::kEqual, Value::uint32(8)};
  const Seen seen = scan(provider, *cls, slots, {&eight, 1});
  BOOST_REQUIRE(seen.rows.size() == 1u);
  BOOST_TEST(seen.rows[0][1].as_text() == "n2");
  const Comparison nine{0, CompareOp::kEqual, Value::uint32(9)};
  BOOST_TEST(scan(provider, *cls, slots, {&nine, 1}).rows.empty());
}

BOOST_AUTO_TEST_CASE(an_os_version_without_a_property_does_not_shift_the_others) {
  const RepositoryPtr repository = compiled(kClass + row(7));
  StaticProvider provider(repository, "root");
  const ClassPtr cut = VersionView(repository, *parse_version("6.0")).find_class("root", "Row");
  BOOST_REQUIRE(cut->find_slot("Later") == -1);
  const Seen seen = scan(provider, *cut, all_slots(*cut));
  BOOST_REQUIRE(seen.rows.size() == 1u);
  BOOST_TEST(seen.rows[0].back().is_null());
  const auto found = provider.get(kCall, cut, ObjectPath::parse("Row=7").value(), {});
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->get("Low").as_sint64() == -7);
  BOOST_TEST(found->relpath() == "Row.Id=7");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_found) {
  const RepositoryPtr repository =
      compiled(std::string(kClass) + "class Empty { [key] uint8 A; };");
  StaticProvider provider(repository, "root");
  const ClassPtr cls = repository->find_class("root", "Empty");
  BOOST_TEST(scan(provider, *cls, all_slots(*cls)).batches == 0u);
  const auto missing = provider.get(kCall, cls, ObjectPath::parse("Empty.A=1").value(), {});
  BOOST_TEST(to_hex(missing.error().code) == "0x80041002");
}

BOOST_AUTO_TEST_SUITE_END()
