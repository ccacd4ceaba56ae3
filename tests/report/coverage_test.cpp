// docs/coverage.md, made of what is there: the MOF of every OS version, the lists of bound names,
// events, messages, reports and troubleshooting rows, and the names of test cases. The test fails
// when the file is not current or an element of VA2 has no test; SL_UPDATE_GOLDEN=1 writes
// docs/coverage.md.actual beside it. It is with the reports because these stand highest.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "base/hresult.hpp"
#include "provider/binding.hpp"
#include "provider/event_classes.hpp"
#include "provider/event_log.hpp"
#include "provider/explain.hpp"
#include "provider/kms/message_fields.hpp"
#include "provider/licensing_classes.hpp"
#include "provider/registry_class.hpp"
#include "provider/win32_classes.hpp"
#include "report/doctor.hpp"
#include "report/health_rules.hpp"
#include "report/reports.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in{std::string(text)};
  for (std::string part; std::getline(in, part, separator);) {
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    parts.push_back(part);
  }
  return parts;
}

// The enumerators of HResult that a line names: HResult::kX or H::kX.
std::vector<std::string> codes_in(std::string_view line) {
  std::vector<std::string> codes;
  for (std::size_t at = line.find("::k"); at != std::string_view::npos;
       at = line.find("::k", at + 1)) {
    std::size_t end = at + 2;
    while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) != 0)) ++end;
    codes.emplace_back(line.substr(at + 2, end - at - 2));
  }
  return codes;
}

// Tests of the licensing world; where several show an element, the first is named: those that drive
// a world into every code, then part by part.
std::vector<fs::path> test_files() {
  std::vector<fs::path> files;
  for (const char* part : {"provider", "world", "report"}) {
    std::set<fs::path> of_part;
    for (const auto& entry : fs::directory_iterator(fs::path(SLWMI_SOURCE_DIR) / "tests" / part))
      if (entry.path().extension() == ".cpp") of_part.insert(entry.path());
    files.insert(files.end(), of_part.begin(), of_part.end());
  }
  std::stable_partition(files.begin(), files.end(), [](const fs::path& file) {
    return file.stem().string().starts_with("appendix2_");
  });
  return files;
}

// The tests that name an element: the name is a word of the case or suite, or stands in a comment
// "covers: A, B" above. An element whose name several tables have is "covers: Table.A". A file
// appendix2_* begins with a table of codes, ".code = " each, which its first case goes through.
std::map<std::string, std::string> tests_by_element() {
  std::map<std::string, std::string> found;
  for (const fs::path& file : test_files()) {
    std::istringstream in(read_file(file));
    std::vector<std::string> covered, driven;
    const bool is_about_codes_only =
        file.stem() == "explain_test" || file.stem() == "coverage_test";
    std::string current;  // the case that the lines belong to
    std::string pending;  // a macro whose name stands on the next line
    for (std::string line; std::getline(in, line);) {
      if (const std::size_t at = line.find("covers:");
          at != std::string::npos && line.starts_with("//")) {
        for (const std::string& name : split(line.substr(at + 7), ',')) covered.push_back(name);
        continue;
      }
      if (line.starts_with("BOOST_AUTO_TEST_") && line.ends_with("(")) {
        pending = line;
        continue;
      }
      if (!pending.empty()) {
        line = pending + line.substr(line.find_first_not_of(' '));
        pending.clear();
      }
      const bool is_case = line.starts_with("BOOST_AUTO_TEST_CASE(");
      const bool is_row = current.empty() && line.find(".code = ") != std::string::npos;
      for (const std::string& code : codes_in(line)) {
        if (is_row) driven.push_back(code);
        if (!current.empty()) found.try_emplace(code, current);
      }
      if (!is_case && !line.starts_with("BOOST_AUTO_TEST_SUITE(")) continue;
      const std::size_t open = line.find('(') + 1;
      const std::string name = line.substr(open, line.find(')') - open);
      const std::string test = file.stem().string() + ": " + name;
      for (const std::string& word : split(name, '_')) found.try_emplace(word, test);
      for (const std::string& element : covered) found.try_emplace(element, test);
      if (!is_case) continue;
      for (const std::string& code : driven) found.try_emplace(code, test);
      if (!is_about_codes_only) current = test;
      covered.clear();
      driven.clear();
    }
  }
  return found;
}

class Report {
 public:
  explicit Report(std::map<std::string, std::string> tests) : tests_(std::move(tests)) {}

