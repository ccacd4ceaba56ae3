// /ato, /dti, /atp, /rearm, /xpr: activation and its time.
#include <array>
#include <optional>

#include "tools/slmgr/script.hpp"

namespace slwmi::slmgr {
namespace {

using Choice = Script::Choice;

constexpr std::array<Column, 2> kStatus{{{"LicenseStatus"}, {"LicenseStatusReason", kVistaSp1}}};
constexpr std::array<Column, 3> kOffline{
    {{"OfflineInstallationId"}, {"LicenseStatus"}, {"LicenseStatusReason", kVistaSp1}}};
constexpr std::array<Column, 1> kInstallationId{{{"OfflineInstallationId"}}};
constexpr std::array<Column, 2> kExpiration{{{"LicenseStatus"}, {"GracePeriodRemaining"}}};

constexpr std::uint32_t kLicensed = 1;

// What came of an activation: the status says it. `success` is the sentence for a licence.
Result<> say_outcome(Script& script, const Row& product, Text success, std::string_view value) {
  constexpr std::uint32_t kNonGenuineGrace = 4;
  constexpr std::uint32_t kNotification = 5;
  SL_CHECK(script.refresh_status());
  SL_TRY(const Row now, script.reread(product, kStatus));
  const std::uint32_t status = now.number("LicenseStatus");
  const bool non_genuine = now.number("LicenseStatusReason") == value_of(HResult::kSlENotGenuine);
  if (status == kLicensed) {
    script.say(success, {value});
  } else if (status == kNonGenuineGrace) {
    script.say(Text::kStillNonGenuine);
  } else if (status == kNotification && non_genuine) {
    script.say(Text::kStillNotified);
  } else {
    script.say(Text::kActivationFailed);
  }
  return {};
}

// The sentence of /xpr for each LicenseStatus; the states that end have a date in it.
struct Ending {
  Text text;
  bool dated;
};
constexpr std::array<Ending, 6> kEndings{{{Text::kEndsUnlicensed, false},
                                          {Text::kEndsNever, false},
                                          {Text::kEndsInitialGrace, true},
                                          {Text::kEndsAdditionalGrace, true},
                                          {Text::kEndsNonGenuineGrace, true},
                                          {Text::kEndsNotification, false}}};

std::optional<Ending> ending_of(const Row& product) {
  const std::uint32_t status = product.number("LicenseStatus");
  if (status >= kEndings.size()) return std::nullopt;
  if (status == kLicensed && product.number("GracePeriodRemaining") != 0)
    return Ending{is_timebased(product) ? Text::kEndsTimebased : Text::kEndsVolume, true};
  return kEndings[status];
}

}  // namespace

Result<> run_ato(Script& script) {
  SL_TRY(const std::vector<Row> products,
         script.choose(script.argument(0), Choice::kPrimary, kStatus));
  for (const Row& product : products) {
    script.say(Text::kActivating, {product.text("Name"), product.text("ID")});
    // A licensed MAK is not spent once more.
    if (!is_mak(product) || product.number("LicenseStatus") != kLicensed)
      SL_CHECK(script.call_product(product, "Activate"));
    SL_CHECK(say_outcome(script, product, Text::kActivated, {}));
  }
  return {};
}

Result<> run_dti(Script& script) {
  SL_TRY(const std::vector<Row> products,
         script.choose(script.argument(0), Choice::kInUse, kInstallationId));
  bool telephone = false;
  for (const Row& product : products) {
    if (products.size() > 1) script.say(Text::kName, {product.text("Name")});
    if (product.has("OfflineInstallationId")) {
      script.say(Text::kInstallationId, {product.text("OfflineInstallationId")});
      telephone = true;
    } else {
      script.say(Text::kNoInstallationId);
    }
  }
  if (telephone) script.say(Text::kPhoneHint);
  return {};
}

Result<> run_atp(Script& script) {
  SL_TRY(const std::vector<Row> products,
         script.choose(script.argument(1), Choice::kPrimary, kOffline));
  for (const Row& product : products) {
    SL_CHECK(script.call_product(product, "DepositOfflineConfirmationId",
                                 {{"InstallationId", product.at("OfflineInstallationId")},
                                  {"ConfirmationId", cim::Value::text(script.argument(0))}}));
    SL_CHECK(say_outcome(script, product, Text::kConfirmed, product.text("ID")));
  }
  return {};
}

Result<> run_rearm(Script& script) {
  SL_CHECK(script.call_service("ReArmWindows"));
  script.say(Text::kCompleted);
  script.say(Text::kRestartSystem);
  return {};
}

Result<> run_xpr(Script& script) {
  SL_TRY(const std::vector<Row> products,
         script.choose(script.argument(0), Choice::kInUse, kExpiration));
  for (const Row& product : products) {
    script.say(Text::kHeading, {product.text("Name")});
    const std::optional<Ending> ending = ending_of(product);
    if (!ending) {
      script.say(Text::kEndsUnknown, {product.text("LicenseStatus")});
    } else if (!ending->dated) {
      script.say(ending->text);
    } else {
      SL_TRY(const std::string date, script.local_time_in(product.number("GracePeriodRemaining")));
      script.say(ending->text, {date});
    }
  }
  return {};
}

}  // namespace slwmi::slmgr
