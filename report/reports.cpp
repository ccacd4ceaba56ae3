#include "report/reports.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "base/text.hpp"

namespace slwmi::report {
namespace {

using licensing::LicenseStatus;

constexpr std::size_t kDetailDays = 7;
constexpr std::size_t kChartDays = 30;
constexpr std::size_t kMaxColumns = 60;  // of a chart over time

std::string range_name(std::uint32_t range) {
  if (range == 0) return "Ever";
  return range == 1 ? "1 day" : std::to_string(range) + " days";
}

constexpr Tone kSeriesTones[] = {Tone::kSeries1, Tone::kSeries2, Tone::kSeries3,
                                 Tone::kSeries4, Tone::kSeries5, Tone::kSeries6};

// Editions by name: several products may have one name (a beta, another channel).
template <class T>
using ByEdition = std::map<std::string, T, IgnoreCaseLess>;

std::string date_of(FileTime time) { return format_iso8601(time).substr(0, 10); }

// --- Activation Count Summary

// Columns of equal length that end today.
Chart activations_over_time(const Warehouse& warehouse) {
  Chart chart;
  chart.title = "Activations and renewals over time";
  chart.value_label = "activations";
  ByEdition<std::vector<std::uint64_t>> editions;
  std::size_t count = 0;
  if (warehouse.first_day().ticks != 0) {
    const TickSpan history = warehouse.now() - warehouse.first_day();
    count = static_cast<std::size_t>(std::max<std::int64_t>(history.ticks, 0) / days(1).ticks) + 1;
  }
  std::size_t step = 1;
  while ((count + step - 1) / step > kMaxColumns) step = step == 1 ? 7 : step + 7;
  const std::size_t columns = (count + step - 1) / step;
  chart.category_label = step == 1   ? "day"
                         : step == 7 ? "week that begins"
                                     : std::to_string(step / 7) + " weeks that begin";
  for (std::size_t i = 0; i < columns; ++i)
    chart.categories.push_back(
        date_of(warehouse.first_day() + days(static_cast<std::int64_t>(i * step))));
  for (const auto& [group, product] : warehouse.products()) {
    std::vector<std::uint64_t>& sums = editions[warehouse.edition(group)];
    sums.resize(columns);
    // What is dated after now (a clock that was set back) has no column.
    for (std::size_t day = 0; day < std::min(product.by_day.size(), count); ++day)
      sums[day / step] += product.by_day[day];
  }
  std::size_t tone = 0;
  for (auto& [name, sums] : editions) {
    chart.series.push_back({name, kSeriesTones[tone % std::size(kSeriesTones)], std::move(sums)});
    ++tone;
  }
  return chart;
}

Report activation_count(const Warehouse& warehouse) {
  ByEdition<std::array<std::uint64_t, kRanges.size()>> editions;
  std::array<std::uint64_t, kRanges.size()> total{};
  Outcomes all;
  for (const auto& [group, product] : warehouse.products()) {
    auto& sums = editions.try_emplace(warehouse.edition(group)).first->second;
    for (std::size_t i = 0; i < kRanges.size(); ++i) {
      sums[i] += product.ranges[i].granted();
      total[i] += product.ranges[i].granted();
    }
    all.add(product.ranges.back());
  }
  Report out;
  out.table.columns = {"Edition"};
  for (const std::uint32_t range : kRanges) out.table.columns.push_back(range_name(range));
  const auto add = [&](const std::string& name, const auto& sums) {
    std::vector<Value> row = {name};
    for (const std::uint64_t sum : sums) row.push_back(number(sum));
    out.table.rows.push_back(std::move(row));
  };
  for (const auto& [name, sums] : editions) add(name, sums);
  if (editions.size() > 1) add("All editions", total);
  out.figures = {{"activations ever", all.granted(), Tone::kGood},
                 {"of these first ones", all[Outcome::kNew], Tone::kPlain},
                 {"past 30 days", total[2], Tone::kPlain},
                 {"past 7 days", total[1], Tone::kPlain}};
  out.charts.push_back(activations_over_time(warehouse));
  return out;
}

// --- Virtual Machine Summary

Report virtual_machines(const Warehouse& warehouse) {
  constexpr std::int64_t kDays = 14;
  struct Counts {
    std::uint64_t physical = 0, virtual_machines = 0;
  };
  ByEdition<Counts> editions;
  Counts total;
  for (const Client& client : warehouse.clients()) {
    const TickSpan age = warehouse.now() - client.activated;
    if (client.activated.ticks == 0 || age >= days(kDays) || age < TickSpan{}) continue;
    Counts& counts = editions[warehouse.edition(client.product)];
    ++(client.virtual_machine ? counts.virtual_machines : counts.physical);
    ++(client.virtual_machine ? total.virtual_machines : total.physical);
  }
  Report out;
  out.table.columns = {"Edition", "Physical", "Virtual", "Computers"};
  Chart chart;
  chart.kind = Chart::Kind::kBars;
  chart.title = "KMS clients that were activated in the past 14 days";
  chart.category_label = "edition";
  chart.value_label = "computers";
  chart.series = {{"Physical", Tone::kSeries1, {}}, {"Virtual", Tone::kSeries2, {}}};
  const auto add = [&](const std::string& name, const Counts& counts) {
    out.table.rows.push_back({name, number(counts.physical), number(counts.virtual_machines),
                              number(counts.physical + counts.virtual_machines)});
  };
  for (const auto& [name, counts] : editions) {
    add(name, counts);
    chart.categories.push_back(name);
    chart.series[0].values.push_back(counts.physical);
    chart.series[1].values.push_back(counts.virtual_machines);
  }
  if (editions.size() > 1) add("All editions", total);
  out.figures = {{"physical computers", total.physical, Tone::kSeries1},
                 {"virtual machines", total.virtual_machines, Tone::kSeries2}};
  out.charts.push_back(std::move(chart));
  return out;
}

// --- KMS Activity Summary

struct OutcomeName {
  Outcome outcome;
  std::string_view name;
  Tone tone;
};
constexpr OutcomeName kOutcomeNames[] = {
    {Outcome::kNew, "New activations", Tone::kGood},
    {Outcome::kRenewal, "Renewals", Tone::kInitial},
    {Outcome::kTooFew, "Count too low", Tone::kExpired},
    {Outcome::kUnanswered, "Without answer", Tone::kSuspect},
    {Outcome::kRefused, "Refused", Tone::kBad},
};

Report activity(const Warehouse& warehouse) {
  Report out;
  out.table.columns = {"Edition", "KMS host"};
  for (const OutcomeName& each : kOutcomeNames) out.table.columns.emplace_back(each.name);
  out.table.columns.emplace_back("Computers");
  Outcomes total;
  std::vector<std::vector<Value>>& rows = out.table.rows;
  for (const auto& [key, day] : warehouse.past_day()) {
    std::vector<Value> row = {warehouse.edition(key.first), warehouse.computer(key.second)};
    for (const OutcomeName& each : kOutcomeNames) row.push_back(number(day.requests[each.outcome]));
    row.push_back(number(day.clients.size()));
    rows.push_back(std::move(row));
    total.add(day.requests);
  }
  std::sort(rows.begin(), rows.end());
  Chart chart;
  chart.title = "Requests of the past day";
  chart.category_label = "hour that begins (UTC)";
  chart.value_label = "requests";
  for (std::int64_t hour = 24; hour >= 1; --hour)
    chart.categories.push_back(format_iso8601(warehouse.now() - hours(hour)).substr(11, 5));
  for (const OutcomeName& each : kOutcomeNames) {
    Series series{std::string(each.name), each.tone, {}};
    for (const Outcomes& hour : warehouse.by_hour()) series.values.push_back(hour[each.outcome]);
    chart.series.push_back(std::move(series));
  }
  for (const OutcomeName& each : kOutcomeNames)
    out.figures.push_back({ascii_lower(each.name), total[each.outcome], each.tone});
  out.charts.push_back(std::move(chart));
  return out;
}

// --- states of clients

struct Standing {
  const Client* client = nullptr;
  ClientState state;
  std::int64_t left = -1;  // days; -1: it does not end
};

std::vector<Standing> standings(const Warehouse& warehouse) {
  std::vector<Standing> out;
  out.reserve(warehouse.clients().size());
  for (const Client& client : warehouse.clients()) {
    Standing standing{&client, state_at(client, warehouse.now()), -1};
    if (standing.state.until.ticks != 0)
      standing.left = begun_days(standing.state.until - warehouse.now());
    out.push_back(standing);
  }
  return out;
}

struct ByUrgency {
  std::string name;
  Standing standing;
};

// What ends soonest first; what has ended before that.
std::vector<ByUrgency> by_urgency(const Warehouse& warehouse,
                                  const std::vector<Standing>& standings) {
  std::vector<ByUrgency> out;
  out.reserve(standings.size());
  for (const Standing& each : standings)
    out.push_back({warehouse.computer(each.client->machine), each});
  std::stable_sort(out.begin(), out.end(), [](const ByUrgency& a, const ByUrgency& b) {
    if (a.standing.state.until != b.standing.state.until)
      return a.standing.state.until < b.standing.state.until;
    return compare_ignore_case(a.name, b.name) < 0;
  });
  return out;
}

constexpr LicenseStatus kAllStates[] = {
    LicenseStatus::kLicensed,        LicenseStatus::kOobGrace,     LicenseStatus::kOotGrace,
    LicenseStatus::kNonGenuineGrace, LicenseStatus::kNotification, LicenseStatus::kUnlicensed};
constexpr LicenseStatus kGraces[] = {LicenseStatus::kOobGrace, LicenseStatus::kOotGrace,
                                     LicenseStatus::kNonGenuineGrace};

bool is_grace(LicenseStatus status) {
  return std::find(std::begin(kGraces), std::end(kGraces), status) != std::end(kGraces);
}

std::vector<Value> row_of(const Warehouse& warehouse, const ByUrgency& each) {
  const Standing& standing = each.standing;
  const bool ends = standing.state.until.ticks != 0;
  return {each.name,
          warehouse.edition(standing.client->product),
          std::string(state_name(standing.state.status)),
          ends ? Value(standing.left) : Value(),
          ends ? Value(standing.state.until) : Value(),
          standing.client->seen,
          warehouse.computer(standing.client->host)};
}
const std::vector<std::string> kComputerColumns = {
    "Computer", "Edition", "License state", "Days left", "Until", "Last contact", "KMS host"};

// --- Licensing Status Summary

Report licensing_status(const Warehouse& warehouse) {
  constexpr std::int64_t kWidth = 15, kColumns = 12;  // days a column, up to 180
  const std::vector<Standing> all = standings(warehouse);
  std::map<LicenseStatus, std::uint64_t> count;
  Chart chart;
  chart.title = "Days until a renewal is needed, or the grace period ends";
  chart.category_label = "days left";
  chart.value_label = "computers";
  for (std::int64_t i = 0; i < kColumns; ++i)
    chart.categories.push_back(std::to_string(i * kWidth + 1) + "–" +
                               std::to_string((i + 1) * kWidth));
  for (const LicenseStatus status : kAllStates)
    chart.series.push_back({std::string(state_name(status)), tone_of(status),
                            std::vector<std::uint64_t>(chart.categories.size())});
  for (const Standing& each : all) {
    ++count[each.state.status];
    if (each.left < 1) continue;
    const auto column = static_cast<std::size_t>(std::min((each.left - 1) / kWidth, kColumns - 1));
    for (std::size_t i = 0; i < std::size(kAllStates); ++i)
      if (kAllStates[i] == each.state.status) ++chart.series[i].values[column];
  }
  std::erase_if(chart.series, [](const Series& series) {
    return std::all_of(series.values.begin(), series.values.end(),
                       [](std::uint64_t n) { return n == 0; });
  });
  Report out;
  for (const LicenseStatus status : kAllStates) {
    const std::uint64_t n = count[status];
    if (n != 0 || status == LicenseStatus::kLicensed)
      out.figures.push_back({std::string(state_name(status)), n, tone_of(status)});
  }
  out.charts.push_back(std::move(chart));
  out.table.columns = kComputerColumns;
  for (const ByUrgency& each : by_urgency(warehouse, all))
    out.table.rows.push_back(row_of(warehouse, each));
  return out;
}

// --- Machine Expiration Chart and Detail

Report expiration_chart(const Warehouse& warehouse) {
  struct Counts {
    std::uint64_t all = 0, week = 0, month = 0;
  };
  std::map<LicenseStatus, Counts> counts;
  Chart chart;
  chart.title = "Computers by the day on which their grace period ends";
  chart.category_label = "days from now";
  chart.value_label = "computers";
  for (std::size_t day = 1; day <= kChartDays; ++day)
    chart.categories.push_back(std::to_string(day));
  for (const LicenseStatus status : kGraces)
    chart.series.push_back(
        {std::string(state_name(status)), tone_of(status), std::vector<std::uint64_t>(kChartDays)});
  for (const Standing& each : standings(warehouse)) {
    if (!is_grace(each.state.status)) continue;
    Counts& count = counts[each.state.status];
    ++count.all;
    if (each.left < 1) continue;
    const auto left = static_cast<std::size_t>(each.left);
    if (left <= kDetailDays) ++count.week;
    if (left > kChartDays) continue;
    ++count.month;
    for (std::size_t i = 0; i < std::size(kGraces); ++i)
      if (kGraces[i] == each.state.status) ++chart.series[i].values[left - 1];
  }
  Report out;
  out.table.columns = {"License state", "Computers", "Unlicensed within 7 days",
                       "Unlicensed within 30 days"};
  Counts total;
  for (const LicenseStatus status : kGraces) {
    const Counts& count = counts[status];
    out.table.rows.push_back({std::string(state_name(status)), number(count.all),
                              number(count.week), number(count.month)});
    out.figures.push_back({std::string(state_name(status)), count.all, tone_of(status)});
    total.week += count.week;
    total.month += count.month;
  }
  out.figures.push_back({"unlicensed within 7 days", total.week, Tone::kBad});
  out.figures.push_back({"unlicensed within 30 days", total.month, Tone::kPlain});
  out.charts.push_back(std::move(chart));
  return out;
}

Report expiration_detail(const Warehouse& warehouse) {
  std::vector<Standing> soon = standings(warehouse);
  std::erase_if(soon, [](const Standing& each) {
    return !is_grace(each.state.status) || each.left < 1 ||
           each.left > static_cast<std::int64_t>(kDetailDays);
  });
  Report out;
  out.figures = {{"computers within 7 days", soon.size(), Tone::kBad}};
  out.table.columns = kComputerColumns;
  for (const ByUrgency& each : by_urgency(warehouse, soon))
    out.table.rows.push_back(row_of(warehouse, each));
  return out;
}

constexpr Kind kKinds[] = {
    {"activation-count-summary", "Activation Count Summary",
     "How many KMS activations each Windows edition had, first ones and renewals, in several "
     "ranges of time up to now.",
     activation_count},
    {"virtual-machine-summary", "Virtual Machine Summary",
     "How many virtual and how many physical KMS clients of each Windows edition were activated in "
     "the past 14 days.",
     virtual_machines},
    {"kms-activity-summary", "KMS Activity Summary",
     "New KMS activations of each Windows edition in the past day, with all else that clients "
     "asked of each KMS host.",
     activity},
    {"licensing-status-summary", "Licensing Status Summary",
     "The license state of each KMS client that ever reached a KMS host, and the days that are "
     "left until it must renew.",
     licensing_status},
    {"machine-expiration-chart", "Machine Expiration Chart",
     "Computers in a grace period, and on which of the next 30 days they could become unlicensed.",
     expiration_chart},
    {"machine-expiration-detail", "Machine Expiration Detail",
     "The computers in a grace period that could lose their function, or start to notify, within "
     "7 days.",
     expiration_detail},
};

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

Result<const Kind*> find_kind(std::string_view name) {
  std::string names;
  for (const Kind& kind : kKinds) {
    if (equal_ignore_case(kind.name, name) || equal_ignore_case(kind.title, name)) return &kind;
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  return fail(HResult::kErrorNotFound,
              "there is no report " + std::string(name) + "; there are " + names);
}

Report make_report(const Kind& kind, const Warehouse& warehouse) {
  Report out = kind.make(warehouse);
  out.name = kind.name;
  out.title = kind.title;
  out.about = kind.about;
  out.at = warehouse.now();
  for (const KmsHost& host : warehouse.hosts()) {
    if (host.membership != Membership::kNotFound) continue;
    out.notes.push_back(host.full_name +
                        " runs 64-bit Windows Vista RTM and is in no custom group, so what it "
                        "logged is missing here; `slwmi health group add " +
                        host.name + "` takes it in.");
  }
  if (warehouse.missing() != 0)
    out.notes.push_back(std::to_string(warehouse.missing()) +
                        (warehouse.missing() == 1 ? " request is" : " requests are") +
                        " missing for that reason.");
  return out;
}

std::int64_t begun_days(TickSpan left) {
  return left.ticks <= 0 ? 0 : (left.ticks + days(1).ticks - 1) / days(1).ticks;
}

std::string_view state_name(LicenseStatus status) {
  switch (status) {
    case LicenseStatus::kUnlicensed:
      return "Unlicensed";
    case LicenseStatus::kLicensed:
      return "Licensed";
    case LicenseStatus::kOobGrace:
      return "Initial grace (OOB)";
    case LicenseStatus::kOotGrace:
      return "Additional grace (OOT)";
    case LicenseStatus::kNonGenuineGrace:
      return "Non-genuine grace";
    case LicenseStatus::kNotification:
      return "Notification";
  }
  return "Unknown";
}

Tone tone_of(LicenseStatus status) {
  switch (status) {
    case LicenseStatus::kLicensed:
      return Tone::kGood;
    case LicenseStatus::kOobGrace:
      return Tone::kInitial;
    case LicenseStatus::kOotGrace:
      return Tone::kExpired;
    case LicenseStatus::kNonGenuineGrace:
      return Tone::kSuspect;
    default:
      return Tone::kBad;
  }
}

}  // namespace slwmi::report
