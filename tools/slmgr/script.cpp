#include "tools/slmgr/script.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "schema/class.hpp"
#include "schema/object_path.hpp"

namespace slwmi::slmgr {
namespace {

constexpr std::string_view kServiceClass = "SoftwareLicensingService";
constexpr std::string_view kProductClass = "SoftwareLicensingProduct";
constexpr std::string_view kWindows = "55c92734-d682-4d71-983e-d6ec3f16059f";

// What every query of products asks for: facts 3.3, the base list.
constexpr std::array<Column, 6> kBase{{{"ID"},
                                       {"ApplicationId"},
                                       {"PartialProductKey"},
                                       {"LicenseIsAddon"},
                                       {"Description"},
                                       {"Name"}}};

bool is_in_use(const Row& product) { return product.has("PartialProductKey"); }
bool is_primary(const Row& product) {
  return is_in_use(product) && !product.flag("LicenseIsAddon") &&
         equal_ignore_case(product.text("ApplicationId"), kWindows);
}
bool is_addon_in_use(const Row& product) {
  return is_in_use(product) && product.flag("LicenseIsAddon");
}

bool says(const Row& product, std::string_view token) {
  return product.text("Description").find(token) != std::string::npos;
}

std::string path_of(std::string_view class_name, std::string_view key, std::string_view value) {
  return cim::ObjectPath(std::string(class_name), {{std::string(key), cim::Value::text(value)}})
      .text(cim::PathText::kRelativeOnly);
}

}  // namespace

OsVersion version_of(std::string_view text) {
  const cim::Version parsed = cim::parse_version(text).value_or(cim::Version{});
  return {static_cast<std::uint16_t>(parsed.major), static_cast<std::uint16_t>(parsed.minor),
          static_cast<std::uint16_t>(parsed.build)};
}

bool is_kms_client(const Row& product) { return says(product, "VOLUME_KMSCLIENT"); }
bool is_kms_host(const Row& product) {
  return says(product, "VOLUME_KMS") && !is_kms_client(product);
}
bool is_mak(const Row& product) { return says(product, "MAK"); }
bool is_timebased(const Row& product) { return says(product, "TIMEBASED_"); }

std::string format_date(FileTime time) {
  const CivilTime civil = to_civil(time);
  std::string out = std::to_string(civil.month) + "/" + std::to_string(civil.day) + "/" +
                    std::to_string(civil.year);
  if (civil.hour == 0 && civil.minute == 0 && civil.second == 0) return out;
  const auto two_digits = [](int n) {
    return std::string(1, static_cast<char>('0' + n / 10)) + static_cast<char>('0' + n % 10);
  };
  const int hour = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
  return out + " " + std::to_string(hour) + ":" + two_digits(civil.minute) + ":" +
         two_digits(civil.second) + (civil.hour < 12 ? " AM" : " PM");
}

Result<> Script::connect() {
  SL_TRY(wmi_, around_.connect(line_.target));
  SL_TRY(const std::vector<Row> rows, select(kServiceClass, std::array<Column, 1>{{{"Version"}}}));
  if (rows.empty()) return fail(HResult::kWbemENotFound, "the machine has no licensing service");
  service_version_ = rows[0].text("Version");
  target_version_ = version_of(service_version_);
  return {};
}

Result<std::vector<Row>> Script::select(std::string_view class_name,
                                        std::span<const Column> columns,
                                        std::string_view condition) {
  std::string wql = "SELECT ";
  for (const Column& column : columns) {
    if (target_version_ < column.since) continue;
    if (wql.back() != ' ') wql += ", ";
    wql += column.name;
  }
  wql += " FROM " + std::string(class_name);
  if (!condition.empty()) wql += " WHERE " + std::string(condition);
  return wmi_->query(wql);
}

Result<Row> Script::service(std::span<const Column> columns) {
  SL_TRY(std::vector<Row> rows, select(kServiceClass, columns));
  if (rows.empty()) return fail(HResult::kWbemENotFound, "the machine has no licensing service");
  return std::move(rows[0]);
}

Result<> Script::call_service(std::string_view method, const world::Parameters& in) {
  return wmi_->call(path_of(kServiceClass, "Version", service_version_), method, in);
}

Result<bool> Script::on_kms_host() {
  SL_TRY(const Row row, service(std::array<Column, 1>{{{"IsKeyManagementServiceMachine"}}}));
  if (row.number("IsKeyManagementServiceMachine") == 1) return true;
  say(Text::kNoKmsHost);
  return false;
}

Result<std::vector<Row>> Script::products(std::span<const Column> columns) {
  std::vector<Column> all(kBase.begin(), kBase.end());
  all.insert(all.end(), columns.begin(), columns.end());
  return select(kProductClass, all);
}

Result<> Script::call_product(const Row& product, std::string_view method,
                              const world::Parameters& in) {
  return wmi_->call(path_of(kProductClass, "ID", product.text("ID")), method, in);
}

Result<Row> Script::reread(const Row& product, std::span<const Column> columns) {
  SL_TRY(std::vector<Row> all, products(columns));
  for (Row& row : all)
    if (equal_ignore_case(row.text("ID"), product.text("ID"))) return std::move(row);
  return fail(HResult::kWbemENotFound, "the product is gone");
}

Result<std::vector<Row>> Script::choose(std::string_view activation_id, Choice choice,
                                        std::span<const Column> columns) {
  SL_TRY(std::vector<Row> rows, products(columns));
  const bool all = choice == Choice::kInUseOrAll && equal_ignore_case(activation_id, "all");
  const bool by_id = !activation_id.empty() && !all;
  std::erase_if(rows, [&](const Row& row) {
    if (all) return false;
    if (by_id) return !equal_ignore_case(row.text("ID"), activation_id);
    return !is_primary(row) && (choice == Choice::kPrimary || !is_addon_in_use(row));
  });
  if (rows.empty()) say(by_id ? Text::kProductNotFound : Text::kKeyNotFound);
  return rows;
}

Result<std::string> Script::local_time_in(std::uint32_t minutes_from_now) {
  SL_TRY(const std::unique_ptr<Wmi> local, around_.connect(Target{}));
  SL_TRY(const std::vector<Row> rows,
         local->query("SELECT LocalDateTime FROM Win32_OperatingSystem"));
  if (rows.empty()) return fail(HResult::kWbemENotFound, "the machine has no operating system");
  SL_TRY(const CimDateTime now, parse_cim_datetime(rows[0].text("LocalDateTime")));
  return format_date(now.time.value_or(FileTime{}) + minutes(now.utc_offset) +
                     minutes(static_cast<std::int64_t>(minutes_from_now)));
}

}  // namespace slwmi::slmgr
