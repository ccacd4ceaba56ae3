#include "provider/explain.hpp"

#include <algorithm>
#include <array>

namespace slwmi::licensing {
namespace {

struct Row {
  HResult code;
  Era era;  // kVista: for 6.0 only, before a row of kLater for every version
  bool any_version;
  std::string_view meaning;
  std::string_view activation;
  std::string_view causes;
  std::string_view steps;
};

constexpr Row kRows[] = {
#define SLWMI_EXPLAIN(code, meaning, activation, causes, steps) \
  {HResult::code, Era::kLater, true, meaning, activation, causes, steps},
#define SLWMI_EXPLAIN_VISTA(code, meaning, activation, causes, steps) \
  {HResult::code, Era::kVista, false, meaning, activation, causes, steps},
#include "provider/errors_explained.def"
#undef SLWMI_EXPLAIN
#undef SLWMI_EXPLAIN_VISTA
};

constexpr HResult kAppendix2[] = {
    HResult::kSlEChpaProductKeyOutOfRange,
    HResult::kSlEChpaProductKeyBlocked,
    HResult::kSlESrvGeneralError,
    HResult::kSlEChpaMaximumUnlockExceeded,
    HResult::kSlEChpaDmakLimitExceeded,
    HResult::kSlEChpaDmakExtensionLimitExceeded,
    HResult::kSlEGraceTimeExpired,
    HResult::kSlEOutOfTolerance,
    HResult::kSlEPkeyNotInstalled,
    HResult::kSlECidiidInvalidData,
    HResult::kSlEVlNotWindowsSlp,
    HResult::kSlEVlNotEnoughCount,
    HResult::kSlEVlBindingServiceNotEnabled,
    HResult::kSlEVlKeyManagementServiceNotActivated,
    HResult::kSlEVlKeyManagementServiceIdMismatch,
    HResult::kSlEInvalidProductKey,
    HResult::kSlEBlockedProductKey,
    HResult::kSlENongenuineGraceTimeExpired,
    HResult::kSlINongenuineGracePeriod,  // the guide prints its error spelling, 0xC004F065
    HResult::kSlEDependentPropertyNotSet,
    HResult::kSlEMismatchedProductSku,
    HResult::kEAccessdenied,
    HResult::kDnsErrorRcodeServerFailure,
    HResult::kDnsErrorRcodeNameError,
    HResult::kRpcSServerUnavailable,
    HResult::kDnsInfoNoRecords,
};

const Row* find_row(HResult code, Era era) {
  const Row* general = nullptr;
  for (const Row& row : kRows) {
    if (row.code != code) continue;
    if (!row.any_version && row.era == era) return &row;
    if (row.any_version) general = &row;
  }
  return general;
}

// Information codes differ from their error spelling in the severity bits only: 01 instead of 11.
constexpr std::uint32_t kSeverityBits = 0xC0000000u;
constexpr std::uint32_t kInformation = 0x40000000u;

HResult canonical(HResult code) {
  const std::uint32_t value = value_of(code);
  if ((value & kSeverityBits) != kSeverityBits || !symbol_of(code).empty()) return code;
  const auto information = static_cast<HResult>((value & ~kSeverityBits) | kInformation);
  return symbol_of(information).empty() ? code : information;
}

}  // namespace

Explanation explain(HResult code, OsVersion os) {
  const HResult known = canonical(code);
  Explanation out{known, symbol_of(known), text_of(known), {}, {}, {}};
  if (const Row* row = find_row(known, os.era())) {
    out.meaning = row->meaning;
    out.activation = row->activation;
    out.causes = row->causes;
    out.steps = row->steps;
  }
  return out;
}

std::vector<HResult> explained_codes() {
  std::vector<HResult> codes;
  for (const Row& row : kRows) codes.push_back(row.code);
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

std::span<const HResult> appendix2_codes() { return kAppendix2; }

}  // namespace slwmi::licensing