  void heading(const std::string& text) {
    out_ << "\n## " << text << "\n\n| element | Vista RTM | Vista SP1 | 2008 | bound by | test |\n"
         << "| --- | --- | --- | --- | --- | --- |\n";
  }
  void row(const std::string& table, const std::string& name, const std::vector<bool>& versions,
           const std::string& bound) {
    out_ << "| " << name << " |";
    for (const bool there : versions) out_ << (there ? " yes |" : " – |");
    std::string shown = test_of(table, name);
    constexpr std::size_t kLongest = 110;
    if (shown.size() > kLongest) shown = shown.substr(0, kLongest) + "…";
    if (bound == "**nothing**") unbound_.push_back(name);
    out_ << ' ' << bound << " | " << shown << " |\n";
  }
  // A code counts as shown only by a test that drives a world into it.
  void code_row(HResult code, const std::string& enumerator) {
    const std::string test = test_of("Appendix 2", enumerator);
    if (!test.starts_with("appendix2_")) untested_.push_back(enumerator + " in a world");
    out_ << "| " << to_hex(code) << " | " << symbol_of(code) << " | " << test << " |\n";
  }
  void event_row(const EventDeclaration& event) {
    const std::string id = std::to_string(static_cast<unsigned>(event.id));
    const std::string shown = test_of("Event", id);
    out_ << "| " << id << " | " << log_name(event.log) << " | " << event.what << " | " << shown
         << " |\n";
    for (const auto& parameter : event.parameters)
      out_ << "| " << id << ": " << parameter.label << " | | " << parameter.description << " | "
           << shown << " |\n";
  }
  // An element of one of VA2's tables, with what it is.
  void table_row(const std::string& table, const std::string& name, std::string_view what) {
    out_ << "| " << name << " | " << what << " | " << test_of(table, name) << " |\n";
  }
  void line(const std::string& text) { out_ << text << '\n'; }
  std::string text() const { return out_.str(); }
  const std::vector<std::string>& unbound() const { return unbound_; }

  // Elements without a test, and those of which it is not clear whether theirs is meant, because
  // another table has an element of that name.
  std::vector<std::string> untested() const {
    std::vector<std::string> found = untested_;
    for (const auto& [name, tables] : tables_of_)
      for (const auto& [table, is_qualified] : tables)
        if (tables.size() > 1 && !is_qualified) found.push_back(table + "." + name);
    return found;
  }

 private:
  std::string test_of(const std::string& table, const std::string& name) {
    auto test = tests_.find(table + "." + name);
    tables_of_[name][table] = test != tests_.end();
    if (test == tests_.end()) test = tests_.find(name);
    if (test != tests_.end()) return test->second;
    untested_.push_back(name);
    return "**none**";
  }

  std::map<std::string, std::string> tests_;
  std::map<std::string, std::map<std::string, bool>> tables_of_;  // by name: table, is qualified
  std::ostringstream out_;
  std::vector<std::string> untested_, unbound_;
};

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string binding_of(const cim::Class& cls, const cim::Property& property,
                       const std::vector<std::string_view>& bound) {
  const std::string value(property.qualifiers.text("RegistryValue"));
  const bool getter = contains(bound, property.name);
  if (getter && !value.empty()) return "getter, registry value " + value;
  if (getter) return "getter";
  if (registry_source(cls, property)) return "registry value " + value;
  return property.default_value.is_null() ? "**nothing**" : "constant";
}

// Rows of a class: what any of the versions declares, in the order of declaration.
void add_class(Report& report, const std::string& name, const std::string& ns,
               const BoundNames& bound) {
  const auto versions = test::class_in_all(name, ns);
  report.heading(name + " (" + ns + ")");
  const cim::Class& newest = *versions[1];
  for (const cim::Property& property : newest.properties()) {
    std::vector<bool> there;
    for (const auto& cls : versions) there.push_back(cls->find_property(property.name) != nullptr);
    report.row(name, property.name, there, binding_of(newest, property, bound.properties));
  }
  for (const cim::Method& method : newest.methods()) {
    std::vector<bool> there;
    for (const auto& cls : versions) there.push_back(cls->find_method(method.name) != nullptr);
    report.row(name, method.name, there,
               contains(bound.methods, method.name) ? "handler" : "**nothing**");
  }
}

// The name in C++ of a code of errors.def.
std::string enumerator_of(HResult code) {
  static const std::map<HResult, std::string> names = {
#define SLWMI_ERROR(enumerator, value, symbol, text) {HResult::enumerator, #enumerator},
#include "base/errors.def"
#undef SLWMI_ERROR
  };
  return names.at(code);
}

// The fields of the KMS messages, where they lie.
void add_messages(Report& report) {
  const auto add = [&](const char* title, const Result<Bytes>& message) {
    report.line("\n## " + std::string(title) + "\n\n| field | offset and bytes | test |");
    report.line("| --- | --- | --- |");
    const kms::MessageFields shown = kms::read_fields(*message).value();
    for (const kms::MessageField& field : shown.fields)
      report.table_row("RPC", std::string(field.name),
                       std::to_string(field.offset) + ", " + std::to_string(field.size));
  };
  add("RPC Request", kms::encode(kms::Request{}));
  kms::Response response;
  response.kms_pid = "55041-00168-305-000000-03-1033-6001.0000-0612008";
  add("RPC Response", kms::encode(response));
}

