// What the user of a machine sees of its licence: the line in the Welcome Center and the System
// application, reminders and when they come, the dialog at logon, the desktop, Windows Anytime
// Upgrade. Pure functions of licence, settings and clock. Source: VA2 "Managing License States";
// figures that it does not give are named in docs/fidelity.md, "User experience".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provider/settings.hpp"

namespace slwmi::licensing {

// Who looks, and at what.
struct Scene {
  const License& license;
  const Product& product;
  const OperatingSystem& os;
  const Settings& settings;
  bool internet = true;  // a connection is detected
  FileTime logged_on;    // since when the user is there
  FileTime now;
};

enum class Functionality : std::uint8_t {
  kFull,
  kNotification,  // all works, and the user is told again and again; from 6.0.6001 on
  kReduced,       // reduced functionality mode (RFM) of 6.0.6000
};
std::string_view name_of(Functionality functionality);  // "full", "notification", "reduced"

// A balloon in the notification area.
struct Reminder {
  std::string text;
  FileTime next;            // at or after now
  std::uint32_t every = 0;  // minutes
};

struct Choice {
  std::string_view label;
  std::string leads_to;
  bool offered = true;
};
struct LogonDialog {
  std::string text;
  std::vector<Choice> choices;
  std::uint32_t delay = 0;  // seconds before the last choice can be made
};

struct Experience {
  Functionality functionality = Functionality::kFull;
  std::string status;     // "Windows is activated", "3 days left to activate Windows"
  std::string next_step;  // what the user can do, or what will happen by itself; empty: nothing
  std::optional<Reminder> reminder;
  std::string watermark;  // in a corner of the desktop; empty: none
  bool black_background = false;
  std::uint32_t background_reset =
      0;  // minutes until a background of the user's own is black again
  std::optional<LogonDialog> logon;
  std::uint32_t session = 0;               // minutes until the user is logged off; 0: none
  std::vector<std::string_view> withheld;  // what does not work
  AnytimeUpgrade anytime_upgrade = AnytimeUpgrade::kAbsent;
  std::string anytime_upgrade_says;  // to a user who clicks the link; empty: it goes on
};
std::string_view name_of(AnytimeUpgrade link);  // "absent", "offered", "refused"

Experience experience_at(const Scene& scene);
// On a machine whose user is there since it started.
Experience experience_of(const Host& host, const MachineState& state, const reg::HiveView& view,
                         FileTime now);

// --- From one version to the next

// Whether the machine can go from one operating system to another as a service pack does it: a
// later version of the same kind whose media carry its product. E_INVALIDARG says what is in the
// way.
Result<> check_upgrade(const OperatingSystem& from, const OperatingSystem& to,
                       const Product& product);

// What VA2 recommends before ("Recovering from RFM"), and what becomes different; nothing when
// neither. The licence record itself stays as it is.
std::vector<std::string> upgrade_advice(const License& license, const Product& product,
                                        const OperatingSystem& from, const OperatingSystem& to,
                                        FileTime now);

}  // namespace slwmi::licensing
