// MOF texts: what they compile to, written back as MOF, and where bad ones go wrong.
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "schema/mof_compiler.hpp"
#include "schema/mof_parser.hpp"
#include "schema/mof_writer.hpp"

using namespace slwmi;
using namespace slwmi::cim;

namespace {

Repository empty() {
  Repository out;
  BOOST_REQUIRE(out.create_namespace("root").has_value());
  return out;
}

const mof::CompileOptions kOptions{.ns = "root", .create_namespaces = true};
constexpr const char* kHead = "#pragma namespace(\"\\\\\\\\.\\\\root\")\n";

struct Good {
  const char* why;
  std::string text;
  const char* written;  // without the pragma of the namespace
};

const Good kGood[] = {
    {"an empty class", "class A {};", "class A\n{\n};\n"},
    {"keywords in any case, comments everywhere",
     "/* a */ CLASS A // b\n{ UINT32 /* c */ N = 0X1f; };", "class A\n{\n\tuint32 N = 31;\n};\n"},
    {"octal, binary and signed numbers",
     "class A { sint8 O = 017; uint8 B = 101b; sint64 M = -9223372036854775808; };",
     "class A\n{\n\tsint8 O = 15;\n\tuint8 B = 5;\n\tsint64 M = -9223372036854775808;\n};\n"},
    {"reals", "class A { real64 R = 1e+3; };", nullptr},
    {"reals with a point", "class A { real64 R = -1.5E2; real32 S = 2; };",
     "class A\n{\n\treal64 R = -150.0;\n\treal32 S = 2.0;\n};\n"},
    {"a real assigned to an integer is rounded", "class A { uint32 N = 1000.4; };",
     "class A\n{\n\tuint32 N = 1000;\n};\n"},
    {"reals of the types' sizes",
     "class A { real32 R = 3.4028235e38; real32 S = 0.1; real64 T = 1.0e-400; };",
     "class A\n{\n\treal32 R = 3.4028235e+38;\n\treal32 S = 0.1;\n\treal64 T = 0.0;\n};\n"},
    {"texts are joined, escapes read", R"(class A { string S = "a\t\"\\" "\x41" "b"; };)",
     "class A\n{\n\tstring S = \"a\\t\\\"\\\\Ab\";\n};\n"},
    {"a surrogate pair as two escapes", R"(class A { string S = "\xD83D\xDE00"; };)",
     "class A\n{\n\tstring S = \"\xF0\x9F\x98\x80\";\n};\n"},
    {"half of a surrogate pair", R"(class A { string S = "\xD83D" "\x0001"; };)",
     "class A\n{\n\tstring S = \"\\xD83D\\x0001\";\n};\n"},
    {"characters", R"(class A { char16 C = 'x'; char16 D = '\''; char16 E = '\x20AC'; };)",
     "class A\n{\n\tchar16 C = 'x';\n\tchar16 D = '\\'';\n\tchar16 E = '\\x20AC';\n};\n"},
    {"arrays, bounded and not", "class A { uint8 L[] = {1, 2}; string T[3]; boolean E[] = {}; };",
     "class A\n{\n\tuint8 L[] = {1, 2};\n\tstring T[3];\n\tboolean E[] = {};\n};\n"},
    {"references and objects", "class A { A ref R; object ref S; object O; A B; };",
     "class A\n{\n\tA ref R;\n\tobject ref S;\n\tobject O;\n\tA B;\n};\n"},
    {"undeclared qualifiers with flavors and arrays",
     "[dynamic: ToInstance, provider(\"P\"): ToInstance Amended, ViewSources{\"a\", \"b\"}, "
     "N(-1),\n"
     " F(FALSE), Z(NULL)] class A {};",
     "[dynamic: ToInstance, provider(\"P\"): ToInstance Amended, ViewSources{\"a\", \"b\"}, N(-1), "
     "F(FALSE), Z(NULL)]\nclass A\n{\n};\n"},
    {"a declared qualifier gives its default and flavor",
     "Qualifier Deep : string = \"d\", Scope(class, any), Flavor(ToInstance, DisableOverride);\n"
     "[Deep] class A {};",
     "[Deep(\"d\"): ToInstance ToSubclass DisableOverride]\nclass A\n{\n};\n"},
    {"methods with defaults and arrays",
     "class A { [static] uint32 M([in] uint32 h = 2147483650, [in, out] string S[]); void V(); };",
     "class A\n{\n\t[static: ToSubclass] uint32 M([in: ToSubclass] uint32 h = 2147483650, "
     "[in: ToSubclass, out: ToSubclass] string S[]);\n\tvoid V();\n};\n"},
    // Microsoft, "MOF Arrays": the size is a suggestion, WMI expands the array if necessary.
    {"an array longer than it is declared", "class A { uint8 D[2] = {1, 2, 3}; };",
     "class A\n{\n\tuint8 D[2] = {1, 2, 3};\n};\n"},
    {"IDs in any order", "class A { void M([in, ID(1)] uint8 N, [in, ID(0)] uint8 O); };", nullptr},
    {"a subclass", "class A { uint8 N; }; class B : A { uint8 M; };",
     "class A\n{\n\tuint8 N;\n};\nclass B : A\n{\n\tuint8 M;\n};\n"},
    {"pragmas with and without parentheses, known or not",
     "#PRAGMA AUTORECOVER\n#pragma amendment(\"MS_409\")\n#pragma classflags(\"forceupdate\")\n"
     "#pragma instanceflags(createonly)\n#pragma locale(\"en_US\")\nclass A {};",
     "class A\n{\n};\n"},
    {"namespaces in both spellings",
     "#pragma namespace(\"//./root/x\")\n#pragma namespace(\"\\\\\\\\.\\\\ROOT\")\nclass A {};",
     nullptr},
    {"an alias is the path",
     "class A { [key] string K; }; class L { [key] A ref R; };\n"
     "instance of A as $a { K = \"v\"; }; instance of L { R = $a; };",
     "[]"},
    {"qualifiers on an instance and its properties",
     "class A { [key] uint8 K; }; [x] instance of A { [y(1)] K = 1; };", "[]"},
    {"a class is deleted", "class A {}; #pragma deleteclass(\"A\", FAIL)\n", ""},
    {"deleting what is not there may be fine", "#pragma deleteclass(\"Q\", NOFAIL)\n", ""},
};

