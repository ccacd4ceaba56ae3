// WMI as slmgr uses it: queries of root\cimv2, methods, and the registry through StdRegProv in
// root\default. An interface, so that a machine that was recorded can stand in for one of a world.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "schema/value.hpp"
#include "world/session.hpp"

namespace slwmi::slmgr {

// What uint32 properties hold where there is no number.
inline constexpr std::uint32_t kUnset = 0xFFFFFFFF;

// One row of an answer; names in any case.
class Row {
 public:
  using Fields = std::vector<std::pair<std::string, cim::Value>>;
  Row() = default;
  explicit Row(Fields fields) : fields_(std::move(fields)) {}

  // A null value when the row has no such property.
  const cim::Value& at(std::string_view name) const;
  // False for null, the empty text, and what the row does not have.
  bool has(std::string_view name) const { return !at(name).is_null() && !text(name).empty(); }
  std::string text(std::string_view name) const { return at(name).to_display(); }
  std::uint32_t number(std::string_view name) const;  // kUnset for null
  bool flag(std::string_view name) const { return at(name).as_boolean(); }

 private:
  Fields fields_;
};

class Wmi {
 public:
  Wmi() = default;
  Wmi(const Wmi&) = delete;
  Wmi& operator=(const Wmi&) = delete;
  virtual ~Wmi() = default;

  virtual Result<std::vector<Row>> query(std::string_view wql) = 0;
  // A method of an instance in root\cimv2.
  virtual Result<> call(std::string_view path, std::string_view method,
                        const world::Parameters& in) = 0;
  // A method of StdRegProv; its ReturnValue is a Win32 code.
  virtual Result<world::CallResult> registry(std::string_view method,
                                             const world::Parameters& in) = 0;
};

// WMI of a machine of a world. `connect` opens a namespace of it: root\cimv2 at once, root\default
// when it is needed.
using Connect = std::function<Result<world::Session>(std::string_view ns)>;
Result<std::unique_ptr<Wmi>> open_wmi(Connect connect);

// --- registry values: nothing when there is none; an Error has the Win32 code, such as 5, as it is

inline constexpr std::uint32_t kLocalMachine = 0x80000002;
inline constexpr std::uint32_t kUsers = 0x80000003;
inline constexpr HResult kRegistryDenied = static_cast<HResult>(5);

struct Place {
  std::uint32_t root = kLocalMachine;
  std::string_view key;
  std::string_view value;
};

Result<std::optional<std::string>> read_text(Wmi& wmi, const Place& place);
Result<std::optional<std::uint32_t>> read_number(Wmi& wmi, const Place& place);
Result<> write_text(Wmi& wmi, const Place& place, std::string_view data);
Result<> write_number(Wmi& wmi, const Place& place, std::uint32_t data);
Result<> remove_value(Wmi& wmi, const Place& place);  // succeeds when there is none

}  // namespace slwmi::slmgr
