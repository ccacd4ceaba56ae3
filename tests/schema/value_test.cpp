#include "schema/value.hpp"

#include <boost/test/unit_test.hpp>

#include "schema/instance.hpp"

using namespace slwmi;
using namespace slwmi::cim;

BOOST_AUTO_TEST_SUITE(value)

BOOST_AUTO_TEST_CASE(casts_by_the_rules_of_wmi) {
  const struct {
    const char* why;
    Value from;
    Type to;
    const char* display;
  } kGood[] = {
      {"a quoted number", Value::text("42"), Type::kUint32, "42"},
      {"a sign", Value::text("-42"), Type::kSint32, "-42"},
      {"blanks around", Value::text(" 7 "), Type::kUint8, "7"},
      {"a number as text", Value::uint32(7), Type::kString, "7"},
      {"true as text", Value::text("True"), Type::kBoolean, "TRUE"},
      {"minus one is true", Value::integer(Type::kSint32, -1), Type::kBoolean, "TRUE"},
      {"a boolean as a number", Value::boolean(true), Type::kUint32, "1"},
      {"a real is rounded", Value::real(1000.4), Type::kUint32, "1000"},
      {"beyond 2^63", Value::text("18446744073709551615"), Type::kUint64, "18446744073709551615"},
      {"a text as a real", Value::text("1.5"), Type::kReal64, "1.5"},
      {"the digits that a real32 has", Value::real(0.1), Type::kReal32, "0.1"},
      {"too small for a real", Value::text("-1e-400"), Type::kReal64, "-0"},
      {"null stays null", Value::null(Type::kString), Type::kUint32, ""},
      {"a datetime", Value::text("20080301000000.000000-000"), Type::kDatetime,
       "20080301000000.000000-000"},
  };
  for (const auto& c : kGood) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto out = c.from.cast_to(c.to);
      BOOST_REQUIRE(out.has_value());
      BOOST_TEST(out->to_display() == c.display);
      BOOST_TEST((out->type() == c.to));
    }
  }
  const struct {
    const char* why;
    Value from;
    Type to;
    HResult code;
  } kBad[] = {
      {"no number", Value::text("x"), Type::kUint32, HResult::kWbemETypeMismatch},
      {"the empty text", Value::text(""), Type::kUint32, HResult::kWbemETypeMismatch},
      {"negative", Value::text("-1"), Type::kUint32, HResult::kWbemEValueOutOfRange},
      {"too large", Value::uint32(256), Type::kUint8, HResult::kWbemEValueOutOfRange},
      {"too large for a real32", Value::real(3.5e38), Type::kReal32,
       HResult::kWbemEValueOutOfRange},
      {"too large for a real", Value::text("1e400"), Type::kReal64, HResult::kWbemEValueOutOfRange},
      {"infinity is no number", Value::text("inf"), Type::kReal64, HResult::kWbemETypeMismatch},
      {"2 is no boolean", Value::uint32(2), Type::kBoolean, HResult::kWbemETypeMismatch},
      {"no datetime", Value::text("yesterday"), Type::kDatetime, HResult::kWbemETypeMismatch},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto out = c.from.cast_to(c.to);
      BOOST_REQUIRE(!out.has_value());
      BOOST_TEST(value_of(out.error().code) == value_of(c.code));
    }
  }
}

BOOST_AUTO_TEST_CASE(copies_share_and_outlive_the_original) {
  Value copy;
  {
    const Value original = Value::array(Type::kString, {Value::text("a"), Value::text("b\"")});
    copy = original;
  }
  BOOST_TEST(copy.elements().size() == 2u);
  BOOST_TEST(copy.to_mof() == "{\"a\", \"b\\\"\"}");
}

BOOST_AUTO_TEST_CASE(a_null_keeps_its_type) {
  BOOST_TEST((Value::null(Type::kUint32).type() == Type::kUint32));
  BOOST_TEST((Value::null(Type::kUint32) == Value::null(Type::kUint32)));
  BOOST_TEST(!(Value::null(Type::kUint32) == Value::uint32(0)));
}

BOOST_AUTO_TEST_CASE(equal_values_have_equal_hashes) {
  BOOST_TEST(Value::text("abc").hash() == Value::text("abc").hash());
  BOOST_TEST(Value::text("abc").hash() != Value::text("abd").hash());
  BOOST_TEST(Value::real(0.0).hash() == Value::real(-0.0).hash());
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

Property property(const char* name, Type type, bool key = false) {
  Property p;
  p.name = name;
  p.type = type;
  p.default_value = Value::null(type);
  if (key)
    p.qualifiers.set(
        {"key", Value::boolean(true), Flavor::kToInstance | Flavor::kToSubclass, false});
  return p;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(classes)

BOOST_AUTO_TEST_CASE(a_subclass_keeps_the_slots_of_its_superclass) {
  const ClassPtr base = ClassBuilder("Base")
                            .property(property("Id", Type::kString, true))
                            .property(property("Size", Type::kUint32))
                            .build()
                            .value();
  const ClassPtr derived = ClassBuilder("Derived", base)
                               .property(property("Extra", Type::kBoolean))
                               .property(property("SIZE", Type::kUint32))
                               .build()
                               .value();
  BOOST_TEST(derived->find_slot("size") == base->find_slot("Size"));
  BOOST_TEST(derived->find_slot("Extra") == 2);
  BOOST_TEST(derived->find_slot("Nothing") == -1);
  BOOST_TEST(derived->is_a("BASE"));
  BOOST_TEST(derived->dynasty() == "Base");
  BOOST_TEST(derived->properties()[0].key);
  BOOST_TEST(!derived->properties()[0].local);
  const auto wrong = ClassBuilder("Wrong", base).property(property("Size", Type::kString)).build();
  BOOST_TEST(value_of(wrong.error().code) == value_of(HResult::kWbemEOverrideNotAllowed));
}

BOOST_AUTO_TEST_CASE(instances_have_paths_and_system_properties) {
  const ClassPtr cls = ClassBuilder("Pair")
                           .property(property("Second", Type::kUint32, true))
                           .property(property("First", Type::kString, true))
                           .build()
                           .value();
  Instance instance(cls);
  BOOST_TEST(instance.relpath().empty());
  BOOST_TEST(instance.set("first", Value::text("a\\\"b")).has_value());
  BOOST_TEST(instance.set("Second", Value::text("2")).has_value());
  BOOST_TEST(instance.relpath() == "Pair.First=\"a\\\\\\\"b\",Second=2");
  BOOST_TEST(system_property(instance, "__path", "PC1", "root\\cimv2").as_text() ==
             "\\\\PC1\\root\\cimv2:" + instance.relpath());
  BOOST_TEST(system_property(instance, "__GENUS", "", "").as_sint64() == 2);
  BOOST_TEST(system_property(*cls, "__GENUS", "", "").as_sint64() == 1);
  BOOST_TEST(value_of(instance.set("Third", Value::uint32(1)).error().code) ==
             value_of(HResult::kWbemENotFound));
}

BOOST_AUTO_TEST_CASE(versions_cut_declarations) {
  QualifierSet set;
  set.set({"Since", Value::text("6.0.6001"), Flavor::kNone, false});
  set.set({"Until", Value::text("6.1"), Flavor::kNone, false});
  BOOST_TEST(!available_in(set, *parse_version("6.0.6000")));
  BOOST_TEST(available_in(set, *parse_version("6.0.6001")));
  BOOST_TEST(!available_in(set, *parse_version("6.1.7600")));
  BOOST_TEST(!parse_version("6.x").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
