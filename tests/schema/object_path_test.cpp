#include "schema/object_path.hpp"

#include <array>
#include <fstream>
#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"

using namespace slwmi;
using namespace slwmi::cim;

namespace {

ClassPtr make_class(std::initializer_list<std::pair<const char*, Type>> keys,
                    bool singleton = false) {
  ClassBuilder builder("Thing");
  if (singleton) builder.qualifier({"singleton", Value::boolean(true)});
  for (const auto& [name, type] : keys) {
    Property property;
    property.name = name;
    property.type = type;
    property.default_value = Value::null(type);
    property.qualifiers.set({"key", Value::boolean(true)});
    builder.property(std::move(property));
  }
  return builder.build().value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(object_path)

BOOST_AUTO_TEST_CASE(published_paths_are_answered_as_windows_does) {
  std::ifstream file(std::string(SLWMI_SOURCE_DIR) + "/tests/cases/wmi_paths.jsonl");
  BOOST_REQUIRE(file);
  std::string line;
  int rows = 0;
  while (std::getline(file, line)) {
    const auto row = nlohmann::json::parse(line);
    const std::string path = row["path"];
    const std::string option = row.contains("mode")   ? row["mode"].get<std::string>()
                               : row.contains("flag") ? row["flag"].get<std::string>()
                                                      : std::string();
    const PathCheck check = check_path(row["kind"].get<std::string>(), path, option);
    ++rows;
    BOOST_TEST_CONTEXT(row.dump()) {
      if (row.contains("hresult")) BOOST_TEST(to_hex(check.code) == row["hresult"]);
      if (row.contains("text")) BOOST_TEST(check.text == row["text"].get<std::string>());
      BOOST_TEST(check.offset <= path.size());
    }
  }
  BOOST_TEST(rows == 34);
}

BOOST_AUTO_TEST_CASE(every_form_has_one_normal_text) {
  const struct {
    const char* why;
    const char* text;
    const char* normal;
  } kGood[] = {
      {"a class", "Win32_Service", "\\\\.:Win32_Service"},
      {"one key", "A.K=\"v\"", "\\\\.:A.K=\"v\""},
      {"a nameless key", "A='v'", "\\\\.:A=\"v\""},
      {"a nameless number", "A=0x10", "\\\\.:A=16"},
      {"a negative number", "A.K=-5", "\\\\.:A.K=-5"},
      {"a number beyond 2^63", "A.K=18446744073709551615", "\\\\.:A.K=18446744073709551615"},
      {"booleans in any case", "A.K=true,L=False", "\\\\.:A.K=TRUE,L=FALSE"},
      {"several keys keep their order", "A.Z=1,B=\"x\"", "\\\\.:A.Z=1,B=\"x\""},
      {"a singleton", "A=@", "\\\\.:A=@"},
      {"slashes either way", "//pc\\root/cimv2:A", "\\\\pc\\root\\cimv2:A"},
      {"a namespace without a server", "root/cimv2:A.K=1", "\\\\.\\root\\cimv2:A.K=1"},
      {"a namespace alone", "root\\cimv2", "\\\\.\\root\\cimv2"},
      {"a namespace object", "__NAMESPACE.Name=\"cimv2\"", "\\\\.:__NAMESPACE.Name=\"cimv2\""},
      {"escapes", R"(A.K="a\"b\\c")", R"(\\.:A.K="a\"b\\c")"},
      {"a backslash before a letter stands for itself", R"(A.K="c:\scripts")",
       R"(\\.:A.K="c:\\scripts")"},
      {"the other quote needs no escape", "A.K='say \"x\"'", R"(\\.:A.K="say \"x\"")"},
      {"a colon, an equals sign and braces inside a text", "A.K=\"x:y=z}\"",
       "\\\\.:A.K=\"x:y=z}\""},
      {"a path inside a path", R"(Pair.L="\\\\.\\root\\cimv2:A.K=\"v\"",R="B=1")",
       R"(\\.:Pair.L="\\\\.\\root\\cimv2:A.K=\"v\"",R="B=1")"},
      {"letters beyond ASCII", "Größe.Maß=1", "\\\\.:Größe.Maß=1"},
  };
  for (const auto& c : kGood) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto path = ObjectPath::parse(c.text);
      BOOST_REQUIRE(path.has_value());
      BOOST_TEST(path->text() == c.normal);
      const auto again = ObjectPath::parse(path->text(PathText::kRelativeOnly));
      if (!path->class_name().empty()) {
        BOOST_REQUIRE(again.has_value());
        BOOST_TEST((again->keys() == path->keys()));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(malformed_paths_are_refused_where_they_go_wrong) {
  const struct {
    const char* why;
    const char* text;
    std::size_t offset;
  } kBad[] = {
      {"nothing", "", 0},
      {"a blank", " ", 0},
      {"a key without a value", "A.K=", 4},
      {"a key without an equals sign", "A.K", 3},
      {"no key after the dot", "A.", 2},
      {"no value after the equals sign", "A=", 2},
      {"a blank before the equals sign", "A.K =1", 3},
      {"a blank after the comma", "A.K=1, L=2", 6},
      {"a comma at the end", "A.K=1,", 6},
      {"a key twice", "A.K=1,k=2", 6},
      {"a real number", "A.K=1.5", 5},
      {"an unknown word", "A.K=x", 4},
      {"a number that is too large", "A.K=18446744073709551616", 4},
      {"no closing quote", "A.K=\"x", 4},
      {"text after a nameless key", "A=1,B=2", 3},
      {"a class that starts with a digit", "1A", 0},
      {"a server without a name", "\\\\\\root:A", 2},
      {"nothing after the server's slash", "\\\\pc\\", 5},
      {"an object after a server without a namespace", "\\\\pc\\A=1", 5},
      {"an empty name in the namespace", "root\\\\cimv2:A", 0},
      {"no class after the colon", "root\\cimv2:", 11},
      {"a blank in the namespace", "root\\ci mv2:A", 7},
  };
  for (const auto& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto path = ObjectPath::parse(c.text);
      BOOST_REQUIRE(!path.has_value());
      BOOST_TEST(to_hex(path.error().code) == "0x8004103A");
      BOOST_REQUIRE(path.error().at.has_value());
      BOOST_TEST(path.error().at->offset == c.offset);
    }
  }
}

// What Windows answers, as the public tests of wmiutils that run there say.
BOOST_AUTO_TEST_CASE(modes_choose_what_is_accepted) {
  constexpr unsigned kAlone = kSingleNameIsNamespace;
  static constexpr unsigned kModes[] = {0,          kAcceptRelative, kAcceptAbsolute,
                                        kAcceptAll, kAlone,          kAlone | kAcceptRelative};
  const struct {
    const char* path;
    std::array<bool, std::size(kModes)> accepted;
  } rows[] = {
      {"", {false, false, false, true, false, false}},
      {"\\", {false, false, false, true, false, false}},
      {"\\\\server", {false, false, false, true, false, false}},
      {"\\\\server\\", {false, false, false, true, false, false}},
      {"\\\\.\\", {false, false, false, true, false, false}},
      {"//./root/cimv2", {false, true, true, true, false, true}},
      {"//./root/cimv2:A", {false, true, true, true, false, true}},
      {"//.\\root\\cimv2:A", {false, true, true, true, false, true}},
      {"/ns/one:A", {false, true, false, true, false, true}},
      {"A.K=1", {false, true, false, true, false, true}},
      {"/\\.\\root\\cimv2:A", {false, false, false, false, false, false}},
  };
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < std::size(kModes); ++i) {
      BOOST_TEST_CONTEXT(row.path << " mode " << kModes[i])
      BOOST_TEST(parse_wbem_path(row.path, kModes[i]).has_value() == row.accepted[i]);
    }
  }
  BOOST_TEST(parse_wbem_path("root", kAcceptAll).value().is_class());
  BOOST_TEST(parse_wbem_path("root", kAcceptAll | kSingleNameIsNamespace).value().ns() == "root");
}

