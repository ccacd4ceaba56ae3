#include "provider/experience.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "provider/genuine.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::uint32_t kHour = 60, kDay = 24 * kHour;
constexpr std::uint32_t kLogonDelay = 15;  // seconds
constexpr std::string_view kNotGenuine = "This copy of Windows is not genuine";

// How often reminders come when no more than so many minutes are left.
struct Pace {
  std::uint32_t left;
  std::uint32_t every;
};
constexpr Pace kActivationPaces[] = {{27 * kDay, kDay}, {3 * kDay, 4 * kHour}, {kDay, kHour}};
constexpr Pace kValidationPaces[] = {{30 * kDay, kDay}, {3 * kDay, 4 * kHour}, {kDay, kHour}};

std::string counted(std::uint32_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

// Whole days, as slmgr counts them; the last day in smaller units.
std::string time_left(std::uint32_t minutes) {
  if (minutes >= kDay) return counted(minutes / kDay, "day");
  if (minutes >= kHour) return counted(minutes / kHour, "hour");
  return counted(minutes, "minute");
}

FileTime first_multiple(FileTime start, std::uint32_t every, FileTime now) {
  if (now <= start) return start;
  const auto step = static_cast<std::uint64_t>(minutes(every).ticks);
  const std::uint64_t steps = (now.ticks - start.ticks + step - 1) / step;
  return FileTime{start.ticks + steps * step};
}

// The next reminder of a period that ends at `end`; its end itself begins another state.
Reminder reminder_before(FileTime end, std::span<const Pace> paces, FileTime now) {
  Reminder out;
  for (std::size_t i = 0; i < paces.size(); ++i) {
    const FileTime until = i + 1 < paces.size() ? end - minutes(paces[i + 1].left) : end;
    out.every = paces[i].every;
    out.next = std::min(first_multiple(end - minutes(paces[i].left), out.every, now), until);
    if (out.next < until || out.next == end) break;
  }
  return out;
}

bool is_genuine_trouble(HResult reason) {
  return reason == HResult::kSlENotGenuine || reason == HResult::kSlENongenuineGraceTimeExpired;
}

std::string status_line(const Status& status) {
  switch (status.status) {
    case LicenseStatus::kLicensed:
      return "Windows is activated";
    case LicenseStatus::kOobGrace:
    case LicenseStatus::kOotGrace:
      return time_left(status.remaining) + " left to activate Windows";
    case LicenseStatus::kNonGenuineGrace:
      return std::string(kNotGenuine) + "; " + time_left(status.remaining) +
             " left to put that right";
    case LicenseStatus::kUnlicensed:
    case LicenseStatus::kNotification:
      break;
  }
  switch (status.reason) {
    case HResult::kSlEPkeyNotInstalled:
      return "Windows has no product key";
    case HResult::kSlEOutOfTolerance:
      return "The hardware has changed, and the time to activate Windows again is over";
    case HResult::kSlEValidityTimeExpired:
      return "The evaluation period is over";
    case HResult::kSlRemappingSpPubTsTampered:
      return "The licensing data of Windows was altered";
    default:
      return is_genuine_trouble(status.reason) ? std::string(kNotGenuine)
                                               : "The time to activate Windows is over";
  }
}

std::string_view service_of(const Product& product) {
  return product.channel == Channel::kKmsClient ? "a Key Management Service host"
                                                : "the activation service";
}

std::string next_step(const Status& status, const Scene& scene) {
  const bool kms_client = scene.product.channel == Channel::kKmsClient;
  if (status.reason == HResult::kSlRemappingSpPubTsTampered)
    return "Install Windows again, then activate it.";
  if (status.reason == HResult::kSlEPkeyNotInstalled) return "Type a product key.";
  if (status.reason == HResult::kSlEValidityTimeExpired) return "Install a product that lasts.";
  if (status.status == LicenseStatus::kNonGenuineGrace || is_genuine_trouble(status.reason))
    return "Activate Windows with a good key, then validate it at " + std::string(kValidationUrl) +
           ".";
  if (status.status == LicenseStatus::kLicensed)
    return kms_client ? "Windows renews its activation by itself." : "";
  if (scene.product.channel == Channel::kOemSlp)
    return "Start the computer with the manufacturer's board in it, or type another product key.";
  if (!scene.settings.automatic_activation)
    return "Automatic activation is off. Activate Windows now.";
  return kms_client ? "Windows activates itself as soon as " +
                          std::string(service_of(scene.product)) + " grants it."
                    : "Activate Windows now.";
}

std::optional<Reminder> reminder_of(const Experience& seen, const Status& status,
                                    const Scene& scene) {
  if (!shows_notices(status, scene.settings) || seen.functionality == Functionality::kReduced)
    return std::nullopt;
  Reminder out;
  if (seen.functionality == Functionality::kNotification) {
    out.every = kHour;
    out.next = first_multiple(scene.logged_on + minutes(kHour), kHour, scene.now);
  } else {
    const auto end = next_change(scene.license, policy_of(scene.product, scene.os), scene.now);
    if (!end) return std::nullopt;
    const bool validation = status.status == LicenseStatus::kNonGenuineGrace;
    out = reminder_before(*end, validation ? std::span(kValidationPaces) : kActivationPaces,
                          scene.now);
  }
  out.text = seen.status + ". " + seen.next_step;
  return out;
}

// VA2, Figure 2 and the list below it.
LogonDialog rfm_dialog(const Experience& seen, const Scene& scene) {
  LogonDialog out;
  out.text = seen.status + ". To use Windows you must activate it.";
  out.choices = {
      {"Activate Windows online now",
       "An attempt to reach " + std::string(service_of(scene.product))},
      {"Buy a new product key online", "A browser, for one hour"},
      {"Retype your product key", "A new key, such as a MAK"},
      {"Show me other ways to activate", "Activation by telephone", !scene.internet},
  };
  return out;
}

LogonDialog notification_dialog(const Experience& seen, bool genuine_trouble) {
  LogonDialog out;
  out.text = seen.status + ". " + seen.next_step;
  out.delay = kLogonDelay;
  if (genuine_trouble) {
    out.choices = {{"Learn more online", std::string(kValidationUrl)},
                   {"Ask me later", "The desktop"}};
  } else {
    out.choices = {{"Activate now", "Activation online, by another key or by telephone"},
                   {"Activate later", "The desktop"}};
  }
  return out;
}

std::vector<std::string_view> withheld_from(const Experience& seen, const Status& status,
                                            const Scene& scene) {
  const bool non_genuine =
      status.status == LicenseStatus::kNonGenuineGrace || is_genuine_trouble(status.reason);
  std::vector<std::string_view> out;
  if (seen.functionality == Functionality::kReduced)
    out = {"the Start menu and the desktop", "the games", "BitLocker Drive Encryption"};
  if (!scene.os.os.notifies() && (non_genuine || seen.functionality == Functionality::kReduced))
    out.insert(out.end(), {"Windows Aero", "Windows ReadyBoost"});
  if (!scene.os.os.notifies() && non_genuine)
    out.emplace_back("Windows Defender, but for severe threats");
  if (non_genuine || seen.functionality != Functionality::kFull)
    out.emplace_back("optional updates");
  return out;
}

}  // namespace