std::string make_report(std::vector<std::string>& gaps) {
  Report report(tests_by_element());
  report.line("# Coverage");
  report.line("");
  report.line(
      "What is declared in which OS version, what it is bound to, and the test that shows it (file "
      "and case below");
  report.line(
      "`tests/provider/`, `tests/world/` or `tests/report/`). Generated by "
      "`tests/report/coverage_test.cpp`; a test keeps it current.");
  report.line("");
  report.line(
      "Names of the guide (VA2) that differ: its KeyManagementServiceNonGenuineRequests has the "
      "word Grace here, its");
  report.line(
      "LicenseStatusReason is the product's, its 0xC004F065 is 0x4004F065; docs/fidelity.md says "
      "why.");
  add_class(report, "SoftwareLicensingProduct", "root\\cimv2", product_bindings());
  add_class(report, "SoftwareLicensingService", "root\\cimv2", service_bindings());
  report.heading("Registry values");
  for (const cim::Instance& row :
       test::schema()->instances("root\\slwmi", "SlwmiRegistryValue")->rows())
    report.row("registry", std::string(row.get("Name").as_text()), {true, true, true}, "hive");
  add_class(report, "StdRegProv", "root\\default", {{}, registry_methods()});
  report.line(
      "\n## Error codes of VA2 Appendix 2\n\nEach test drives worlds into all its codes and looks "
      "at "
      "method, reason, events and explanation.\n`slwmi explain CODE` has their causes and steps "
      "(explain_test).\n");
  report.line("| code | symbol | met in |\n| --- | --- | --- |");
  for (const HResult code : appendix2_codes()) report.code_row(code, enumerator_of(code));
  report.line(
      "\n## Events\n\nEvery event of the licensing service with its parameters in their order; "
      "12288 to 12294 are VA2's.\n");
  report.line("| event | log | what | test |\n| --- | --- | --- | --- |");
  for (const EventDeclaration& event : event_declarations()) report.event_row(event);
  report.line("\n## Flags of 12288 and 12289\n\n| flag | value and meaning | test |");
  report.line("| --- | --- | --- |");
  for (const StatusFlag& flag : status_flag_declarations())
    report.table_row("Flag", std::string(flag.name),
                     to_hex(static_cast<HResult>(flag.value)) + ": " + std::string(flag.meaning));
  add_messages(report);
  report.line("\n## Reports (VA2 Table 3) and health rules\n\n| report or rule | what | test |");
  report.line("| --- | --- | --- |");
  for (const report::Kind& kind : report::kinds())
    report.table_row("Table 3", std::string(kind.title), kind.about);
  struct RuleRow {
    report::Rule rule;
    std::string_view what;
  };
  constexpr RuleRow kRuleRows[report::kRules] = {
      {report::Rule::kInitialization, "12291 and 12292: the service or a timer did not start"},
      {report::Rule::kPublishing, "12293: no service record in a domain"},
      {report::Rule::kCount, "the count is below what clients need"},
      {report::Rule::kActivity, "no request for 8 hours"},
      {report::Rule::kAgent, "no agent watches the host: 64-bit Vista RTM"},
  };
  for (const RuleRow& row : kRuleRows)
    report.table_row("health", "rule " + std::string(report::to_text(row.rule)), row.what);
  report.line("\n## Troubleshooting (VA2 Tables 1 and 2)\n\n| row | question | test |");
  report.line("| --- | --- | --- |");
  for (const report::IssueRow& row : report::issue_rows())
    report.table_row("doctor",
                     "Table " + std::to_string(row.table) + " row " + std::to_string(row.row),
                     row.about);
  add_class(report, "Win32_NTLogEvent", "root\\cimv2", event_bindings());
  add_class(report, "Win32_NTEventlogFile", "root\\cimv2", log_file_bindings());
  add_class(report, "Win32_OperatingSystem", "root\\cimv2", {operating_system_bindings(), {}});
  add_class(report, "Win32_ComputerSystem", "root\\cimv2", {computer_system_bindings(), {}});
  gaps = report.untested();
  gaps.insert(gaps.end(), report.unbound().begin(), report.unbound().end());
  return report.text();
}

BOOST_AUTO_TEST_SUITE(coverage)

BOOST_AUTO_TEST_CASE(has_no_gap_and_its_document_is_current) {
  std::vector<std::string> gaps;
  const std::string report = make_report(gaps);
  for (const std::string& gap : gaps) BOOST_ERROR("no test or nothing bound: " + gap);
  const fs::path file = fs::path(SLWMI_SOURCE_DIR) / "docs" / "coverage.md";
  const bool current = read_file(file) == report;
  if (!current && std::getenv("SL_UPDATE_GOLDEN") != nullptr)
    std::ofstream(file.string() + ".actual", std::ios::binary) << report;
  BOOST_TEST(current,
             "docs/coverage.md is stale; SL_UPDATE_GOLDEN=1 writes docs/coverage.md.actual");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