BOOST_AUTO_TEST_CASE(rows_of_the_lint_name_modes_and_parts) {
  const auto text = [](const char* path, const char* flag) {
    const PathCheck check = check_path("path-normalise", path, flag);
    return check.code == HResult::kSOk ? check.text : "refused";
  };
  BOOST_TEST(text("/ns/one:A", "SERVER_TOO") == "\\\\.\\ns\\one:A");
  BOOST_TEST(text("/ns/one:A", "SERVER_AND_NAMESPACE_ONLY") == "\\\\.\\ns\\one");
  BOOST_TEST(text("/ns/one:A", "RELATIVE_ONLY") == "A");
  BOOST_TEST(text("/ns/one:A", "NAMESPACE_ONLY") == "ns\\one");
  BOOST_TEST(text("/ns/one:A", "0") == "ns\\one:A");
  BOOST_TEST(text("/ns/one:A", "ORIGINAL") == "/ns/one:A");
  for (const char* flag : {"0", "SERVER_TOO", "ORIGINAL"}) BOOST_TEST(text("", flag) == "");
  BOOST_TEST(text("a b", "ORIGINAL") == "refused");
  const auto code = [](const char* kind, const char* path, const char* option) {
    return check_path(kind, path, option).code;
  };
  for (const char* mode :
       {"WBEMPATH_TREAT_SINGLE_IDENT_AS_NS + 1",
        "WBEMPATH_TREAT_SINGLE_IDENT_AS_NS|WBEMPATH_CREATE_ACCEPT_RELATIVE", "9"})
    BOOST_TEST((code("path", "/ns/one:A", mode) == HResult::kSOk));
  BOOST_TEST((code("path", "A", "NONE + 1") == HResult::kEInvalidarg));
  BOOST_TEST((code("path", "", "GetObject") == HResult::kSOk));
  for (const char* path : {"", "\\\\", "\\\\.", "\\\\.\\", "ROOT\\NONE"})
    BOOST_TEST((code("connect", path, "") == HResult::kWbemEInvalidNamespace));
  BOOST_TEST((code("connect", "\\\\\\.\\ROOT", "") == HResult::kWbemEInvalidParameter));
  BOOST_TEST((code("connect", "ROOT\\WMI", "") == HResult::kSOk));
}