std::string_view name_of(Functionality functionality) {
  switch (functionality) {
    case Functionality::kFull:
      return "full";
    case Functionality::kNotification:
      return "notification";
    case Functionality::kReduced:
      return "reduced";
  }
  return {};
}

std::string_view name_of(AnytimeUpgrade link) {
  switch (link) {
    case AnytimeUpgrade::kAbsent:
      return "absent";
    case AnytimeUpgrade::kOffered:
      return "offered";
    case AnytimeUpgrade::kRefused:
      return "refused";
  }
  return {};
}

Experience experience_at(const Scene& scene) {
  const Status status = status_at(scene.license, policy_of(scene.product, scene.os), scene.now);
  const bool expired =
      status.status == LicenseStatus::kUnlicensed || status.status == LicenseStatus::kNotification;
  const bool genuine_trouble =
      status.status == LicenseStatus::kNonGenuineGrace || is_genuine_trouble(status.reason);
  Experience out;
  if (expired)
    out.functionality =
        scene.os.os.notifies() ? Functionality::kNotification : Functionality::kReduced;
  out.status = status_line(status);
  out.next_step = next_step(status, scene);
  out.reminder = reminder_of(out, status, scene);
  out.black_background = expired;
  switch (out.functionality) {
    case Functionality::kFull:
      break;
    case Functionality::kNotification:
      out.background_reset = kHour;
      if (scene.settings.notices) out.logon = notification_dialog(out, genuine_trouble);
      break;
    case Functionality::kReduced:
      out.session = kHour;
      out.logon = rfm_dialog(out, scene);
      break;
  }
  if (genuine_trouble) {
    out.watermark = kNotGenuine;
  } else if (out.functionality == Functionality::kNotification) {
    out.watermark = "Windows is not activated";
  } else if (scene.product.evaluation_end != FileTime{}) {
    out.watermark = "Evaluation copy. Build " + std::to_string(scene.os.os.build);
  }
  out.withheld = withheld_from(out, status, scene);
  out.anytime_upgrade = anytime_upgrade(scene.product, scene.os, scene.settings);
  if (out.anytime_upgrade == AnytimeUpgrade::kRefused)
    out.anytime_upgrade_says =
        "Windows Anytime Upgrade was switched off on this computer. Ask your system administrator.";
  return out;
}

