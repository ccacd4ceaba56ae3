#include "tools/slmgr/era.hpp"

#include <algorithm>

#include "provider/explain.hpp"
#include "tools/slmgr/script.hpp"

namespace slwmi::slmgr {
namespace {

using enum Elevation;

// Sources: shared facts 3.1 and VA2's Appendix 1 for what needs an administrator.
constexpr Option kOptions[] = {
    {"ipk", kVista, kUserOperations, Text::kUsageGlobal, "KEY",
     "install a product key, in place of the present one", run_ipk},
    {"upk", kVistaSp1, kAdministrator, Text::kUsageGlobal, "[ACTIVATION-ID]",
     "uninstall the product key", run_upk},
    {"ato", kVista, kUserOperations, Text::kUsageGlobal, "[ACTIVATION-ID]", "activate now",
     run_ato},
    {"dli", kVista, kNone, Text::kUsageGlobal, "[ACTIVATION-ID|all]",
     "show licences that are in use, one, or all", run_dli},
    {"dlv", kVista, kNone, Text::kUsageGlobal, "[ACTIVATION-ID|all]", "the same with details",
     run_dlv},
    {"xpr", kVista, kNone, Text::kUsageGlobal, "[ACTIVATION-ID]",
     "show when the present state ends", run_xpr},
    {"cpky", kVista, kAdministrator, Text::kUsageAdvanced, "",
     "clear the product key from the registry", run_cpky},
    {"ilc", kVista, kUserOperations, Text::kUsageAdvanced, "FILE", "install a licence file",
     run_ilc},
    {"rilc", kVista, kUserOperations, Text::kUsageAdvanced, "",
     "install the licence files of the system again", run_rilc},
    {"rearm", kVista, kUserOperations, Text::kUsageAdvanced, "",
     "reset the activation timers; takes effect after a restart", run_rearm},
    {"dti", kVista, kNone, Text::kUsageAdvanced, "[ACTIVATION-ID]",
     "show the installation ID for activation by telephone", run_dti},
    {"atp", kVista, kUserOperations, Text::kUsageAdvanced, "CONFIRMATION-ID [ACTIVATION-ID]",
     "activate with the confirmation ID that was read out", run_atp},
    {"skms", kVista, kAdministrator, Text::kUsageClient, "NAME[:PORT]|:PORT",
     "set the KMS host, or the port alone", run_skms},
    {"ckms", kVista, kAdministrator, Text::kUsageClient, "",
     "forget the KMS host and port that were set", run_ckms},
    {"sai", kVista, kAdministrator, Text::kUsageHost, "MINUTES",
     "set how often clients ask that are not activated", run_sai},
    {"sri", kVista, kAdministrator, Text::kUsageHost, "MINUTES",
     "set how often clients ask that are activated", run_sri},
    {"sprt", kVista, kAdministrator, Text::kUsageHost, "PORT", "set the port that KMS listens on",
     run_sprt},
    {"sdns", kVista, kAdministrator, Text::kUsageHost, "", "publish the KMS host in DNS", run_sdns},
    {"cdns", kVista, kAdministrator, Text::kUsageHost, "", "do not publish it", run_cdns},
    {"spri", kVista, kAdministrator, Text::kUsageHost, "", "run KMS with normal priority",
     run_spri},
    {"cpri", kVista, kAdministrator, Text::kUsageHost, "", "run KMS with low priority", run_cpri},
};

struct TextRow {
  Text id;
  OsVersion since;
  std::string_view text;
};
constexpr TextRow kTexts[] = {
#define SLWMI_SLMGR_TEXT(enumerator, text) {Text::enumerator, kVista, text},
#include "tools/slmgr/texts.def"
#undef SLWMI_SLMGR_TEXT
};

struct Rounding {
  OsVersion since;
  bool up;  // a begun day counts whole
};
constexpr Rounding kRoundings[] = {{kVista, false}};

// The newest row that the version has and that `fits`; nullptr when there is none.
template <class Row, class Fits>
const Row* newest(std::span<const Row> rows, OsVersion version, Fits fits) {
  const Row* found = nullptr;
  for (const Row& row : rows) {
    if (version < row.since || !fits(row)) continue;
    if (found == nullptr || found->since <= row.since) found = &row;
  }
  return found;
}

// Codes with a text in the script besides those of VA2's Appendix 2, and texts that the script has
// otherwise than `explain`.
struct ErrorText {
  HResult code;
  std::string_view text;  // empty: the meaning that `explain` gives
};
constexpr ErrorText kErrorTexts[] = {
    {HResult::kErrorFileNotFound, "There is no such file."},
    {HResult::kErrorInvalidData, "The data is invalid."},
    {HResult::kEAccessdenied, "Access denied: an elevated administrator has to do that."},
    {HResult::kEInvalidarg, {}},
    {HResult::kSlRemappingSpPubTsMaxRearmReached, {}},
};

// Empty for a code that the script leaves to slui.exe.
std::string error_text(HResult code, OsVersion version) {
  const auto appendix = licensing::appendix2_codes();
  bool known = std::find(appendix.begin(), appendix.end(), code) != appendix.end();
  for (const ErrorText& row : kErrorTexts) {
    if (row.code != code) continue;
    if (!row.text.empty()) return std::string(row.text);
    known = true;
  }
  return known ? licensing::explain(code, version).meaning : std::string();
}

}  // namespace

std::size_t Option::required() const {
  std::size_t count = 0;
  bool starts = true;
  for (const char c : arguments) {
    if (starts && c != '[') ++count;
    starts = c == ' ';
  }
  return count;
}

std::size_t Option::most() const {
  return arguments.empty()
             ? 0
             : 1 + static_cast<std::size_t>(std::count(arguments.begin(), arguments.end(), ' '));
}

std::span<const Option> options() { return kOptions; }

const Option* find_option(std::string_view name, OsVersion version) {
  return newest(options(), version, [&](const Option& row) { return row.name == name; });
}

std::string text(Text id, OsVersion version, std::initializer_list<std::string_view> values) {
  const TextRow* row = newest(std::span<const TextRow>(kTexts), version,
                              [&](const TextRow& candidate) { return candidate.id == id; });
  std::string out;
  const std::string_view pattern = row == nullptr ? std::string_view() : row->text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto index = i + 1 < pattern.size() && pattern[i] == '%'
                           ? static_cast<std::size_t>(pattern[i + 1] - '1')
                           : values.size();
    if (index < values.size()) {
      out += values.begin()[index];
      ++i;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

std::string days_of(std::uint32_t minutes, OsVersion version) {
  constexpr std::uint32_t kDay = 1440;
  const Rounding* row =
      newest(std::span<const Rounding>(kRoundings), version, [](const Rounding&) { return true; });
  const bool up = row != nullptr && row->up && minutes % kDay != 0;
  return std::to_string(minutes / kDay + (up ? 1 : 0));
}

std::string hex_of(HResult code) {
  const std::string padded = to_hex(code);
  const std::size_t digits = std::min(padded.find_first_not_of('0', 2), padded.size() - 1);
  return "0x" + padded.substr(digits);
}

std::string error_line(HResult code, OsVersion version) {
  // The registry's codes come as they are: 5 is 0x80070005.
  const bool win32 = value_of(code) < 0x10000u;
  const std::string known = error_text(win32 ? hresult_from_win32(value_of(code)) : code, version);
  if (known.empty()) return text(Text::kErrorElsewhere, version, {hex_of(code)});
  return text(Text::kError, version, {hex_of(code), known});
}

}  // namespace slwmi::slmgr
