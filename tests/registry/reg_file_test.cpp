#include "registry/formats/reg_file.hpp"

#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "registry/formats/ansi.hpp"
#include "registry/memory_store.hpp"
#include "registry/registry.hpp"

namespace slwmi::reg {
namespace {

constexpr const char* k5 =
    "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\Software\\R]\n";
constexpr const char* k4 = "REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\Software\\R]\n";

RegFile read(const std::string& text) {
  auto file = read_reg(as_bytes(text));
  BOOST_REQUIRE_MESSAGE(file.has_value(), text);
  return *file;
}

// "name=type:hex;..." of the entries in order; "name-" for a deleted one.
std::string show(const RegFile& file) {
  std::string out;
  for (const RegSection& section : file.sections) {
    for (const RegEntry& entry : section.entries) {
      if (!out.empty()) out += ";";
      out += entry.name;
      if (entry.deleted) {
        out += "-";
      } else {
        char type[12];
        std::snprintf(type, sizeof type, "=%x:", static_cast<unsigned>(entry.data.type()));
        out += type + to_hex(entry.data.data());
      }
    }
  }
  return out;
}

// What regedit does with value lines; problems counts the lines passed over and reported.
struct {
  const char* why;
  const char* header;
  const char* lines;
  const char* entries;
  std::size_t problems;
} const kValues[] = {
    {"a string", k5, "\"a\"=\"b\"", "a=1:62000000", 0},
    {"the default value", k5, "@=\"b\"", "=1:62000000", 0},
    {"an empty name is the default value too", k5, "\"\"=\"b\"", "=1:62000000", 0},
    {"quotes and backslashes are escaped", k5, "\"a\\\"b\"=\"c\\\\d\"", "a\"b=1:63005c0064000000",
     0},
    {"an escaped 0 stays two characters", k5, "\"a\"=\"\\0\"", "a=1:5c0030000000", 0},
    {"an equals sign in a name", k5, "\"a=b\"=dword:1", "a=b=4:01000000", 0},
    {"dwords take one to eight digits", k5,
     "\"a\"=dword:1\n\"b\"=dword:0000278f\n\"c\"=dword:fffffffF",
     "a=4:01000000;b=4:8f270000;c=4:ffffffff", 0},
    {"nine digits are too many and none too few", k5,
     "\"a\"=dword:123456789\n\"b\"=dword:\n\"c\"=dword:0x1", "", 3},
    {"bytes", k5, "\"a\"=hex:01,02,fF", "a=3:0102ff", 0},
    {"no bytes", k5, "\"a\"=hex:", "a=3:", 0},
    {"a single digit is a byte", k5, "\"a\"=hex:1,2", "a=3:0102", 0},
    {"three digits are none", k5, "\"a\"=hex:100", "", 1},
    {"a comma at the end", k5, "\"a\"=hex:01,02,", "a=3:0102", 0},
    {"a type is any 32-bit number", k5,
     "\"a\"=hex(0):01\n\"b\"=hex(ffffffff):02\n\"c\"=hex(10):", "a=0:01;b=ffffffff:02;c=10:", 0},
    {"but not more, and no prefix", k5,
     "\"a\"=hex(100000000):01\n\"b\"=hex(0x2):01\n\"c\"=hex(x2):1", "", 3},
    {"bytes go on after a comma and a backslash", k5, "\"a\"=hex:01,\\\n  02,03", "a=3:010203", 0},
    {"blanks before the backslash", k5, "\"a\"=hex:01, \t\\\n  02", "a=3:0102", 0},
    {"all bytes on the next line", k5, "\"a\"=hex:\\\n  02", "a=3:02", 0},
    {"a comment after the backslash", k5, "\"a\"=hex:01,\\;c\n  02,\\ ;c\n03", "a=3:010203", 0},
    {"a comment ends the bytes", k5, "\"a\"=hex:01,;c\n  02", "a=3:01", 1},
    {"blank and comment lines in between", k5, "\"a\"=hex:01,\\\n\n;c\n 02", "a=3:0102", 0},
    {"the file may end after a backslash", k5, "\"a\"=hex:01,\\", "a=3:01", 0},
    {"a backslash without a comma loses its own line only", k5, "\"a\"=hex:4c\\\n\"b\"=dword:1",
     "b=4:01000000", 1},
    {"a line that is no bytes is lost with the value", k5,
     "\"a\"=hex:4c,\\\n\"b\"=dword:1\n\"c\"=dword:2", "c=4:02000000", 1},
    {"a comma at the start of the next line loses the value", k5, "\"a\"=hex:4c,\\\n,01", "", 1},
    {"a text without its NUL gets one", k5, "\"a\"=hex(2):25,00\n\"b\"=hex(7):41,00,00,00,42,00",
     "a=2:25000000;b=7:4100000042000000", 0},
    {"a binary value without one does not", k5, "\"a\"=hex:25,00\n\"b\"=hex(0):41,00",
     "a=3:2500;b=0:4100", 0},
    {"odd bytes of a text stay", k5, "\"a\"=hex(2):25,00,41", "a=2:250041", 0},
    {"REGEDIT4's texts are ANSI", k4, "\"a\"=hex(2):25,80,00\n\"b\"=hex(7):41,00,00",
     "a=2:2500ac200000;b=7:410000000000", 0},
    {"and get their NUL after widening", k4, "\"a\"=hex(2):25,50", "a=2:250050000000", 0},
    {"other types stay as they are", k4, "\"a\"=hex(0):41,00\n\"b\"=hex:80", "a=0:4100;b=3:80", 0},
    {"deletion", k5, "\"a\"=-\n@=- ; gone", "a-;-", 0},
    {"something after a deletion", k5, "\"a\"=-x", "", 1},
    {"comments", k5, "; c\n# c\n\"a\"=dword:1 ; c\n\"b\"=\"x\" ; c", "a=4:01000000;b=1:78000000",
     0},
    {"a number sign is no comment behind a value", k5, "\"a\"=dword:1 # c", "", 1},
    {"blanks around everything", k5, " \t\"a\" = \t\"b\"  ", "a=1:62000000", 0},
    {"a missing quote loses the line only", k5, "\"a=\"b\n\"c\"=\"d\n\"e\"=\"f\"", "e=1:66000000",
     2},
    {"something after a string", k5, "\"a\"=\"b\"x", "", 1},
    {"no equals sign", k5, "\"a\"\"b\"", "", 1},
    {"what is no value", k5, "nonsense", "", 1},
    {"an unknown kind of data", k5, "\"a\"=word:1", "", 1},
    {"non-ASCII in UTF-8", k5, "\"имя\"=\"é\"", "имя=1:e9000000", 0},
    {"a carriage return alone ends a line", k5, "\"a\"=dword:1\r\"b\"=dword:2",
     "a=4:01000000;b=4:02000000", 0},
};

struct {
  const char* why;
  const char* line;
  const char* section;
} const kSections[] = {
    {"a key", "[HKEY_USERS\\x]", "HKU|x"},
    {"roots in any case", "[hkey_classes_root\\.txt]", "HKCR|.txt"},
    {"a bracket in a name: the last one closes", "[HKEY_USERS\\a]b]", "HKU|a]b"},
    {"something after the bracket", "[HKEY_USERS\\a] ; c", "HKU|a"},
    {"a root alone", "[HKEY_CURRENT_USER]", "HKCU|"},
    {"a backslash at the end", "[HKEY_CURRENT_USER\\a\\]", "HKCU|a"},
    {"deletion", "[-HKEY_CURRENT_USER\\a]", "-HKCU|a"},
    {"short roots are not taken", "[HKCU\\a]", ""},
    {"a blank before the root", "[ HKEY_USERS\\a]", ""},
    {"no bracket", "[HKEY_USERS\\a", ""},
    {"a root cannot be deleted", "[-HKEY_CURRENT_USER]", ""},
    {"no path", "[]", ""},
};

struct {
  const char* why;
  const char* text;
  int version;  // -1: refused
} const kHeaders[] = {
    {"version 5", "Windows Registry Editor Version 5.00\n", 5},
    {"version 5 without a line end", "Windows Registry Editor Version 5.00", 5},
    {"REGEDIT4", "REGEDIT4\r\n", 4},
    {"blanks before it", " \tREGEDIT4\n", 4},
    {"a byte order mark", "\xEF\xBB\xBFREGEDIT4\n", 4},
    {"Windows 3.1", "REGEDIT\n", 3},
    {"unknown ones import nothing", "REGEDIT3\n", 0},
    {"with a blank", "REGEDIT 4\n", 0},
    {"with more", "REGEDIT4FOO\n", 0},
    {"a line end before it", "\nREGEDIT4\n", -1},
    {"lower case", "regedit4\n", -1},
    {"version 5 without the zeros", "Windows Registry Editor Version 5\n", -1},
    {"version 4 in words", "Windows Registry Editor Version 4.00\n", -1},
    {"nothing", "", -1},
    {"a hive", "regf", -1},
};

HiveView sample() {
  OpBuilder ops;
  const KeyId key = ops.create_key(KeyId::kLocalMachine, {"SOFTWARE", "Sample"});
  const auto set = [&](std::string_view name, ValueData value) {
    ops.set_value(key, intern_name(name).spelling, std::move(value));
  };
  set("", make_sz("default"));
  set("back\\slash", make_sz("say \"hi\""));
  set("number", make_dword(0x2760));
  set("short", {ValueType::kDword, *from_hex("0100")});
  set("big", make_qword(1));
  set("path", make_expand_sz("%a%"));
  set("none", {ValueType::kNone, {}});
  set("odd", {static_cast<ValueType>(0x80000001), *from_hex("ff")});
  set("two lines", make_sz("a\nb"));
  Bytes many(60);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::byte>(i);
  set("DigitalProductId", make_binary(many));
  ops.create_key(KeyId::kLocalMachine, {"SOFTWARE", "Sample", "b"});
  ops.create_key(KeyId::kLocalMachine, {"SOFTWARE", "Sample", "A", "deep"});
  return {Image::make(ops.ops(), {}), nullptr, {}};
}

constexpr const char* kSampleText =
    "Windows Registry Editor Version 5.00\r\n\r\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Sample]\r\n"
    "@=\"default\"\r\n"
    "\"back\\\\slash\"=\"say \\\"hi\\\"\"\r\n"
    "\"number\"=dword:00002760\r\n"
    "\"short\"=hex(4):01,00\r\n"
    "\"big\"=hex(b):01,00,00,00,00,00,00,00\r\n"
    "\"path\"=hex(2):25,00,61,00,25,00,00,00\r\n"
    "\"none\"=hex(0):\r\n"
    "\"odd\"=hex(80000001):ff\r\n"
    "\"two lines\"=hex(1):61,00,0a,00,62,00,00,00\r\n"
    "\"DigitalProductId\"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,\\\r\n"
    "  12,13,14,15,16,17,18,19,1a,1b,1c,1d,1e,1f,20,21,22,23,24,25,26,27,28,29,2a,\\\r\n"
    "  2b,2c,2d,2e,2f,30,31,32,33,34,35,36,37,38,39,3a,3b\r\n\r\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Sample\\A]\r\n\r\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Sample\\A\\deep]\r\n\r\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Sample\\b]\r\n\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(reg_file)

BOOST_AUTO_TEST_CASE(value_lines_are_read_as_regedit_reads_them) {
  for (const auto& c : kValues) {
    BOOST_TEST_CONTEXT(c.why) {
      const RegFile file = read(std::string(c.header) + c.lines);
      BOOST_TEST(show(file) == c.entries);
      BOOST_TEST(file.problems.size() == c.problems);
    }
  }
}

BOOST_AUTO_TEST_CASE(key_lines_are_read_as_regedit_reads_them) {
  for (const auto& c : kSections) {
    BOOST_TEST_CONTEXT(c.why) {
      const RegFile file = read(std::string("REGEDIT4\n") + c.line);
      std::string shown;
      for (const RegSection& section : file.sections) {
        shown += (section.deleted ? "-" : "") + std::string(short_name(section.root)) + "|" +
                 section.path;
      }
      BOOST_TEST(shown == c.section);
      BOOST_TEST(file.problems.size() == (*c.section == 0 ? 1u : 0u));
    }
  }
}

BOOST_AUTO_TEST_CASE(headers_decide_what_is_read) {
  for (const auto& c : kHeaders) {
    BOOST_TEST_CONTEXT(c.why) {
      const auto file = read_reg(as_bytes(std::string_view(c.text)));
      BOOST_REQUIRE(file.has_value() == (c.version >= 0));
      if (!file) {
        BOOST_TEST((file.error().code == HResult::kErrorInvalidData));
        continue;
      }
      const RegVersion versions[] = {RegVersion::kOther, RegVersion::kOther, RegVersion::kOther,
                                     RegVersion::k3,     RegVersion::k4,     RegVersion::k5};
      BOOST_TEST((file->version == versions[c.version]));
    }
  }
}

// As regedit's public tests, which run on Windows, have them.
BOOST_AUTO_TEST_CASE(files_of_windows_3_set_default_values) {
  const RegFile file = read(
      "REGEDIT\r\n"
      "a line of no meaning\r\n"
      "HKEY_CLASSES_ROOT\\a = Value0\r\n"
      "HKEY_CLASSES_ROOT\\a\\b =  Value1 \r\n"
      "HKEY_CLASSES_ROOT\\c\t=Value=2\r\n"
      "HKEY_CLASSES_ROOT\\d   Value3\r\n"
      "HKEY_CLASSES_ROOT\\e\r\n"
      "HKEY_CURRENT_USER\\f = Value5\r\n"
      "[HKEY_CLASSES_ROOT\\g]\r\n");
  const std::pair<const char*, const char*> expected[] = {
      {"a", "Value0"}, {"a\\b", " Value1 "}, {"c", "Value=2"}, {"d", "Value3"}, {"e", ""}};
  BOOST_REQUIRE(file.sections.size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const RegSection& section = file.sections[i];
    BOOST_TEST((section.root == Root::kClassesRoot));
    BOOST_TEST(section.path == expected[i].first);
    BOOST_REQUIRE(section.entries.size() == 1u);
    BOOST_TEST(section.entries[0].name == "");
    BOOST_TEST(as_string(section.entries[0].data.view()).value() == expected[i].second);
  }
  BOOST_TEST(file.problems.empty());
}

BOOST_AUTO_TEST_CASE(problems_have_their_line_and_strict_reading_stops_at_the_first) {
  const std::string text = std::string(k5) + "\"a\"=dword:1\nbad\n\"b\"=hex:zz\n";
  const RegFile file = read(text);
  BOOST_REQUIRE(file.problems.size() == 2u);
  BOOST_TEST(file.problems[0].line == 5u);
  BOOST_TEST(file.problems[1].line == 6u);
  BOOST_TEST(file.sections[0].entries[0].line == 4u);
  const auto strict = read_reg(as_bytes(text), {.strict = true});
  BOOST_REQUIRE(!strict.has_value());
  BOOST_TEST(strict.error().at->line == 5);
}

BOOST_AUTO_TEST_CASE(values_of_a_key_that_is_wrong_are_left_out) {
  const RegFile file = read("REGEDIT4\n[HKLM\\a]\n\"x\"=dword:1\n[HKEY_USERS\\b]\n\"y\"=dword:1\n");
  BOOST_TEST(show(file) == "y=4:01000000");
  BOOST_TEST(file.problems.size() == 1u);
}

BOOST_AUTO_TEST_CASE(utf16_utf8_and_ansi_files_say_the_same) {
  const std::string text = std::string(k5) + "\"é\"=\"€\"\n";
  Bytes utf16 = to_utf16le("\xEF\xBB\xBF" + text);
  BOOST_TEST(show(*read_reg(utf16)) == "é=1:ac200000");
  BOOST_TEST(show(read(text)) == "é=1:ac200000");
  BOOST_TEST(show(read(to_ansi(text))) == "é=1:ac200000");
  BOOST_TEST(show(read(std::string(k4) + "\"\xE9\"=\"\x80\"")) == "é=1:ac200000");
}

BOOST_AUTO_TEST_CASE(a_lone_surrogate_survives) {
  Bytes file =
      to_utf16le("\xEF\xBB\xBF" + std::string(k5) + "\"\xED\xA0\x80\"=\"\xED\xB0\x81\"\r\n");
  BOOST_TEST(show(*read_reg(file)) == "\xED\xA0\x80=1:01dc0000");
}

BOOST_AUTO_TEST_CASE(an_export_has_regedits_bytes) {
  const auto bytes = export_reg(sample(), key_of("HKLM\\SOFTWARE\\Sample"));
  BOOST_TEST(to_hex(ByteSpan(bytes).first(2)) == "fffe");
  BOOST_TEST(from_utf16le(ByteSpan(bytes).subspan(2)) == kSampleText);
}

BOOST_AUTO_TEST_CASE(no_line_of_bytes_is_longer_than_80) {
  for (std::size_t length = 0; length < 40; ++length) {
    OpBuilder ops;
    const KeyId key = ops.create_key(KeyId::kLocalMachine, {"S", "K"});
    ops.set_value(key, intern_name(std::string(length, 'n')).spelling, make_binary(Bytes(300)));
    const HiveView view(Image::make(ops.ops(), {}), nullptr, {});
    const auto bytes = export_reg(view, key);
    const std::string text = from_utf16le(ByteSpan(bytes).subspan(2));
    std::size_t start = 0, longest = 0;
    for (std::size_t end; (end = text.find("\r\n", start)) != std::string::npos; start = end + 2) {
      longest = std::max(longest, end - start);
    }
    BOOST_TEST(longest <= 80u);
  }
}

BOOST_AUTO_TEST_CASE(what_is_exported_imports_to_the_same_in_both_versions) {
  const HiveView view = sample();
  for (const RegVersion version : {RegVersion::k5, RegVersion::k4}) {
    const auto bytes = export_reg(view, key_of("HKLM\\SOFTWARE\\Sample"), version);
    const auto file = read_reg(bytes, {.strict = true});
    BOOST_REQUIRE(file.has_value());
    const HiveView back(Image::make(compile_reg(*file, sids::kSystem), {}), nullptr, {});
    BOOST_TEST((export_reg(back, key_of("HKLM\\SOFTWARE\\Sample"), version) == bytes));
  }
}

BOOST_AUTO_TEST_CASE(random_values_survive_export_and_import) {
  std::mt19937 random(5);
  for (int round = 0; round < 100; ++round) {
    OpBuilder ops;
    const KeyId key = ops.create_key(KeyId::kUsers, {"R"});
    for (int n = 0; n < 8; ++n) {
      std::string name;
      const char* parts[] = {"a", "\\", "\"", "=", "é", "\xED\xA0\x80", " ", ";", "\n", "\r"};
      for (auto length = random() % 6; length > 0; --length) name += parts[random() % 10];
      Bytes data(random() % 120);
      for (std::byte& b : data) b = static_cast<std::byte>(random());
      const ValueType types[] = {ValueType::kNone, ValueType::kBinary, ValueType::kDword,
                                 ValueType::kQword, ValueType::kLink};
      const bool text = random() % 3 == 0;
      ops.set_value(key, intern_name(name + std::to_string(n)).spelling,
                    text ? make_sz(name) : ValueData(types[random() % 5], data));
    }
    const HiveView view(Image::make(ops.ops(), {}), nullptr, {});
    const auto bytes = export_reg(view, key);
    const auto file = read_reg(bytes, {.strict = true});
    BOOST_REQUIRE(file.has_value());
    const HiveView back(Image::make(compile_reg(*file, sids::kSystem), {}), nullptr, {});
    const auto before = view.values(key), after = back.values(key);
    BOOST_REQUIRE(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      BOOST_TEST((before[i].spelling == after[i].spelling));
      BOOST_TEST((before[i].value == after[i].value));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_key_whose_name_has_a_line_end_is_not_exported) {
  OpBuilder ops;
  ops.create_key(KeyId::kLocalMachine, {"SOFTWARE", "Good", "two\nlines"});
  const auto store =
      std::make_shared<MemoryStore>(HiveView(Image::make(ops.ops(), {}), nullptr, {}));
  const ManualClock clock(FileTime{1000});
  const Registry admin(store, *find_principal("administrator"), clock);
  const auto refused = export_reg(admin, "HKLM\\SOFTWARE\\Good");
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(to_hex(refused.error().code) == "0x80070032");
  BOOST_TEST(
      refused.error().message ==
      "a .reg file cannot name the key HKEY_LOCAL_MACHINE\\SOFTWARE\\Good\\two\nlines: a line "
      "ends inside");
}

BOOST_AUTO_TEST_CASE(importing_writes_with_the_callers_rights_and_reports_what_is_refused) {
  OpBuilder ops;
  ops.create_key(KeyId::kLocalMachine, {"SOFTWARE", "Old", "Sub"});
  const KeyId hive = ops.create_key(KeyId::kUsers, {format_sid(sids::kStandardUser)});
  ops.set_security(hive, user_default(sids::kStandardUser));
  const auto store =
      std::make_shared<MemoryStore>(HiveView(Image::make(ops.ops(), {}), nullptr, {}));
  const ManualClock clock(FileTime{1000});
  const RegFile file = read(
      "REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\New]\n\"a\"=dword:1\n[HKEY_CURRENT_USER\\Mine]\n"
      "\"b\"=dword:2\n[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Old]\n[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Absent]"
      "\n");

  Registry standard(store, *find_principal("standard"), clock);
  const auto problems = import_reg(standard, file);
  BOOST_REQUIRE(problems.has_value());
  BOOST_REQUIRE(problems->size() == 2u);
  BOOST_TEST((*problems)[0].line == 2u);
  BOOST_TEST((*problems)[1].line == 6u);
  BOOST_TEST(standard.get("HKCU\\Mine", "b").has_value());
  BOOST_TEST(standard.open("HKLM\\SOFTWARE\\Old\\Sub").has_value());

  Registry admin(store, *find_principal("system"), clock);
  const RegFile machine = read(
      "REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\New]\n\"a\"=dword:1\n"
      "[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Old]\n");
  BOOST_TEST(import_reg(admin, machine, true)->empty());
  BOOST_TEST(!admin.open("HKLM\\SOFTWARE\\Old").has_value());
  BOOST_TEST((as_dword(admin.get("HKLM\\SOFTWARE\\New", "A")->view()) == 1u));
}

BOOST_AUTO_TEST_CASE(lines_that_the_reader_passed_over_are_not_reported_again) {
  OpBuilder ops;
  ops.create_key(KeyId::kLocalMachine, {"SOFTWARE"});
  const auto store =
      std::make_shared<MemoryStore>(HiveView(Image::make(ops.ops(), {}), nullptr, {}));
  const ManualClock clock(FileTime{1000});
  Registry admin(store, *find_principal("administrator"), clock);
  const RegFile file =
      read("REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\New]\nnonsense\n\"a\"=dword:1\n");
  BOOST_TEST(file.problems.size() == 1u);
  BOOST_TEST(import_reg(admin, file)->empty());
  BOOST_TEST(admin.get("HKLM\\SOFTWARE\\New", "a").has_value());
}

BOOST_AUTO_TEST_CASE(a_strict_import_that_fails_changes_nothing) {
  OpBuilder ops;
  ops.create_key(KeyId::kLocalMachine, {"SOFTWARE"});
  const KeyId hive = ops.create_key(KeyId::kUsers, {format_sid(sids::kStandardUser)});
  ops.set_security(hive, user_default(sids::kStandardUser));
  const auto store =
      std::make_shared<MemoryStore>(HiveView(Image::make(ops.ops(), {}), nullptr, {}));
  const ManualClock clock(FileTime{1000});
  Registry standard(store, *find_principal("standard"), clock);
  const auto failed = import_reg(standard,
                                 read("REGEDIT4\n[HKEY_CURRENT_USER\\Mine]\n\"b\"=dword:2\n"
                                      "[HKEY_LOCAL_MACHINE\\SOFTWARE\\New]\n"),
                                 true);
  BOOST_REQUIRE(!failed.has_value());
  BOOST_TEST((failed.error().code == HResult::kEAccessdenied));
  BOOST_TEST(failed.error().at->line == 4);
  BOOST_TEST(!standard.open("HKCU\\Mine").has_value());
  BOOST_TEST(store->view()->generation() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
