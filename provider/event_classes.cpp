#include "provider/event_classes.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "provider/binding.hpp"
#include "provider/event_source.hpp"
#include "schema/object_path.hpp"

namespace slwmi::licensing {
namespace {

using cim::CompareOp;
using cim::Type;
using cim::Value;

constexpr std::array kLogs = {EventLog::kApplication, EventLog::kKeyManagementService};

Value texts(const std::vector<std::string>& strings) {
  std::vector<Value> out;
  out.reserve(strings.size());
  for (const std::string& text : strings) out.push_back(Value::text(text));
  return Value::array(Type::kString, std::move(out));
}

// --- Win32_NTLogEvent

// A line; its texts are made when a getter first asks for them.
class EventRow {
 public:
  EventRow(const reg::HiveView& hive, const LogLine& line, std::uint64_t line_number,
           const EventNames& names)
      : view(hive), number(line_number), line_(&line), names_(&names) {}

  const LogLine& line() const { return *line_; }
  const EventDeclaration& event() const {
    return *find_event(static_cast<std::uint32_t>(line_->id));
  }
  const EventRecord& record() const {
    if (!record_) record_ = read_record(*line_, number, *names_);
    return *record_;
  }

  const reg::HiveView& view;
  std::uint64_t number;

 private:
  const LogLine* line_;
  const EventNames* names_;
  mutable std::optional<EventRecord> record_;
};

const Bindings<EventRow>& event_table() {
  using R = const EventRow&;
  static const Bindings<EventRow> kTable = [] {
    Bindings<EventRow> b;
    b.property("CategoryString", [](R) { return Value::null(Type::kString); });
    b.property("ComputerName", [](R r) { return Value::text(r.record().computer); });
    b.property("Data", [](R) { return Value::null(Type::kUint8, true); });
    b.property("EventCode", [](R r) {
      return Value::unsigned_integer(Type::kUint16, static_cast<std::uint16_t>(r.line().id));
    });
    b.property("EventIdentifier", [](R r) { return Value::uint32(r.record().identifier()); });
    b.property("EventType", [](R r) {
      return Value::unsigned_integer(Type::kUint8, static_cast<std::uint8_t>(r.event().level));
    });
    b.property("InsertionStrings", [](R r) { return texts(r.record().strings()); });
    b.property("Logfile", [](R r) { return Value::text(log_name(r.line().log())); });
    b.property("Message", [](R r) { return Value::text(r.record().message()); });
    b.property("RecordNumber",
               [](R r) { return Value::uint32(static_cast<std::uint32_t>(r.number)); });
    b.property("SourceName", [](R) { return Value::text(kEventSource); });
    b.property("TimeGenerated", [](R r) { return Value::datetime(r.line().local_time()); });
    b.property("TimeWritten", [](R r) { return Value::datetime(r.line().local_time()); });
    b.property("Type", [](R r) { return Value::text(level_name(r.event().level)); });
    b.property("User", [](R) { return Value::null(Type::kString); });
    return b;
  }();
  return kTable;
}

bool holds(std::uint64_t left, CompareOp op, std::uint64_t right) {
  switch (op) {
    case CompareOp::kEqual:
      return left == right;
    case CompareOp::kNotEqual:
      return left != right;
    case CompareOp::kLess:
      return left < right;
    case CompareOp::kLessEqual:
      return left <= right;
    case CompareOp::kGreater:
      return left > right;
    case CompareOp::kGreaterEqual:
      return left >= right;
    default:
      return true;
  }
}

// The pushed comparisons that a line answers before any text is made of it. What it does not
// understand it lets pass.
class LineFilter {
 public:
  explicit LineFilter(const cim::Scan& scan) {
    for (const cim::Comparison& comparison : scan.pushed) {
      const auto& property = scan.cls.properties()[static_cast<std::size_t>(comparison.slot)];
      add(property.name, comparison);
    }
  }

  bool wants(EventLog log) const {
    for (const auto& [op, name] : logs_)
      if (equal_ignore_case(name, log_name(log)) != (op == CompareOp::kEqual)) return false;
    return true;
  }
  bool wants(const LogLine& line, std::uint64_t number) const {
    for (const Test& test : tests_)
      if (!holds(value_of(test.field, line, number), test.op, test.value)) return false;
    return true;
  }

 private:
  enum class Field : std::uint8_t { kNumber, kCode, kTime };
  struct Test {
    Field field;
    CompareOp op;
    std::uint64_t value;
  };

  void add(std::string_view name, const cim::Comparison& comparison) {
    if (comparison.value.is_null()) return;
    if (equal_ignore_case(name, "Logfile")) {
      if (comparison.op == CompareOp::kEqual || comparison.op == CompareOp::kNotEqual)
        logs_.emplace_back(comparison.op, comparison.value.as_text());
    } else if (equal_ignore_case(name, "RecordNumber")) {
      tests_.push_back({Field::kNumber, comparison.op, comparison.value.as_uint64()});
    } else if (equal_ignore_case(name, "EventCode")) {
      tests_.push_back({Field::kCode, comparison.op, comparison.value.as_uint64()});
    } else if (equal_ignore_case(name, "TimeGenerated") || equal_ignore_case(name, "TimeWritten")) {
      const auto time = parse_cim_datetime(comparison.value.as_text());
      if (time && time->time)
        tests_.push_back({Field::kTime, comparison.op, microseconds(*time->time)});
    }
  }

  // What the texts of datetimes tell apart.
  static std::uint64_t microseconds(FileTime time) { return time.ticks / 10; }
  static std::uint64_t value_of(Field field, const LogLine& line, std::uint64_t number) {
    switch (field) {
      case Field::kNumber:
        return number;
      case Field::kCode:
        return static_cast<std::uint64_t>(line.id);
      default:
        return microseconds(line.local_time());
    }
  }

