// `slwmi events`: the licensing events of a machine, for people, as files, and their clean-up.
#include "base/text.hpp"
#include "provider/event_xml.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/cli/values.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/event_logs.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

using licensing::EventLog;
using licensing::EventRecord;

tl::expected<EventLog, Failure> log_of(std::string_view text) {
  if (const auto log = licensing::find_log(text)) return *log;
  return usage(
      "\"" + std::string(text) +
      "\" is no log; there are Application and \"Key Management Service\", also called kms");
}

tl::expected<world::EventFilter, Failure> filter_of(Invocation& in) {
  world::EventFilter filter;
  if (in.has("log")) {
    SL_TRY(filter.log, log_of(in.value("log")));
  }
  for (const std::string& text : in.values("id")) {
    const auto id = parse_unsigned(text);
    if (!id || *id > 0xFFFF) return usage("\"" + text + "\" is no event ID");
    filter.ids.push_back(static_cast<std::uint32_t>(*id));
  }
  if (in.has("since")) {
    SL_TRY(filter.from, time_of_word(in.value("since")));
  }
  if (in.has("until")) {
    SL_TRY(filter.to, time_of_word(in.value("until")));
  }
  filter.failures = in.has("errors");
  filter.newest_first = in.has("newest");
  SL_TRY(const std::uint64_t last, in.number("last", 0));
  if (in.has("last") && last == 0) return usage("--last takes a number from 1 on");
  filter.limit = last;
  return filter;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

Record short_row(const EventRecord& record) {
  return {{"Time", format_iso8601(record.time)},
          {"Log", log_name(record.event->log)},
          {"Record", Cell::number(record.number)},
          {"Event", Cell::number(std::uint64_t{record.id()})},
          {"Type", level_name(record.event->level)},
          {"Info", joined(record.strings())}};
}

Record parameters_of(const EventRecord& record) {
  Record out;
  for (std::size_t i = 0; i < record.parameters.size(); ++i)
    out.push_back({std::string(record.event->parameters[i].label), record.parameters[i]});
  return out;
}

Record row_of(const EventRecord& record) {
  return {{"Log", log_name(record.event->log)},
          {"Record", Cell::number(record.number)},
          {"Time", format_iso8601(record.time)},
          {"Computer", record.computer},
          {"Source", licensing::kEventSource},
          {"Event", Cell::number(std::uint64_t{record.id()})},
          {"Type", level_name(record.event->level)},
          {"What", record.event->what}};
}

// One column for each part, the parameters by their labels in one object.
Record full_row(const EventRecord& record) {
  Record row = row_of(record);
  row.push_back({"Parameters", object_of(parameters_of(record))});
  if (const auto flags = record.flags(); !flags.empty()) row.push_back({"Flags", array_of(flags)});
  row.push_back({"Message", record.message()});
  return row;
}

// CSV has a column a parameter, so that columns can be summed and filtered.
Record flat_row(const EventRecord& record) {
  Record row = row_of(record);
  row.push_back({"Message", record.message()});
  for (Field& parameter : parameters_of(record)) row.push_back(std::move(parameter));
  return row;
}

Outcome run_list(Invocation& in) {
  SL_TRY(const world::EventFilter filter, filter_of(in));
  SL_TRY(const world::Machine machine, in.machine());
  const RowStyle style = table_by_default(in);
  RowPrinter rows(in.out(), style);
  SL_CHECK(machine.events(filter, [&](const EventRecord& record) {
    rows.add(style.format == Format::kTable ? short_row(record)
             : style.format == Format::kCsv ? flat_row(record)
                                            : full_row(record));
    return true;
  }));
  rows.finish();
  return kDone;
}

Outcome run_logs(Invocation& in) {
  SL_TRY(const world::Machine machine, in.machine());
  RowPrinter rows(in.out(), table_by_default(in));
  for (const EventLog log : {EventLog::kApplication, EventLog::kKeyManagementService}) {
    SL_TRY(const licensing::LogTotals totals, machine.log_totals(log));
    const std::uint32_t retention = totals.limits.retention;
    rows.add({{"Log", log_name(log)},
              {"Records", Cell::number(totals.records)},
              {"Newest", Cell::number(totals.last)},
              {"Bytes", Cell::number(totals.bytes)},
              {"MaxSize", Cell::number(std::uint64_t{totals.limits.max_size})},
              {"Retention", retention == 0 ? "overwrite as needed"
                            : retention == licensing::LogLimits::kNever
                                ? std::string("never overwrite")
                                : "overwrite after " + std::to_string(retention) + " s"},
              {"Lost", Cell::number(totals.lost)}});
  }
  rows.finish();
  return kDone;
}

// --- files

enum class FileFormat { kXml, kCsv, kJson };

tl::expected<FileFormat, Failure> format_of(Invocation& in, std::string_view path) {
  std::string format = ascii_lower(in.value("format"));
  if (format.empty()) {
    const std::string_view file = path.substr(path.rfind('/') + 1);
    const std::size_t dot = file.rfind('.');
    format = dot == std::string_view::npos ? "xml" : ascii_lower(file.substr(dot + 1));
  }
  if (format == "xml") return FileFormat::kXml;
  if (format == "csv") return FileFormat::kCsv;
  if (format == "json") return FileFormat::kJson;
  return usage("\"" + format + "\" is no format of an export; there are xml, csv and json");
}

struct Export {
  std::string text;
  std::size_t records = 0;
};

Result<Export> export_text(const world::Machine& machine, const world::EventFilter& filter,
                           FileFormat format) {
  Export out;
  if (format == FileFormat::kXml) {
    out.text = licensing::kEventsHead;
    SL_CHECK(machine.events(filter, [&](const EventRecord& record) {
      out.text += to_xml(record);
      ++out.records;
      return true;
    }));
    out.text += licensing::kEventsFoot;
    return out;
  }
  Writer text;
  RowPrinter rows(text,
                  RowStyle{.format = format == FileFormat::kCsv ? Format::kCsv : Format::kJson});
  SL_CHECK(machine.events(filter, [&](const EventRecord& record) {
    rows.add(format == FileFormat::kCsv ? flat_row(record) : full_row(record));
    return true;
  }));
  rows.finish();
  out.records = rows.count();
  out.text = text.text();
  return out;
}

tl::expected<void, Failure> refuse_to_overwrite(Invocation& in, const std::string& path) {
  if (in.has("force") || !is_there(path)) return {};
  return fail(Error{
      HResult::kErrorAlreadyExists, path + " is there already; --force overwrites it", {}, {}});
}

Outcome run_export(Invocation& in) {
  const std::string path = in.value("FILE");
  SL_TRY(const FileFormat format, format_of(in, path));
  SL_TRY(const world::EventFilter filter, filter_of(in));
  SL_TRY(const world::Machine machine, in.machine());
  SL_TRY(const Export exported, export_text(machine, filter, format));
  if (path != "-") SL_CHECK(refuse_to_overwrite(in, path));
  SL_CHECK(write_output(in, path, exported.text, count_of(exported.records, "event")));
  return kDone;
}

// What a log no longer has, for people.
void note_history(Invocation& in, EventLog log, const licensing::LogTotals& totals) {
  const std::uint64_t gone = totals.last - totals.records;
  if (gone == 0 && totals.lost == 0) return;
  in.note(std::string(log_name(log)) + ": of " + count_of(totals.last + totals.lost, "event") +
          " ever " + std::to_string(gone + totals.lost) +
          (gone + totals.lost == 1 ? " is" : " are") + " not there any more");
}

tl::expected<void, Failure> require_elevated(Invocation& in) {
  SL_TRY(const Principal caller, in.caller());
  if (caller.elevated) return {};
  return fail(
      Error{HResult::kEAccessdenied, "only an elevated administrator may clear a log", {}, {}});
}

Outcome run_backup(Invocation& in) {
  const std::string path = in.value("FILE");
  SL_TRY(const FileFormat format, format_of(in, path));
  world::EventFilter filter;
  SL_TRY(filter.log, log_of(in.value("log", "kms")));
  if (in.has("clear")) SL_CHECK(require_elevated(in));
  SL_TRY(const world::Machine machine, in.machine());
  SL_TRY(const licensing::LogTotals totals, machine.log_totals(*filter.log));
  SL_TRY(const Export exported, export_text(machine, filter, format));
  SL_CHECK(refuse_to_overwrite(in, path));
  SL_CHECK(write_file(path, exported.text));
  in.note("wrote " + count_of(exported.records, "event") + " of the log " +
          std::string(log_name(*filter.log)) + " to " + path);
  note_history(in, *filter.log, totals);
  if (!in.has("clear")) return kDone;
  if (!sync_file(path))
    return fail(
        Error{hresult_from_win32(29), path + " may not last; the log is not cleared", {}, {}});
  // Refused when something was written to the log since it was read.
  SL_CHECK(machine.clear_log(*filter.log, totals.last));
  in.note("cleared the log");
  return kDone;
}

Outcome run_clear(Invocation& in) {
  SL_CHECK(require_elevated(in));
  SL_TRY(const EventLog log, log_of(in.value("LOG")));
  SL_TRY(const world::Machine machine, in.machine());
  SL_TRY(const licensing::LogTotals totals, machine.log_totals(log));
  SL_CHECK(machine.clear_log(log));
  in.note("cleared " + count_of(totals.records, "event") + " of the log " +
          std::string(log_name(log)));
  return kDone;
}

// What chooses events, and, behind it, what says how they are exported.
constexpr Option kExport[] = {
    {"-l,--log", "LOG", "of this log only: application, or kms for Key Management Service"},
    {"-i,--id", "ID", "with this event ID only; may be given several times"},
    {"--since", "TIME", "from this time of the world's clock on"},
    {"--until", "TIME", "up to this time"},
    {"--errors", "", "only those of type Error or with an error code"},
    {"--last", "N", "only the newest N"},
    {"--newest", "", "newest first"},
    {"-f,--format", "FORMAT", "xml, csv or json (default: as FILE ends, else xml)"},
    {"--force", "", "overwrite FILE"},
};
constexpr std::span<const Option> kFilter = std::span<const Option>(kExport).first(7);
constexpr Option kBackup[] = {
    {"-l,--log", "LOG", "application or kms (the default)"},
    {"-f,--format", "FORMAT", "xml, csv or json (default: as FILE ends, else xml)"},
    {"--clear", "", "empty the log once FILE is written"},
    {"--force", "", "overwrite FILE"},
};
constexpr Argument kFile[] = {{"FILE", "the file to write; - is standard output"}};
constexpr Argument kBackupFile[] = {{"FILE", "the file to write"}};
constexpr Argument kLog[] = {{"LOG", "application, or kms for Key Management Service"}};

constexpr Command kCommands[] = {
    {"list",
     "the events of a machine",
     {},
     kFilter,
     "Both logs in the order of the world's clock. Lists, CSV and JSON have every parameter by its "
     "name.",
     "slwmi events list -m PC1\nslwmi events -m PC1 --id 12288 --errors --last 5\n"
     "slwmi events -m KMS1 --log kms --json",
     run_list},
    {"logs",
     "the logs of a machine, their sizes and limits",
     {},
     {},
     "Limits are the registry values MaxSize and Retention of "
     "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Eventlog\\LOG.",
     "slwmi events logs -m KMS1",
     run_logs},
    {"export", "write events to a file", kFile, kExport,
     "XML is in the schema in which Windows exports events.",
     "slwmi events export -m PC1 pc1.xml\nslwmi events export -m KMS1 --log kms requests.csv",
     run_export},
    {"backup", "keep a log's history before a clean-up", kBackupFile, kBackup,
     "A KMS host's activation history is in its Key Management Service log and nowhere else: a "
     "clean-up of the log loses it, and so does a log that is full. The log is emptied only after "
     "the file was written.",
     "slwmi events backup -m KMS1 2008-03.xml\nslwmi events backup -m KMS1 2008-03.xml --clear",
     run_backup},
    {"clear",
     "empty a log",
     kLog,
     {},
     "What the log held is gone; numbers of records go on.",
     "slwmi events clear -m KMS1 kms",
     run_clear},
};

}  // namespace

constexpr Group kEvents{"events", "licensing events: list, export, back up, clear", kCommands,
                        "list"};

}  // namespace slwmi::tools
