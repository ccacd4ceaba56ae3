// A machine that only answers: the rows of the two licensing classes and the registry values that a
// test writes down. It keeps what was called.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "tools/slmgr/slmgr.hpp"

namespace slwmi::slmgr::test {

struct Recorded {
  Row::Fields service = {{"Version", cim::Value::text("6.0.6001.18000")}};
  std::vector<Row::Fields> products;
  std::map<std::string, cim::Value, IgnoreCaseLess> registry;  // "Name" of the SL keys
  std::map<std::string, std::uint32_t> refusals;  // ReturnValue of a method of StdRegProv
  FileTime now = *from_civil({2008, 3, 1, 12, 30, 5});
  std::vector<std::string> calls;    // "Activate", "SetStringValue KeyManagementServicePort"
  std::vector<std::string> queries;  // WQL
};

class RecordedWmi final : public Wmi {
 public:
  explicit RecordedWmi(Recorded& machine) : machine_(machine) {}

  Result<std::vector<Row>> query(std::string_view wql) override {
    machine_.queries.emplace_back(wql);
    std::vector<Row> rows;
    if (wql.find("FROM SoftwareLicensingService") != std::string_view::npos) {
      rows.emplace_back(machine_.service);
    } else if (wql.find("FROM Win32_OperatingSystem") != std::string_view::npos) {
      rows.emplace_back(Row::Fields{{"LocalDateTime", cim::Value::datetime(machine_.now)}});
    } else {
      for (const Row::Fields& fields : machine_.products) rows.emplace_back(fields);
    }
    return rows;
  }

  Result<> call(std::string_view, std::string_view method, const world::Parameters&) override {
    machine_.calls.emplace_back(method);
    return {};
  }

  Result<world::CallResult> registry(std::string_view method,
                                     const world::Parameters& in) override {
    std::string name;
    for (const auto& [parameter, value] : in)
      if (parameter == "sValueName") name = value.as_text();
    const auto refusal = machine_.refusals.find(std::string(method));
    if (refusal != machine_.refusals.end())
      return world::CallResult{cim::Value::uint32(refusal->second), {}};
    if (method.substr(0, 3) != "Get") {
      machine_.calls.push_back(std::string(method) + " " + name);
      return world::CallResult{cim::Value::uint32(0), {}};
    }
    const auto found = machine_.registry.find(name);
    if (found == machine_.registry.end()) return world::CallResult{cim::Value::uint32(1), {}};
    return world::CallResult{cim::Value::uint32(0),
                             {{method == "GetStringValue" ? "sValue" : "uValue", found->second}}};
  }

 private:
  Recorded& machine_;
};

// Runs the words on the recorded machine.
inline Finished run_on(Recorded& machine, const std::vector<std::string>& words,
                       OsVersion version = kVistaSp1) {
  const auto connect = [&](const Target&) -> Result<std::unique_ptr<Wmi>> {
    return std::make_unique<RecordedWmi>(machine);
  };
  const auto read = [](const std::string&) -> Result<std::string> {
    return fail(HResult::kErrorFileNotFound, "there are no files");
  };
  const auto files = []() -> Result<std::vector<world::LicenseFile>> {
    return std::vector<world::LicenseFile>{};
  };
  return slmgr::run(words, {version, connect, read, files});
}

// The lines that say something, without the blanks before them: VA2 shows its samples so.
inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace slwmi::slmgr::test