struct Bad {
  const char* why;
  const char* text;
  const char* code;
  int line, column;
};

const Bad kBad[] = {
    {"no name", "class {};", "0x80044014", 1, 7},
    {"no brace", "class A\n  uint8 N;", "0x80044003", 2, 3},
    {"no semicolon after a class", "class A {}", "0x80044002", 1, 11},
    {"no semicolon after a property", "class A { uint8 N }", "0x80044002", 1, 19},
    {"a brace is missing", "class A { uint8 N;", "0x80044029", 1, 19},
    {"no property's name", "class A { uint8 = 1; };", "0x8004400C", 1, 17},
    {"a property twice", "class A { uint8 N;\n  uint8 n; };", "0x8004401B", 2, 9},
    {"a qualifier twice", "[key, KEY] class A {};", "0x80044021", 1, 7},
    {"no qualifier's name", "[1] class A {};", "0x80044001", 1, 2},
    {"a list of qualifiers does not end", "[key class A {};", "0x80044005", 1, 6},
    {"a qualifier's value does not end", "[a(1] class A {};", "0x80044006", 1, 5},
    {"an unknown flavor", "[a: Sideways] class A {};", "0x80044022", 1, 5},
    {"contradicting flavors", "[a: ToInstance NotToInstance] class A {};", "0x80044023", 1, 16},
    {"override on and off", "[a: EnableOverride DisableOverride] class A {};", "0x80044023", 1, 20},
    {"restricted to subclasses", "[a: Restricted ToSubclass] class A {};", "0x80044025", 1, 16},
    {"restricted to instances", "[a: ToInstance Restricted] class A {};", "0x80044025", 1, 16},
    {"a dollar sign alone", "class A {}; instance of A as $ {};", "0x80044016", 1, 30},
    {"an enumeration", "enum E { a };", "0x8004400D", 1, 1},
    {"no qualifier between brackets", "[] class A {};", "0x80044001", 1, 2},
    {"a namespace elsewhere", "#pragma namespace(\"\\\\\\\\pc\\\\root\\\\cimv2\")", "0x8004401C", 1,
     1},
    {"two amendments", "#pragma amendment(\"MS_409\")\n#pragma amendment(\"MS_407\")", "0x80044011",
     2, 1},
    {"the CIMTYPE qualifier", "class A { [CIMTYPE(\"x\")] string S; };", "0x8004401A", 1, 12},
    {"an array of different types", "[a{1, \"x\"}] class A {};", "0x80044015", 1, 7},
    {"a null in an array", "[a{NULL}] class A {};", "0x80044020", 1, 4},
    {"an alias without a dollar", "class A as x {};", "0x80044019", 1, 12},
    {"a character outside MOF", "class A { uint8 N; }; ?", "0x8004400A", 1, 23},
    {"a comment that does not end", "class A {};\n /* x", "0x8004400A", 2, 2},
    {"a text that does not end", "class A { string S = \"x\n\"; };", "0x8004400A", 1, 22},
    {"an unknown escape", R"(class A { string S = "\q"; };)", "0x80044007", 1, 23},
    {"a malformed number", "class A { uint8 N = 12x; };", "0x80044007", 1, 21},
    {"a value is missing", "class A { uint8 N = ; };", "0x80044007", 1, 21},
    {"a number out of range", "class A { uint8 N = 256; };", "0x8004401D", 1, 21},
    {"a real32 out of range", "class A { real32 R = 3.5e38; };", "0x8004401D", 1, 22},
    {"a real out of range", "class A { real64 R = 1.0e309; };", "0x8004401D", 1, 22},
    {"a negative unsigned number", "class A { uint8 N = -1; };", "0x8004401D", 1, 21},
    {"a text for a number", "class A { uint8 N = \"1\"; };", "0x80044015", 1, 21},
    {"a boolean for a number", "class A { uint8 N = TRUE; };", "0x80044015", 1, 21},
    {"no datetime", "class A { datetime D = \"today\"; };", "0x80044015", 1, 24},
    {"an array for a scalar", "class A { uint8 N = {1}; };", "0x8004400F", 1, 21},
    {"a scalar for an array", "class A { uint8 N[] = 1; };", "0x80044015", 1, 23},
    {"an array inside an array", "class A { uint8 N[] = {{1}}; };", "0x8004400F", 1, 24},
    {"a method that returns an array", "class A { uint8[] M(); };", "0x8004400C", 1, 16},
    {"a parameter without a direction", "class A { uint8 M(uint8 N); };", "0x80044027", 1, 25},
    {"an unknown alias", "class A { [key] string K; }; instance of A { K = $x; };", "0x8004400E", 1,
     50},
    {"an alias of an embedded instance",
     "class A { object O; }; instance of A { O = instance of A as $x {}; };", "0x8004401F", 1, 44},
    {"instance without of", "instance A {};", "0x80044018", 1, 10},
    {"typedef", "typedef uint8 N;", "0x8004400D", 1, 1},
    {"what is this", "uint8 N;", "0x8004400A", 1, 1},
    {"a pragma without a name", "#pragma (\"x\")", "0x80044012", 1, 9},
    {"no pragma", "#include \"x\"", "0x80044012", 1, 2},
    {"an include", "\n#pragma include(\"x.mof\")", "0x80044030", 2, 1},
    {"a malformed namespace", "#pragma namespace(\"\\\\\\\\\")", "0x80044013", 1, 1},
    {"an unknown class flag", "#pragma classflags(\"twice\")", "0x80044028", 1, 1},
    {"deleteclass without a flag", "#pragma deleteclass(\"A\")", "0x80044031", 1, 1},
    {"deleteinstance of no path", "#pragma deleteinstance(\"A.\", FAIL)", "0x8004402C", 1, 1},
    {"deleting a class that is not there", "#pragma deleteclass(\"A\", FAIL)", "0x80041010", 1, 1},
    {"an unknown superclass", "class A : Q {};", "0x8004100D", 1, 7},
    {"an unknown class", "instance of Q {};", "0x80041010", 1, 1},
    {"a misspelt type", "class A {\n unit32 N; };", "0x8004400B", 2, 2},
    {"a misspelt type of a parameter", "class A { uint8 M([in] strng N); };", "0x8004400B", 1, 24},
    {"a misspelt type of a return value", "class A { unit32 M(); };", "0x8004400B", 1, 11},
    {"an instance of a provider's class",
     "[dynamic, provider(\"P\")] class A { [key] string K; };\ninstance of A { K = \"a\"; };",
     "0x80041024", 2, 1},
    {"an unknown property", "class A {}; instance of A { N = 1; };", "0x80041031", 1, 29},
    {"a null key", "class A { [key] string K; }; instance of A {};", "0x80041028", 1, 30},
    {"an instance of an abstract class", "[abstract] class A {}; instance of A {};", "0x80041016",
     1, 24},
    {"a parameter twice", "class A { void M([in] uint8 N, [in] string n); };", "0x80041043", 1, 44},
    {"an ID that is a text", "class A { void M([in, ID(\"0\")] uint8 N); };", "0x80041037", 1, 38},
    {"an ID below 0", "class A { void M([in, ID(-1)] uint8 N); };", "0x80041037", 1, 37},
    {"an ID without a number", "class A { void M([in, ID] uint8 N); };", "0x80041037", 1, 33},
    {"an ID twice", "class A { void M([in, ID(0)] uint8 N, [in, ID(0)] uint8 O); };", "0x80041038",
     1, 57},
    {"IDs with a gap", "class A { void M([in, ID(0)] uint8 N, [in, ID(2)] uint8 O); };",
     "0x80041038", 1, 57},
    {"an ID and none", "class A { void M([in] uint8 N, [in, ID(0)] uint8 O); };", "0x80041036", 1,
     29},
    {"an array as key", "class A { [key] uint8 K[]; };", "0x8004101F", 1, 7},
    {"a real as key", "class A { [key] real32 K; };", "0x8004101F", 1, 7},
    {"an object as key", "class A { [key] object K; };", "0x8004101F", 1, 7},
    {"a subclass adds a key", "class A { [key] uint8 K; }; class B : A { [key] uint8 L; };",
     "0x80041049", 1, 35},
    {"a subclass makes a key of what was none",
     "class A { [key] uint8 K; uint8 L; }; class B : A { [key] uint8 L; };", "0x80041049", 1, 44},
    {"an override of another type", "class A { uint8 N; }; class B : A { string N; };",
     "0x8004101A", 1, 29},
};

