#include "provider/event_rules.hpp"

#include <string>

#include "provider/product_key.hpp"

namespace slwmi::licensing {
namespace {

std::uint64_t number(LicenseStatus status) { return static_cast<std::uint64_t>(status); }
std::uint64_t number(HResult code) { return value_of(code); }

bool is_grace(LicenseStatus status) {
  return status == LicenseStatus::kOobGrace || status == LicenseStatus::kOotGrace ||
         status == LicenseStatus::kNonGenuineGrace;
}

// Whether the step began a grace period rather than went on with one.
bool began_grace(const Step& done) {
  return is_grace(done.after.status) &&
         (done.before.status != done.after.status || done.after.remaining > done.before.remaining);
}

// Why 8209 says that the system is not genuine.
HResult reason_of(EventKind kind, const Step& done, HResult why) {
  if (failed(why)) return why;
  switch (kind) {
    case EventKind::kMarkedNonGenuine:
      return HResult::kSlEChpaProductKeyBlocked;
    case EventKind::kTampered:
      return done.after.reason;
    default:
      return HResult::kSlENotGenuine;
  }
}

}  // namespace

std::vector<LogEntry> entries_of(const Product& product, const Event& event, const Step& done,
                                 FileTime now, HResult why) {
  std::vector<LogEntry> out;
  const auto add = [&](EventId id, std::vector<EventValue> values) {
    out.push_back(make_entry(id, now, std::move(values)));
  };
  switch (event.kind) {
    case EventKind::kKmsAnswered:
    case EventKind::kKmsRequested:
    case EventKind::kTimePassed:
      return out;
    case EventKind::kKeyInstalled:
      add(EventId::kKeyInstalled,
          {product.sku_text, partial_text({event.key_group, event.key_serial})});
      break;
    case EventKind::kActivated:
      if (product.evaluation_end != FileTime{})
        add(EventId::kValidityStarted, {std::uint64_t{done.after.remaining}, product.sku_text});
      break;
    case EventKind::kHardwareChanged:
      add(EventId::kHardwareChanged, {product.sku_text});
      break;
    case EventKind::kValidated:
      if (event.granted) {
        add(EventId::kGenuineSet, {product.application, number(HResult::kSOk)});
        break;
      }
      [[fallthrough]];
    case EventKind::kMarkedNonGenuine:
    case EventKind::kTampered:
      add(EventId::kNotGenuine, {number(reason_of(event.kind, done, why)), product.application});
      break;
    case EventKind::kRefreshed:
      add(EventId::kStatusChecked,
          {product.application, product.sku_text + ", " +
                                    std::to_string(number(done.after.status)) + ", " +
                                    to_hex(done.after.reason)});
      break;
    default:
      break;
  }
  if (began_grace(done))
    add(EventId::kGraceStarted,
        {number(done.after.status), std::uint64_t{done.after.remaining}, product.sku_text});
  return out;
}

LogEntry license_installed(const Product& product, FileTime now) {
  return make_entry(EventId::kLicenseInstalled, now, {product.sku_text});
}

LogEntry activation_failed(HResult result, const Product& product, FileTime now) {
  return make_entry(EventId::kActivationFailed, now, {number(result), product.sku_text});
}

LogEntry ticket_failed(HResult result, std::string_view template_id, FileTime now) {
  return make_entry(EventId::kTicketFailed, now, {number(result), std::string(template_id)});
}

std::vector<LogEntry> service_started(std::string_view version, FileTime now) {
  return {make_entry(EventId::kServiceStarting, now, {}),
          make_entry(EventId::kServiceStarted, now, {std::string(version)})};
}

LogEntry service_stopped(FileTime now) { return make_entry(EventId::kServiceStopped, now, {}); }

}  // namespace slwmi::licensing
