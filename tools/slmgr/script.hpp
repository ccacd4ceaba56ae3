// One run of slmgr as its options see it: their arguments, WMI of the machine, and the text that is
// printed at the end.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/function_ref.hpp"
#include "tools/slmgr/era.hpp"
#include "tools/slmgr/grammar.hpp"
#include "tools/slmgr/wmi.hpp"
#include "world/license_files.hpp"

namespace slwmi::slmgr {

using ReadFile = FunctionRef<Result<std::string>(const std::string& path)>;

// What the script finds around itself on the machine that it runs on.
struct Surroundings {
  OsVersion version;  // of that machine, and so of the script
  FunctionRef<Result<std::unique_ptr<Wmi>>(const Target&)> connect;
  ReadFile read_file;
  FunctionRef<Result<std::vector<world::LicenseFile>>()> license_files;
};

// A property of one of the licensing classes, and the first version that has it.
struct Column {
  std::string_view name;
  OsVersion since = kVista;
};

class Script {
 public:
  // Both must outlive the script.
  Script(const CommandLine& line, const Surroundings& around) : line_(line), around_(around) {}

  // The connection, and the query for the version that every run begins with.
  Result<> connect();

  OsVersion version() const { return around_.version; }
  // The argument at `index`; empty when it was not given.
  std::string_view argument(std::size_t index) const {
    return index < line_.arguments.size() ? std::string_view(line_.arguments[index])
                                          : std::string_view();
  }
  const Surroundings& around() const { return around_; }

  void say(Text id, std::initializer_list<std::string_view> values = {}) {
    out_ += text(id, version(), values) + "\n";
  }
  void blank_line() { out_ += "\n"; }
  std::string take() { return std::move(out_); }

  Wmi& wmi() { return *wmi_; }
  const std::string& service_version() const { return service_version_; }
  // The time of the clock of the machine that the script runs on, as VBScript writes it, so many
  // minutes from now.
  Result<std::string> local_time_in(std::uint32_t minutes);

  // --- SoftwareLicensingService
  Result<Row> service(std::span<const Column> columns);
  Result<> call_service(std::string_view method, const world::Parameters& in = {});
  Result<> refresh_status() { return call_service("RefreshLicenseStatus"); }
  // False, and it is said, on a machine that is no KMS host.
  Result<bool> on_kms_host();

  // --- SoftwareLicensingProduct. ID and what decides on the choice are always among the columns.
  Result<std::vector<Row>> products(std::span<const Column> columns);
  Result<> call_product(const Row& product, std::string_view method,
                        const world::Parameters& in = {});
  // The product again, after something happened to it.
  Result<Row> reread(const Row& product, std::span<const Column> columns);

  enum class Choice {
    kPrimary,    // the base product of Windows that has a key
    kInUse,      // that one and every add-on with a key
    kInUseOrAll  // the same; "all": every product
  };
  // The products that an option is for: with an activation ID the one that it names, otherwise the
  // choice. None: it is said, and the list is empty.
  Result<std::vector<Row>> choose(std::string_view activation_id, Choice choice,
                                  std::span<const Column> columns);

 private:
  Result<std::vector<Row>> select(std::string_view class_name, std::span<const Column> columns,
                                  std::string_view condition = {});

  const CommandLine& line_;
  const Surroundings& around_;
  std::unique_ptr<Wmi> wmi_;
  std::string service_version_;
  OsVersion target_version_;
  std::string out_;
};

// Of a text such as SoftwareLicensingService.Version; 0.0.0 for one that is none.
OsVersion version_of(std::string_view text);

bool is_kms_client(const Row& product);  // by the channel in its description
bool is_kms_host(const Row& product);
bool is_mak(const Row& product);
bool is_timebased(const Row& product);

// "11/29/2007 4:59:59 PM"; without the time of day at midnight, as VBScript writes dates.
std::string format_date(FileTime time);

// --- the options

Result<> run_ipk(Script& script);  // keys.cpp
Result<> run_upk(Script& script);
Result<> run_cpky(Script& script);
Result<> run_ilc(Script& script);
Result<> run_rilc(Script& script);

Result<> run_ato(Script& script);  // activation.cpp
Result<> run_dti(Script& script);
Result<> run_atp(Script& script);
Result<> run_rearm(Script& script);
Result<> run_xpr(Script& script);

Result<> run_dli(Script& script);  // display.cpp
Result<> run_dlv(Script& script);

Result<> run_skms(Script& script);  // kms.cpp
Result<> run_ckms(Script& script);
Result<> run_sai(Script& script);
Result<> run_sri(Script& script);
Result<> run_sprt(Script& script);
Result<> run_sdns(Script& script);
Result<> run_cdns(Script& script);
Result<> run_spri(Script& script);
Result<> run_cpri(Script& script);

// Values below HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL, and below the same key of the
// service account.
Place sl_value(std::string_view name);
Place service_account_value(std::string_view name);
// A port from 1 to 65535; ERROR_INVALID_DATA.
Result<std::uint32_t> parse_port(std::string_view word);

}  // namespace slwmi::slmgr