std::string strip(std::string written) {
  BOOST_TEST(written.starts_with(kHead));
  return written.substr(std::string(kHead).size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mof_text)

BOOST_AUTO_TEST_CASE(compiles_and_is_written_back) {
  for (const Good& c : kGood) {
    BOOST_TEST_CONTEXT(c.why) {
      Repository repository = empty();
      const auto done = mof::compile(c.text, repository, kOptions);
      if (std::string(c.why) == "reals") {
        BOOST_TEST(!done.has_value());  // DSP0004: a real constant has a point
        continue;
      }
      BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().message));
      const std::string written = mof::write_layer(repository);
      if (c.written != nullptr && std::string(c.written) != "[]")
        BOOST_TEST(strip(written) == c.written);
      Repository again = empty();
      BOOST_REQUIRE(mof::compile(written, again, kOptions).has_value());
      BOOST_TEST(mof::write_layer(again) == written);
    }
  }
}

BOOST_AUTO_TEST_CASE(is_refused_with_code_line_and_column) {
  for (const Bad& c : kBad) {
    BOOST_TEST_CONTEXT(c.why) {
      Repository repository = empty();
      const auto done = mof::compile(c.text, repository, kOptions);
      BOOST_REQUIRE(!done.has_value());
      BOOST_TEST(to_hex(done.error().code) == c.code);
      BOOST_REQUIRE(done.error().at.has_value());
      BOOST_TEST(done.error().at->line == c.line);
      BOOST_TEST(done.error().at->column == c.column);
      BOOST_TEST(done.error().at->offset <= std::string(c.text).size());
      BOOST_TEST(strip(mof::write_layer(repository)).empty());  // nothing was done
    }
  }
}

