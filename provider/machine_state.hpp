// The licensing state of one machine, read from its hive: which products it carries, the record of
// each, the KMS host's table. Nothing is kept between calls, so what a policy or a registry edit
// changed is seen by the next query.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provider/host.hpp"
#include "provider/kms/host.hpp"
#include "provider/license.hpp"
#include "registry/hive_view.hpp"
#include "registry/path.hpp"

namespace slwmi::licensing {

// Registry places. The first three are VA2's; the store is our own.
namespace paths {
inline constinit const reg::KnownPath kSl{
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL"};
inline constinit const reg::KnownPath kActivation{
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL\\Activation"};
inline constinit const reg::KnownPath kServiceSl{
    "HKEY_USERS\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL"};
inline constinit const reg::KnownPath kCurrentVersion{
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"};
inline constinit const reg::KnownPath kStore{
    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\slsvc\\Store"};
inline constinit const reg::KnownPath kLicenses{
    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\slsvc\\Store\\Licenses"};
}  // namespace paths

inline constexpr std::string_view kKmsHostValue = "KmsHost";  // the table of a KMS host, in kStore
inline constexpr std::uint32_t kUnset =
    0xFFFFFFFF;  // what the classes show where there is no number
inline constexpr std::uint32_t kMinInterval = 15;
inline constexpr std::uint32_t kMaxInterval = 43200;
inline constexpr std::uint32_t kDefaultActivationInterval = 120;
inline constexpr std::uint32_t kDefaultRenewalInterval = 10080;

// One product that the machine carries.
struct Carried {
  const Product* product = nullptr;
  License license;
  bool stored = false;   // the hive has a record; else the state is that of the profile
  bool damaged = false;  // ... that somebody altered: its digest does not fit
};

// The state as of one view of the hive. Every base product of an application shares one state,
// which belongs to the product whose key is installed; the others are without a key. Add-ons have
// their own.
class MachineState {
 public:
  static MachineState read(const Host& host, const reg::HiveView& view);

  const std::vector<Carried>& products() const { return products_; }
  const Carried& base() const { return products_[base_]; }
  const Carried* find(std::string_view sku_text) const;  // nullptr: not carried

  bool is_kms_host() const;    // a KMS key is installed
  bool is_kms_client() const;  // a KMS client key is installed
  // The products that come from licence documents of the machine.
  std::span<const std::shared_ptr<const Product>> documented() const { return installed_; }

 private:
  std::vector<Carried> products_;
  std::size_t base_ = 0;
  std::vector<std::shared_ptr<const Product>> installed_;  // from licence documents
};

// --- Values of the documented paths

std::optional<reg::ValueView> find_value(const reg::HiveView& view, const reg::KnownPath& path,
                                         std::string_view name);
// The number when the value is REG_DWORD; nothing when it is absent or of another type.
std::optional<std::uint32_t> read_number(const reg::HiveView& view, const reg::KnownPath& path,
                                         std::string_view name);
// The text when the value is REG_SZ; nothing otherwise.
std::optional<std::string> read_text(const reg::HiveView& view, const reg::KnownPath& path,
                                     std::string_view name);

// What timers use: the licence record, else the registry when it is within 15 to 43200, else the
// default.
std::uint32_t timer_interval(std::uint32_t from_record, const reg::HiveView& view,
                             std::string_view name, std::uint32_t fallback);

// A port in a REG_SZ value, as VA2 documents them; nothing when absent or no port.
std::optional<std::uint16_t> find_port(const reg::HiveView& view, const reg::KnownPath& path,
                                       std::string_view name);
// The same, and 1688 instead of nothing.
std::uint16_t read_port(const reg::HiveView& view, const reg::KnownPath& path,
                        std::string_view name);

// The KMS host's table; that of a new host when the value is absent or damaged.
kms::HostState read_kms_host(const reg::HiveView& view);

}  // namespace slwmi::licensing
