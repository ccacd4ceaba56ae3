#include "tools/slmgr/wmi.hpp"

#include "base/text.hpp"

namespace slwmi::slmgr {
namespace {

class SessionWmi final : public Wmi {
 public:
  SessionWmi(Connect connect, world::Session session)
      : connect_(std::move(connect)), session_(std::move(session)) {}

  Result<std::vector<Row>> query(std::string_view wql) override {
    std::vector<Row> rows;
    SL_CHECK(session_.query_rows(wql, [&](const wql::Row& row) {
      Row::Fields fields;
      for (std::size_t i = 0; i < row.size(); ++i) fields.emplace_back(row.name(i), row.value(i));
      rows.emplace_back(std::move(fields));
      return true;
    }));
    return rows;
  }

  Result<> call(std::string_view path, std::string_view method,
                const world::Parameters& in) override {
    SL_TRY(const world::CallResult result, session_.call(path, method, in));
    const std::uint32_t code = result.return_value.as_uint32();
    if (code != 0) return fail(static_cast<HResult>(code), std::string(method) + " failed");
    return {};
  }

  Result<world::CallResult> registry(std::string_view method,
                                     const world::Parameters& in) override {
    if (!registry_) {
      SL_TRY(world::Session opened, connect_("root\\default"));
      registry_ = std::move(opened);
    }
    return registry_->call("StdRegProv", method, in);
  }

 private:
  Connect connect_;
  world::Session session_;
  std::optional<world::Session> registry_;
};

// The codes of StdRegProv for what is not there: a missing value of a key, a missing key; and for a
// value of another type, which the machine takes as absent too.
constexpr std::uint32_t kMissingValue = 1;
constexpr std::uint32_t kFileNotFound = 2;
const std::uint32_t kOtherType = value_of(HResult::kWbemETypeMismatch);

bool is_absent(std::uint32_t code) {
  return code == kMissingValue || code == kFileNotFound || code == kOtherType;
}

world::Parameters parameters(const Place& place) {
  return {{"hDefKey", cim::Value::uint32(place.root)},
          {"sSubKeyName", cim::Value::text(place.key)},
          {"sValueName", cim::Value::text(place.value)}};
}

tl::unexpected<Error> win32_failure(std::uint32_t code, const Place& place) {
  return fail(static_cast<HResult>(code),
              "the registry refuses " + std::string(place.key) + "\\" + std::string(place.value));
}

Result<cim::Value> read(Wmi& wmi, std::string_view method, std::string_view out,
                        const Place& place) {
  SL_TRY(const world::CallResult result, wmi.registry(method, parameters(place)));
  const std::uint32_t code = result.return_value.as_uint32();
  if (is_absent(code)) return cim::Value();
  if (code != 0) return win32_failure(code, place);
  for (const auto& [name, value] : result.out)
    if (equal_ignore_case(name, out)) return value;
  return cim::Value();
}

Result<> write(Wmi& wmi, std::string_view method, const Place& place, std::string_view name,
               cim::Value data) {
  world::Parameters in = parameters(place);
  in.emplace_back(name, std::move(data));
  SL_TRY(const world::CallResult result, wmi.registry(method, in));
  const std::uint32_t code = result.return_value.as_uint32();
  if (code != 0) return win32_failure(code, place);
  return {};
}

}  // namespace

const cim::Value& Row::at(std::string_view name) const {
  static const cim::Value kNone{};
  for (const auto& [known, value] : fields_)
    if (equal_ignore_case(known, name)) return value;
  return kNone;
}

std::uint32_t Row::number(std::string_view name) const {
  const cim::Value& value = at(name);
  return value.is_null() ? kUnset : value.as_uint32();
}

Result<std::unique_ptr<Wmi>> open_wmi(Connect connect) {
  SL_TRY(world::Session session, connect("root\\cimv2"));
  return std::make_unique<SessionWmi>(std::move(connect), std::move(session));
}

Result<std::optional<std::string>> read_text(Wmi& wmi, const Place& place) {
  SL_TRY(const cim::Value value, read(wmi, "GetStringValue", "sValue", place));
  if (value.is_null()) return std::nullopt;
  return std::string(value.as_text());
}

Result<std::optional<std::uint32_t>> read_number(Wmi& wmi, const Place& place) {
  SL_TRY(const cim::Value value, read(wmi, "GetDWORDValue", "uValue", place));
  if (value.is_null()) return std::nullopt;
  return value.as_uint32();
}

Result<> write_text(Wmi& wmi, const Place& place, std::string_view data) {
  return write(wmi, "SetStringValue", place, "sValue", cim::Value::text(data));
}

Result<> write_number(Wmi& wmi, const Place& place, std::uint32_t data) {
  return write(wmi, "SetDWORDValue", place, "uValue", cim::Value::uint32(data));
}

Result<> remove_value(Wmi& wmi, const Place& place) {
  SL_TRY(const world::CallResult result, wmi.registry("DeleteValue", parameters(place)));
  const std::uint32_t code = result.return_value.as_uint32();
  if (code != 0 && !is_absent(code)) return win32_failure(code, place);
  return {};
}

}  // namespace slwmi::slmgr
