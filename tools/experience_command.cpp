// `slwmi experience`: what the user of a machine sees of its licence.
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/machines.hpp"
#include "world/experience.hpp"

namespace slwmi::tools {
namespace {

using licensing::Experience;

Cell number_or_null(std::uint32_t number) {
  return number == 0 ? Cell() : Cell::number(std::uint64_t{number});
}

Cell reminder_cell(const Experience& seen) {
  if (!seen.reminder) return {};
  return object_of({{"Next", format_iso8601(seen.reminder->next)},
                    {"EveryMinutes", Cell::number(std::uint64_t{seen.reminder->every})},
                    {"Text", seen.reminder->text}});
}

Cell dialog_cell(const Experience& seen) {
  if (!seen.logon) return {};
  Cell choices;
  choices.kind = Cell::Kind::kArray;
  for (const licensing::Choice& choice : seen.logon->choices)
    choices.items.push_back(object_of({{"Label", choice.label},
                                       {"LeadsTo", choice.leads_to},
                                       {"Offered", Cell::boolean(choice.offered)}}));
  return object_of({{"Text", seen.logon->text},
                    {"DelaySeconds", number_or_null(seen.logon->delay)},
                    {"Choices", std::move(choices)}});
}

Cell background_cell(const Experience& seen) {
  if (!seen.black_background) return "the user's own";
  if (seen.background_reset == 0) return "black";
  return "black again after " + std::to_string(seen.background_reset) + " minutes";
}

void print_rows(Invocation& in, const std::vector<std::pair<std::string, Experience>>& machines) {
  RowPrinter rows(in.out(), machines.size() == 1 ? list_by_default(in) : in.row_style());
  for (const auto& [name, seen] : machines) {
    rows.add({{"Name", name},
              {"Functionality", licensing::name_of(seen.functionality)},
              {"Status", seen.status},
              {"NextStep", cell_or_null(seen.next_step)},
              {"Reminder", reminder_cell(seen)},
              {"Watermark", cell_or_null(seen.watermark)},
              {"Background", background_cell(seen)},
              {"LogonDialog", dialog_cell(seen)},
              {"SessionMinutes", number_or_null(seen.session)},
              {"Withheld", array_of(seen.withheld)},
              {"AnytimeUpgrade", licensing::name_of(seen.anytime_upgrade)},
              {"AnytimeUpgradeMessage", cell_or_null(seen.anytime_upgrade_says)}});
  }
  rows.finish();
}

// "24 hours", "hour", "45 minutes"
std::string length_of(std::uint32_t minutes) {
  constexpr std::uint32_t kHour = 60;
  if (minutes == kHour) return "hour";
  return minutes % kHour == 0 ? count_of(minutes / kHour, "hour") : count_of(minutes, "minute");
}

// One line a thing, and none for what is not there.
void print_story(Writer& out, const std::string& name, const Experience& seen) {
  out << name << '\n';
  const auto line = [&](std::string_view what, const std::string& text) {
    if (text.empty()) return;
    out << "  " << what << std::string(what.size() < 18 ? 18 - what.size() : 1, ' ') << text
        << '\n';
  };
  line("Welcome Center", seen.status);
  line("", seen.next_step);
  if (seen.reminder) {
    line("Balloon", "next at " + format_iso8601(seen.reminder->next) + ", every " +
                        length_of(seen.reminder->every));
  }
  line("Watermark", seen.watermark);
  if (seen.black_background) line("Background", background_cell(seen).text);
  if (seen.logon) {
    line("Logon dialog", seen.logon->text);
    for (const licensing::Choice& choice : seen.logon->choices)
      line("", (choice.offered ? "> " : "x ") + std::string(choice.label) +
                   (choice.offered ? "" : " (not offered: a connection is detected)"));
    if (seen.logon->delay != 0)
      line("", "the last choice after " + count_of(seen.logon->delay, "second"));
  }
  if (seen.session != 0) line("Session", "ends after " + count_of(seen.session, "minute"));
  std::string withheld;
  for (const std::string_view what : seen.withheld)
    withheld += (withheld.empty() ? "" : "; ") + std::string(what);
  line("Does not work", withheld);
  if (seen.anytime_upgrade != licensing::AnytimeUpgrade::kAbsent)
    line("Anytime Upgrade", std::string(licensing::name_of(seen.anytime_upgrade)));
  line("", seen.anytime_upgrade_says);
}

Outcome run_experience(Invocation& in) {
  SL_TRY(const std::vector<world::Machine> machines, named_machines(in));
  std::vector<std::pair<std::string, Experience>> seen;
  for (const world::Machine& machine : machines) {
    SL_TRY(std::string name, machine.name());
    SL_TRY(Experience experience, world::experience(machine));
    seen.emplace_back(std::move(name), std::move(experience));
  }
  if (in.row_style().chosen) {
    print_rows(in, seen);
  } else {
    for (const auto& [name, experience] : seen) print_story(in.out(), name, experience);
  }
  return kDone;
}

constexpr Command kCommands[] = {
    {"",
     "what the user of a machine sees of its licence",
     kNamesOrOne,
     {},
     "The line in the Welcome Center, balloons and when they come, the dialog at logon, the "
     "desktop, "
     "Windows Anytime Upgrade. The user is there since the machine started. The class "
     "SlwmiUserExperience in root\\slwmi has the same for queries.",
     "slwmi experience\nslwmi experience PC1 --json\n"
     "slwmi query -n root\\\\slwmi \"SELECT Status, NextReminder FROM SlwmiUserExperience\"",
     run_experience},
};

}  // namespace

constexpr Group kExperience{"experience", "what the user of a machine sees of its licence",
                            kCommands};

}  // namespace slwmi::tools