Experience experience_of(const Host& host, const MachineState& state, const reg::HiveView& view,
                         FileTime now) {
  const Settings settings = read_settings(view);
  const bool internet = host.network != nullptr && host.network->has_internet();
  return experience_at({state.base().license, *state.base().product, *host.resolved.os, settings,
                        internet, host.facts.started, now});
}

Result<> check_upgrade(const OperatingSystem& from, const OperatingSystem& to,
                       const Product& product) {
  const std::string way = from.id + " to " + to.id + ": ";
  if (to.os <= from.os) return fail(HResult::kEInvalidarg, way + "that is no later version");
  if ((to.product_type == 1) != (from.product_type == 1))
    return fail(HResult::kEInvalidarg, way + "one is a workstation, the other a server");
  const auto carries = [&](const std::string& media) {
    return std::find(product.media.begin(), product.media.end(), media) != product.media.end();
  };
  if (!carries(to.volume_media) && !carries(to.retail_media))
    return fail(HResult::kEInvalidarg, way + "its media do not carry " + product.name);
  return {};
}

namespace {

// What ends the reduced functionality of RTM: not every reason is one that a reset undoes.
std::string way_out(const License& license, HResult reason, std::uint32_t resets) {
  if (reason == HResult::kSlRemappingSpPubTsTampered) return "install Windows again";
  if (reason == HResult::kSlEPkeyNotInstalled) return "slmgr /ipk KEY";
  if (license.has(LicenseFlag::kNonGenuine)) return "a good key, slmgr /ato and a validation";
  return "slmgr /ato, or slmgr /rearm and a restart (" + std::to_string(resets) + " left)";
}

}  // namespace

std::vector<std::string> upgrade_advice(const License& license, const Product& product,
                                        const OperatingSystem& from, const OperatingSystem& to,
                                        FileTime now) {
  const Policy before = policy_of(product, from), after = policy_of(product, to);
  const Status status = status_at(license, before, now);
  const std::uint32_t used = license.rearms_used;
  std::vector<std::string> out;
  const bool reduced = status.status == LicenseStatus::kUnlicensed && !before.notification;
  if (reduced && after.notification) {
    out.push_back(
        "The system has reduced functionality (" + to_hex(status.reason) +
        "). It should be activated or brought into a grace period before the service pack is "
        "applied: " +
        way_out(license, status.reason, used < before.rearm_limit ? before.rearm_limit - used : 0) +
        ". Otherwise it will be in the notification state afterwards.");
  }
  if (before.rearm_limit != after.rearm_limit) {
    out.push_back("Resets of the activation timers: " + std::to_string(used) + " used of " +
                  std::to_string(before.rearm_limit) + " before, of " +
                  std::to_string(after.rearm_limit) + " afterwards.");
  }
  return out;
}

}  // namespace slwmi::licensing
