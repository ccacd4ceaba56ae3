// Whether a computer that came with Windows may be moved to a volume edition, and which ways to
// activate it has then: the rules of VA2, "Activation of Windows OEM Computers", as one pure
// function that gives its reasons. A decision about contracts: nothing here changes a machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "provider/catalogue.hpp"
#include "provider/firmware.hpp"

namespace slwmi::licensing {

// Software Assurance counts when it is bought within so many days of the OEM product, the last one
// included.
inline constexpr int kAssuranceDays = 90;

struct RightsFacts {
  // What the computer came with and what is wanted; of one operating system.
  const OperatingSystem* os = nullptr;  // never null
  const Product* bought = nullptr;      // what its licence is for; never null
  std::string edition;                  // the volume edition that is wanted
  Firmware firmware = Firmware::kNone;
  bool upgraded = true;  // Windows was there before a volume edition
  // What was bought when; a time in the future is a plan.
  std::optional<FileTime> purchase;      // of the OEM product
  std::optional<FileTime> assurance;     // of Software Assurance for it
  std::optional<std::string> agreement;  // the edition of a volume licence agreement
  FileTime now;
};

enum class Right : std::uint8_t {
  kNotNeeded,          // the licence is no OEM licence: the agreement it came with decides
  kSoftwareAssurance,  // bought in time
  kReimaging,          // the agreement is for the same product
  kNone,
};
std::string_view to_text(Right right);  // "software-assurance"

// A rule that was looked at, whether it speaks for the move, and where the guide has it.
struct RightsReason {
  bool holds = false;
  std::string text;          // one sentence
  std::string_view section;  // of VA2
};

// A way to activate the volume edition, or the OEM product that is there.
struct Route {
  std::string_view name;         // "KMS", "MAK", "retail", "OEM_SLP"
  HResult code = HResult::kSOk;  // what stands in its way
  std::string text;
};

struct RightsDecision {
  Right right = Right::kNone;
  bool allowed = false;
  HResult setup = HResult::kSOk;  // what setup of the volume edition reports
  std::vector<RightsReason> reasons;
  std::vector<Route> routes;
  std::vector<std::string> steps;  // what may be done about what stands in the way
};

// E_INVALIDARG when a date lies before the one that it follows from. ERROR_NOT_FOUND when the
// operating system has no volume edition of that name.
Result<RightsDecision> decide_rights(const RightsFacts& facts, const Catalogue& catalogue);

}  // namespace slwmi::licensing