  std::vector<std::pair<CompareOp, std::string>> logs_;
  std::vector<Test> tests_;
};

class EventProvider final : public cim::Provider {
 public:
  explicit EventProvider(const Host& host) : host_(host) {}

  Result<> enumerate(const cim::Call&, const cim::Scan& scan, const cim::Sink& sink) override {
    if (host_.events == nullptr) return {};
    SL_TRY(const reg::HiveView view, host_.store->view());
    if (!plan_ || plan_->serial() != scan.cls.serial()) plan_.emplace(scan.cls, event_table());
    const LineFilter filter(scan);
    bool more = true;
    for (const EventLog log : kLogs) {
      if (!more || !filter.wants(log)) continue;
      std::vector<EventRow> rows;
      SL_CHECK(host_.events->read(log, [&](const LogLine& line, std::uint64_t number) {
        if (!filter.wants(line, number)) return true;
        rows.emplace_back(view, line, number, host_.events->names());
        if (rows.size() == cim::kBatchRows) more = send(scan, rows, sink);
        return more;
      }));
      if (more && !rows.empty()) more = send(scan, rows, sink);
    }
    return {};
  }

 private:
  bool send(const cim::Scan& scan, std::vector<EventRow>& rows, const cim::Sink& sink) {
    bool more = true;
    send_rows<EventRow>(*plan_, scan, rows,
                        [&](const cim::Batch& batch) { return more = sink(batch); });
    rows.clear();
    return more;
  }

  const Host& host_;
  std::optional<SlotPlan<EventRow>> plan_;
};

// --- Win32_NTEventlogFile

struct LogRow {
  const reg::HiveView& view;
  EventLog log;
  LogTotals totals;
};

constexpr std::uint32_t kSecondsOfDay = 24 * 60 * 60;

std::string log_path(EventLog log) {
  return "C:\\Windows\\System32\\winevt\\Logs\\" + std::string(log_name(log)) + ".evtx";
}

const Bindings<LogRow>& log_table() {
  using R = const LogRow&;
  static const Bindings<LogRow> kTable = [] {
    Bindings<LogRow> b;
    b.property("FileName", [](R r) { return Value::text(log_name(r.log)); });
    b.property("FileSize",
               [](R r) { return Value::unsigned_integer(Type::kUint64, r.totals.bytes); });
    b.property("LogfileName", [](R r) { return Value::text(log_name(r.log)); });
    b.property("MaxFileSize", [](R r) { return Value::uint32(r.totals.limits.max_size); });
    b.property("Name", [](R r) { return Value::text(log_path(r.log)); });
    b.property("NumberOfRecords",
               [](R r) { return Value::uint32(static_cast<std::uint32_t>(r.totals.records)); });
    b.property("OverwriteOutDated", [](R r) {
      const std::uint32_t retention = r.totals.limits.retention;
      return Value::uint32(retention == LogLimits::kNever ? retention : retention / kSecondsOfDay);
    });
    b.property("OverwritePolicy", [](R r) {
      const std::uint32_t retention = r.totals.limits.retention;
      return Value::text(retention == 0                   ? "WhenNeeded"
                         : retention == LogLimits::kNever ? "Never"
                                                          : "OutDated");
    });
    b.property("Sources", [](R) { return texts({std::string(kEventSource)}); });
    return b;
  }();
  return kTable;
}

class LogFileProvider final : public cim::Provider {
 public:
  explicit LogFileProvider(const Host& host) : host_(host) {}

  Result<> enumerate(const cim::Call&, const cim::Scan& scan, const cim::Sink& sink) override {
    SL_TRY(const reg::HiveView view, host_.store->view());
    if (!plan_ || plan_->serial() != scan.cls.serial()) plan_.emplace(scan.cls, log_table());
    std::vector<LogRow> rows;
    for (const EventLog log : kLogs) {
      LogRow row{view, log, {}};
      row.totals.limits = read_limits(view, log);
      if (host_.events != nullptr) {
        SL_TRY(row.totals, host_.events->totals(log));
      }
      rows.push_back(row);
    }
    send_rows<LogRow>(*plan_, scan, rows, sink);
    return {};
  }

  Result<cim::MethodResult> invoke(const cim::Call&, const cim::ObjectPath& path,
                                   const cim::Method&, const cim::Params& in) override {
    constexpr std::uint32_t kDone = 0, kInvalidParameter = 21;
    const Value* name = path.find_key("Name");
    if (name == nullptr) return fail(HResult::kWbemEInvalidObjectPath, "the path names no log");
    for (const EventLog log : kLogs) {
      if (!equal_ignore_case(name->as_text(), log_path(log))) continue;
      if (!in[0].is_null()) return cim::MethodResult{Value::uint32(kInvalidParameter), {}};
      if (host_.events != nullptr) SL_CHECK(host_.events->clear(log));
      return cim::MethodResult{Value::uint32(kDone), {}};
    }
    return fail(HResult::kWbemENotFound, "no log lies there");
  }

 private:
  const Host& host_;
  std::optional<SlotPlan<LogRow>> plan_;
};

}  // namespace

std::unique_ptr<cim::Provider> make_event_provider(const Host& host) {
  return std::make_unique<EventProvider>(host);
}
std::unique_ptr<cim::Provider> make_log_file_provider(const Host& host) {
  return std::make_unique<LogFileProvider>(host);
}
BoundNames event_bindings() { return {event_table().names(), {}}; }
BoundNames log_file_bindings() { return {log_table().names(), {"ClearEventlog"}}; }

}  // namespace slwmi::licensing
