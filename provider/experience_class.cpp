#include "provider/experience_class.hpp"

#include <optional>
#include <string>

#include "provider/binding.hpp"
#include "provider/experience.hpp"
#include "provider/genuine.hpp"

namespace slwmi::licensing {
namespace {

using cim::Type;
using cim::Value;

struct ExperienceRow {
  const Host& host;
  const reg::HiveView& view;
  Experience seen;
  GenuineStatus genuine;
};
using R = const ExperienceRow&;

Value text_or_null(std::string_view text) {
  return text.empty() ? Value::null(Type::kString) : Value::text(text);
}

template <class Items, class Make>
Value array_of(Type type, const Items& items, Make make) {
  std::vector<Value> out;
  out.reserve(items.size());
  for (const auto& item : items) out.push_back(make(item));
  return Value::array(type, std::move(out));
}

const std::vector<Choice>& choices_of(R r) {
  static const std::vector<Choice> kNone;
  return r.seen.logon ? r.seen.logon->choices : kNone;
}

const Bindings<ExperienceRow>& bindings() {
  static const Bindings<ExperienceRow> kTable = [] {
    Bindings<ExperienceRow> b;
    b.property("ComputerName", [](R r) { return Value::text(r.host.facts.name); });
    b.property("Functionality", [](R r) { return Value::text(name_of(r.seen.functionality)); });
    b.property("Status", [](R r) { return Value::text(r.seen.status); });
    b.property("NextStep", [](R r) { return text_or_null(r.seen.next_step); });
    b.property("Reminder", [](R r) {
      return text_or_null(r.seen.reminder ? r.seen.reminder->text : std::string());
    });
    b.property("NextReminder", [](R r) {
      return r.seen.reminder ? Value::datetime(r.seen.reminder->next)
                             : Value::null(Type::kDatetime);
    });
    b.property("ReminderInterval", [](R r) {
      return r.seen.reminder ? Value::uint32(r.seen.reminder->every) : Value::null(Type::kUint32);
    });
    b.property("Watermark", [](R r) { return text_or_null(r.seen.watermark); });
    b.property("BlackBackground", [](R r) { return Value::boolean(r.seen.black_background); });
    b.property("BackgroundReset", [](R r) { return Value::uint32(r.seen.background_reset); });
    b.property("LogonDialog",
               [](R r) { return text_or_null(r.seen.logon ? r.seen.logon->text : std::string()); });
    b.property("LogonChoices", [](R r) {
      return array_of(Type::kString, choices_of(r),
                      [](const Choice& choice) { return Value::text(choice.label); });
    });
    b.property("LogonChoicesOffered", [](R r) {
      return array_of(Type::kBoolean, choices_of(r),
                      [](const Choice& choice) { return Value::boolean(choice.offered); });
    });
    b.property("LogonDelay",
               [](R r) { return Value::uint32(r.seen.logon ? r.seen.logon->delay : 0); });
    b.property("SessionLimit", [](R r) { return Value::uint32(r.seen.session); });
    b.property("Withheld", [](R r) {
      return array_of(Type::kString, r.seen.withheld,
                      [](std::string_view what) { return Value::text(what); });
    });
    b.property("AnytimeUpgrade", [](R r) { return Value::text(name_of(r.seen.anytime_upgrade)); });
    b.property("AnytimeUpgradeMessage",
               [](R r) { return text_or_null(r.seen.anytime_upgrade_says); });
    b.property("GenuineState", [](R r) { return Value::text(name_of(r.genuine.state)); });
    b.property("GenuineReason", [](R r) { return Value::uint32(value_of(r.genuine.reason)); });
    return b;
  }();
  return kTable;
}

class ExperienceProvider final : public cim::Provider {
 public:
  explicit ExperienceProvider(const Host& host) : host_(host) {}

  Result<> enumerate(const cim::Call& call, const cim::Scan& scan, const cim::Sink& sink) override {
    SL_TRY(const reg::HiveView view, host_.store->view());
    const MachineState state = MachineState::read(host_, view);
    const FileTime now = call.clock.now();
    const ExperienceRow row{host_, view, experience_of(host_, state, view, now),
                            genuine_status(host_, state, view, now)};
    if (!plan_ || plan_->serial() != scan.cls.serial()) plan_.emplace(scan.cls, bindings());
    send_rows<ExperienceRow>(*plan_, scan, {&row, 1}, sink);
    return {};
  }

 private:
  const Host& host_;
  std::optional<SlotPlan<ExperienceRow>> plan_;
};

}  // namespace

std::unique_ptr<cim::Provider> make_experience_provider(const Host& host) {
  return std::make_unique<ExperienceProvider>(host);
}
std::vector<std::string_view> experience_bindings() { return bindings().names(); }

}  // namespace slwmi::licensing
