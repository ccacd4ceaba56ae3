#include "schema/schema_image.hpp"

#include <boost/test/unit_test.hpp>

#include "schema/mof_compiler.hpp"
#include "schema/repository.hpp"

using namespace slwmi;
using namespace slwmi::cim;

namespace {

constexpr const char* kBase = R"(
[abstract, Since("6.0.6000")] class Base
{
  [key: ToSubclass] string Name;
  [Values{"a", "b"}: Amended ToSubclass] sint8 Level = -3;
  real64 Ratio = 0.25;
  boolean Flags[] = {TRUE, FALSE};
  datetime When = "20080301000000.000000-000";
  char16 Letter = 'x';
  Base ref Next;
  object Any;
  [static, implemented] uint32 Do([in, ID(0)] string What = "it", [out, ID(1)] uint8 Result[]);
  void Stop();
};
class Child : Base { sint64 Low = -9223372036854775808; uint64 High = 18446744073709551615; };
instance of Child { Name = "one"; Any = instance of Child { Name = "inner"; Ratio = 1.5; }; };
instance of Child { Name = "two"; Flags = {}; Low = NULL; };
)";

Repository compiled(const char* text, RepositoryPtr base = nullptr) {
  Repository out(std::move(base));
  BOOST_REQUIRE(out.create_namespace("root").has_value());
  const auto done = mof::compile(text, out, {.ns = "root"});
  if (!done) BOOST_TEST_MESSAGE(done.error().message);
  BOOST_REQUIRE(done.has_value());
  return out;
}

RepositoryPtr reopened(const Repository& repository) {
  const auto bytes = std::make_shared<Bytes>(encode(repository));
  auto image = SchemaImage::open(*bytes, repository.base(), bytes);
  BOOST_REQUIRE(image.has_value());
  return std::make_shared<Repository>(*std::move(image));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schema_image)

BOOST_AUTO_TEST_CASE(keeps_classes_and_instances) {
  const Repository original = compiled(kBase);
  const RepositoryPtr copy = reopened(original);
  BOOST_TEST((encode(*copy) == encode(original)));
  const ClassPtr child = copy->find_class("ROOT", "child");
  BOOST_REQUIRE(child != nullptr);
  BOOST_TEST((child->superclass() == copy->find_class("root", "Base")));
  BOOST_TEST(child->find_property("Level")->default_value.as_sint64() == -3);
  BOOST_TEST(child->find_property("High")->default_value.as_uint64() == ~std::uint64_t{0});
  BOOST_TEST(child->find_property("Name")->origin == "Base");
  BOOST_TEST(child->find_method("do")->parameters[1].is_array);
  BOOST_TEST(child->find_method("Stop")->returns_void);
  const InstanceTablePtr table = copy->instances("root", "Child");
  BOOST_REQUIRE(table != nullptr);
  BOOST_REQUIRE(table->find("Child.Name=\"ONE\"") != nullptr);
  BOOST_TEST(table->find("Child=\"one\"")->get("Any").as_object()->get("Ratio").as_real() == 1.5);
  BOOST_TEST(table->find("Child.Name=\"two\"")->get("Low").is_null());
}

BOOST_AUTO_TEST_CASE(lies_over_a_base) {
  const RepositoryPtr base = reopened(compiled(kBase));
  Repository changed = compiled(
      "class Grandchild : Child { uint8 Extra; }; class Lone {};"
      "instance of Child { Name = \"three\"; };"
      "#pragma deleteinstance(\"Child='one'\", FAIL)\n",
      base);
  const RepositoryPtr copy = reopened(changed);
  std::vector<ClassPtr> below;
  copy->append_subclasses("root", "base", below);
  BOOST_REQUIRE(below.size() == 2u);
  BOOST_TEST(below[0]->name() == "Child");
  BOOST_TEST(below[1]->name() == "Grandchild");
  BOOST_TEST((below[1]->superclass() == base->find_class("root", "Child")));
  BOOST_TEST(copy->instances("root", "Child")->rows().size() == 2u);
  BOOST_TEST(base->instances("root", "Child")->rows().size() == 2u);
  BOOST_TEST((copy->instances("root", "Child")->find("Child='one'") == nullptr));

  Repository next(*copy);
  BOOST_REQUIRE(next.delete_class("root", "Grandchild").has_value());
  const RepositoryPtr last = reopened(next);
  BOOST_TEST((last->find_class("root", "Grandchild") == nullptr));
  BOOST_TEST((last->find_class("root", "Lone") != nullptr));
}

BOOST_AUTO_TEST_CASE(a_class_whose_superclass_is_gone_is_not_there) {
  const RepositoryPtr base = reopened(compiled(kBase));
  const Bytes bytes = encode(compiled("class Mine : Child {}; class Own {};", base));
  const Repository orphan(SchemaImage::open(bytes).value());
  BOOST_TEST((orphan.find_class("root", "Mine") == nullptr));
  BOOST_TEST((orphan.find_class("root", "Own") != nullptr));
}

BOOST_AUTO_TEST_CASE(damage_is_found_when_it_is_opened) {
  const Bytes good = encode(compiled(kBase));
  BOOST_TEST(SchemaImage::open(good).has_value());
  for (std::size_t size = 0; size < good.size(); size += 7) {
    const auto cut = SchemaImage::open(ByteSpan(good).first(size));
    BOOST_REQUIRE(!cut.has_value());
    BOOST_REQUIRE(value_of(cut.error().code) == value_of(HResult::kErrorFileCorrupt));
  }
  for (std::size_t at = 0; at < good.size(); at += 5) {
    Bytes bad = good;
    bad[at] ^= std::byte{0x10};
    BOOST_REQUIRE(!SchemaImage::open(bad).has_value());
  }
  BOOST_TEST(SchemaImage::open({}).error().at->offset == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