BOOST_AUTO_TEST_CASE(a_path_is_resolved_against_the_keys_of_a_class) {
  const ClassPtr two = make_class({{"Name", Type::kString}, {"Id", Type::kUint32}});
  const struct {
    const char* why;
    ClassPtr cls;
    const char* text;
    const char* canonical;  // nullptr: refused
  } kRows[] = {
      {"keys in any order and case", two, "thing.NAME=\"x\",id=7", "Thing.Id=7,Name=\"x\""},
      {"a quoted number", two, "Thing.Id=\"7\",Name='x'", "Thing.Id=7,Name=\"x\""},
      {"a missing key", two, "Thing.Id=7", nullptr},
      {"an unknown key", two, "Thing.Id=7,Nam=\"x\"", nullptr},
      {"a value that does not fit", two, "Thing.Id=-7,Name=\"x\"", nullptr},
      {"a nameless key of two", two, "Thing=7", nullptr},
      {"a nameless key", make_class({{"Id", Type::kUint32}}), "Thing=7", "Thing.Id=7"},
      {"a class is no instance", two, "Thing", nullptr},
      {"a singleton", make_class({}, true), "Thing=@", "Thing=@"},
      {"no singleton", two, "Thing=@", nullptr},
      {"a singleton named by a key", make_class({}, true), "Thing=1", nullptr},
  };
  for (const auto& c : kRows) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto relpath = ObjectPath::parse(c.text).value().canonical_relpath(*c.cls);
      BOOST_REQUIRE(relpath.has_value() == (c.canonical != nullptr));
      if (relpath) BOOST_TEST(*relpath == c.canonical);
      if (!relpath) BOOST_TEST(to_hex(relpath.error().code) == "0x8004103A");
    }
  }
}

BOOST_AUTO_TEST_CASE(instances_spell_their_paths_alike) {
  const ClassPtr cls = make_class({{"Name", Type::kString}, {"Id", Type::kUint32}});
  Instance instance(cls);
  instance.set(0, Value::text("a\\\"b"));
  instance.set(1, Value::uint32(7));
  const auto path = ObjectPath::parse(instance.relpath()).value();
  BOOST_TEST(path.canonical_relpath(*cls).value() == instance.relpath());
  BOOST_TEST(path.find_key("name")->as_text() == "a\\\"b");
}

BOOST_AUTO_TEST_CASE(a_connection_names_a_computer_and_a_namespace) {
  const auto host = [](std::string_view name) { return name == "PC"; };
  const auto ns = [](std::string_view name) {
    return name.empty() || equal_ignore_case(name, "root\\x");
  };
  BOOST_TEST(connect("//PC/ROOT/x", host, ns).value().ns == "ROOT\\x");
  BOOST_TEST(connect("\\\\PC", host, ns).value().ns.empty());
  BOOST_TEST(to_hex(connect("root\\x", host, ns).error().code) == "0x800706BA");
  BOOST_TEST(to_hex(connect("", host, ns).error().code) == "0x8004100E");
  BOOST_TEST(to_hex(connect("\\\\PC\\", host, ns).error().code) == "0x8004100E");
}

BOOST_AUTO_TEST_SUITE_END()
