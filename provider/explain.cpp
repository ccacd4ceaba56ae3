#include "provider/explain.hpp"

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"
#include "provider/catalogue_loader.hpp"
#include "provider/embedded_schema.hpp"
#include "schema/repository.hpp"

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

// "the key has subkeys" as "The key has subkeys."
std::string sentence(std::string_view text) {
  if (text.empty()) return {};
  return ascii_upper(text.substr(0, 1)) + std::string(text.substr(1)) + ".";
}

}  // namespace

Explanation explain(HResult code, OsVersion os) {
  const HResult known = canonical(code);
  Explanation out{known, symbol_of(known), sentence(text_of(known)), {}, {}, {}};
  if (const Row* row = find_row(known, os.era())) {
    out.meaning = row->meaning;
    out.activation = row->activation;
    out.causes = row->causes;
    out.steps = row->steps;
  }
  return out;
}

std::optional<HResult> read_code(std::string_view text) {
  HResult code{};
  if (find_symbol(text, code)) return code;
  // Eight digits are hex: no code has eight decimal ones.
  constexpr std::size_t kHexDigits = 8;
  if (text.size() == kHexDigits) {
    if (const auto number = parse_unsigned("0x" + std::string(text)))
      return static_cast<HResult>(static_cast<std::uint32_t>(*number));
  }
  if (const auto number = parse_signed(text);
      number && *number >= INT32_MIN && *number <= UINT32_MAX) {
    if (*number > 0 && *number < 0x10000)
      return hresult_from_win32(static_cast<std::uint32_t>(*number));
    return static_cast<HResult>(static_cast<std::uint32_t>(*number));
  }
  const auto number = parse_unsigned(text);
  if (!number || *number > UINT32_MAX) return std::nullopt;
  return static_cast<HResult>(static_cast<std::uint32_t>(*number));
}

std::optional<OsVersion> read_os(std::string_view name) {
  if (const auto catalogue = load_catalogue(*embedded_schema())) {
    if (const OperatingSystem* os = (*catalogue)->find_system(name)) return os->os;
  }
  return std::nullopt;
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
