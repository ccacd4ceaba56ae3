// The troubleshooter: walks Tables 1 and 2 of VA2 ("Volume Activation Troubleshooting") over the
// real state of one machine - registry, network, DNS, event logs - and says what is wrong and what
// to do. doctor_facts.hpp gathers; judging is pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "report/doctor_facts.hpp"
#include "report/report.hpp"

namespace slwmi::report {

// A row of one of the tables.
enum class Issue : std::uint8_t {
  // Table 1: KMS
  kKmsActivated,
  kKmsWillNotActivate,
  kKmsErrorCode,
  kNotCounted,
  kNoDynamicDns,
  kOnlyFirstHost,
  kKmsKeyOnClient,
  // Table 2: MAK
  kMakActivated,
  kMakNoInternet,
  kMakBothFail,
  kMakErrorCode,
};
inline constexpr std::size_t kIssues = 11;
struct IssueRow {
  Issue issue = Issue::kKmsActivated;
  int table = 1, row = 1;
  std::string_view about;  // the question of the row, in our words
};
std::span<const IssueRow> issue_rows();  // in the order of VA2
std::string row_name(Issue issue);       // "Table 1, row 2"

struct Finding {
  enum class Kind : std::uint8_t { kFine, kRemark, kTrouble };
  Issue issue = Issue::kKmsActivated;
  std::string check;  // which of the row's questions: "threshold", "event 12289"
  Kind kind = Kind::kFine;
  std::string what;    // a sentence
  std::string advice;  // what to do; lines; empty when there is nothing to do
};
std::string_view to_text(Finding::Kind kind);  // "fine", "remark", "trouble"

struct Diagnosis {
  std::string machine;
  std::vector<Finding> findings;  // in the order of the tables
  bool is_well() const;           // no trouble
};

std::vector<Finding> judge(const DoctorFacts& facts);
Result<Diagnosis> diagnose(world::World& world, std::uint32_t machine);

// A row a finding; those that are fine only when asked for.
Table to_table(const Diagnosis& diagnosis, bool all = true);

}  // namespace slwmi::report