BOOST_AUTO_TEST_CASE(an_embedded_object_may_be_of_a_class_that_follows) {
  Repository repository = empty();
  BOOST_TEST(
      mof::compile("class A { B Part; }; class B { A Whole; };", repository, kOptions).has_value());
}

// What a world's own classes may do to the ones that come with the program.
BOOST_AUTO_TEST_CASE(leaves_built_in_classes_with_instances_alone) {
  auto base = std::make_shared<Repository>(empty());
  BOOST_REQUIRE(mof::compile("[dynamic, provider(\"P\")] class Live { [key] string K; };\n"
                             "class Kept { [key] string K; }; instance of Kept { K = \"a\"; };\n"
                             "class Free { [key] string K; }; class __Reserved {};",
                             *base, kOptions)
                    .has_value());
  struct {
    const char* text;
    const char* code;
  } const rows[] = {
      {"class Live { [key] string K; uint8 More; };", "0x80041026"},
      {"class kept { [key] string K; };", "0x80041026"},
      {"#pragma deleteclass(\"Live\", FAIL)", "0x80041026"},
      {"class __Reserved { uint8 N; };", "0x80044017"},
      {"class __New {};", "0x80044017"},
      {"instance of Live { K = \"a\"; };", "0x80041024"},
      {"class Free { [key] string K; uint8 More; };", ""},
      {"class Below : Live { uint8 More; };", ""},
      {"instance of Kept { K = \"b\"; };", ""},
      {"#pragma deleteclass(\"Free\", FAIL)", ""},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.text) {
      Repository own(base);
      const auto done = mof::compile(row.text, own, kOptions);
      BOOST_TEST((done ? "" : to_hex(done.error().code)) == row.code);
    }
  }
}

BOOST_AUTO_TEST_CASE(may_be_utf_16_with_a_byte_order_mark) {
  const std::string text = "class Größe {};";
  std::string little = "\xFF\xFE", big = "\xFE\xFF";
  for (const char16_t unit : to_utf16(text)) {
    little += {static_cast<char>(unit & 0xFF), static_cast<char>(unit >> 8)};
    big += {static_cast<char>(unit >> 8), static_cast<char>(unit & 0xFF)};
  }
  for (const std::string& bytes : {text, "\xEF\xBB\xBF" + text, little, big}) {
    Repository repository = empty();
    BOOST_TEST(mof::compile(bytes, repository, kOptions).has_value());
    BOOST_TEST((repository.find_class("root", "größe") != nullptr));
  }
  const auto bad = mof::parse("class \xFF {};");
  BOOST_REQUIRE(!bad.has_value());
  BOOST_TEST(to_hex(bad.error().code) == "0x8004401E");
  BOOST_TEST(bad.error().at->offset == 6u);
}

BOOST_AUTO_TEST_CASE(has_limits) {
  const auto code = [](const std::string& text, mof::Limits limits) {
    const auto parsed = mof::parse(text, limits);
    return parsed ? std::string("ok") : to_hex(parsed.error().code);
  };
  std::string deep = "instance of A { O = 1; }";
  for (int i = 0; i < 100; ++i) deep = "instance of A { O = " + deep + "; }";
  BOOST_TEST(code(deep + ";", {}) == "0x8004106C");
  BOOST_TEST(code("class A {};", {.items = 3}) == "0x8004106C");
  BOOST_TEST(code("class A {};", {.bytes = 3}) == "0x8004106C");
  BOOST_TEST(code(std::string(100000, '{'), {}) != "ok");
  const auto many = [](const char* item) {
    std::string out;
    for (int i = 0; i < 2000; ++i) out += item + std::to_string(i) + ";";
    return out;
  };
  BOOST_TEST(code("class A {" + many("uint8 P") + "};", {}) == "0x8004106C");
  BOOST_TEST(code("instance of A {" + many("P = ") + "};", {}) != "ok");
}

BOOST_AUTO_TEST_CASE(generated_classes_survive_being_written) {
  std::mt19937 random(20080301);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  static constexpr const char* kTypes[] = {"uint8",  "sint16", "uint32",  "sint64",   "uint64",
                                           "real32", "real64", "boolean", "datetime", "char16",
                                           "string", "object", "C0 ref"};
  static constexpr const char* kValues[] = {"7",
                                            "-300",
                                            "4000000000",
                                            "-1",
                                            "18446744073709551615",
                                            "0.1",
                                            "1.5e300",
                                            "TRUE",
                                            "\"20080301000000.000000+060\"",
                                            "'\\x0001'",
                                            "\"a\\n\\\"\\\\\\x0001é\"",
                                            "NULL",
                                            "NULL"};
  std::string text = "class C0 { [key: ToSubclass] uint32 Id; };\n";
  for (unsigned i = 1; i < 60; ++i) {
    text += "[Order(" + std::to_string(i) +
            "): ToInstance, Words{\"a\", \"b\"}: Amended ToSubclass] class C" + std::to_string(i) +
            " : C" + std::to_string(below(i)) + " {\n";
    for (unsigned p = 0; p < below(6); ++p) {
      const unsigned type = below(13);
      const bool array = type < 11 && below(4) == 0;
      const std::string value = kValues[type];
      text += (below(2) == 0 ? "[read, Units(\"u\")] " : "") + std::string(kTypes[type]) + " P" +
              std::to_string(i) + "_" + std::to_string(p) + (array ? "[]" : "") +
              (below(2) == 0 ? "" : " = " + (array ? "{" + value + ", " + value + "}" : value)) +
              ";\n";
    }
    text += "[implemented] uint32 M" + std::to_string(i) +
            "([in, ID(0)] string A, [out, ID(1)] uint8 B[]);\n};\n";
    text += "instance of C" + std::to_string(i) + " { Id = " + std::to_string(i) + "; };\n";
  }
  Repository first = empty();
  const auto done = mof::compile(text, first, kOptions);
  BOOST_REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().message));
  const std::string written = mof::write_layer(first);
  Repository second = empty();
  BOOST_REQUIRE(mof::compile(written, second, kOptions).has_value());
  BOOST_TEST(mof::write_layer(second) == written);
  for (const ClassPtr& cls : first.classes("root")) {
    const ClassPtr copy = second.find_class("root", cls->name());
    BOOST_REQUIRE(copy != nullptr);
    BOOST_TEST((copy->qualifiers() == cls->qualifiers()));
    for (std::size_t i = 0; i < cls->properties().size(); ++i) {
      const Property& a = cls->properties()[i];
      const Property& b = copy->properties()[i];
      BOOST_TEST((a.name == b.name && a.type == b.type && a.is_array == b.is_array &&
                  a.default_value == b.default_value && a.qualifiers == b.qualifiers &&
                  a.origin == b.origin && a.reference_class == b.reference_class));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
