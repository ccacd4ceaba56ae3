#include "world/simulation/product_rows.hpp"

#include <algorithm>
#include <span>
#include <tuple>

#include "base/text.hpp"
#include "schema/class.hpp"
#include "world/machine_context.hpp"

namespace slwmi::world::simulation {
namespace {

using licensing::Carried;
using licensing::Product;
using licensing::ProductValues;

}  // namespace

// One scan: the columns of one batch after the other.
class ProductRows::Scanning {
 public:
  Scanning(ProductRows& rows, const cim::Scan& scan, FileTime now, const cim::Sink& sink)
      : rows_(rows),
        fleet_(rows.fleet_),
        scan_(scan),
        now_(now),
        sink_(sink),
        values_(scan.cls),
        columns_(scan.wanted.size()) {
    batch_.cls = &scan.cls;
    batch_.columns = columns_;
  }

  // The products of machines that were installed alike, at most a batch of them. False: enough.
  bool block(std::span<const std::uint32_t> machines) {
    const Kind& first = fleet_.kind_of(machines.front());
    const licensing::Catalogue::Resolved& profile = fleet_.profile(first);
    const bool alike = std::all_of(machines.begin(), machines.end(), [&](std::uint32_t machine) {
      return fleet_.kind_of(machine).product == first.product;
    });
    if (alike) name(machines);
    for (const Product* product : profile.carried) {
      if (alike ? !send(machines, *product, profile, product == first.product)
                : !split(machines, *product, profile))
        return false;
    }
    return true;
  }

 private:
  licensing::Host host_of(std::uint32_t machine, const licensing::Catalogue::Resolved& profile) {
    licensing::Host host;
    host.facts = facts_of(fleet_.columns().info(machine), fleet_.seed());
    host.resolved.os = profile.os;
    return host;
  }

  // The machines whose record is the product's state, then the others.
  bool split(std::span<const std::uint32_t> machines, const Product& product,
             const licensing::Catalogue::Resolved& profile) {
    for (const bool own : {true, false}) {
      some_.clear();
      for (const std::uint32_t machine : machines)
        if ((fleet_.kind_of(machine).product == &product) == own) some_.push_back(machine);
      name(some_);
      if (!some_.empty() && !send(some_, product, profile, own)) return false;
    }
    return true;
  }

  void name(std::span<const std::uint32_t> machines) {
    servers_.clear();
    for (const std::uint32_t machine : machines) servers_.push_back(fleet_.name(machine));
  }

  // Rows of the product whose state the machines' records are, or of one that has no key there.
  bool send(std::span<const std::uint32_t> machines, const Product& product,
            const licensing::Catalogue::Resolved& profile, bool own) {
    cells_.clear();
    cells_.reserve(scan_.wanted.size() * machines.size());
    numbers_.clear();
    numbers_.reserve(scan_.wanted.size() * machines.size());
    for (std::size_t i = 0; i < scan_.wanted.size(); ++i)
      columns_[i] = column(scan_.wanted[i], machines, product, profile, own);
    batch_.rows = machines.size();
    batch_.servers = servers_.data();
    return sink_(batch_);
  }

  cim::Column column(int slot, std::span<const std::uint32_t> machines, const Product& product,
                     const licensing::Catalogue::Resolved& profile, bool own) {
    const cim::Property& property = scan_.cls.properties()[static_cast<std::size_t>(slot)];
    if (!has_property(*profile.os, property)) return {};
    const ProductValues::Varies varies = values_.varies(slot);
    if (!own || varies == ProductValues::Varies::kByProduct)
      return constant(slot, machines.front(), product, profile, own);
    if (const std::vector<std::uint32_t>* states = states_of(property.name)) {
      const std::size_t begin = numbers_.size();
      for (const std::uint32_t machine : machines) numbers_.push_back((*states)[machine]);
      return cim::Column::uint32(numbers_.data() + begin);
    }
    const auto key_of = [&](std::uint32_t machine) {
      const licensing::License& license = fleet_.machine(machine).license;
      return std::tuple(license.has(licensing::LicenseFlag::kHasKey), license.key_group,
                        license.key_serial);
    };
    const bool alike = std::all_of(machines.begin(), machines.end(), [&](std::uint32_t machine) {
      return key_of(machine) == key_of(machines.front());
    });
    if (varies == ProductValues::Varies::kByRecord && alike)
      return constant(slot, machines.front(), product, profile, own);
    const std::size_t begin = cells_.size();
    for (const std::uint32_t machine : machines) {
      const Carried carried{&product, fleet_.machine(machine).license, true};
      cells_.push_back(values_.value(host_of(machine, profile), carried, now_, slot));
    }
    return cim::Column::values(cells_.data() + begin);
  }

  cim::Column constant(int slot, std::uint32_t machine, const Product& product,
                       const licensing::Catalogue::Resolved& profile, bool own) {
    Carried carried{&product, {}, false};
    if (own) carried.license = fleet_.machine(machine).license;
    cells_.push_back(values_.value(host_of(machine, profile), carried, now_, slot));
    return cim::Column::constant(cells_.back());
  }

  const std::vector<std::uint32_t>* states_of(std::string_view name) const {
    if (name == "LicenseStatus") return &rows_.states_.status;
    if (name == "LicenseStatusReason") return &rows_.states_.reason;
    if (name == "GracePeriodRemaining") return &rows_.states_.remaining;
    return nullptr;
  }

  // An older system's class lacks what came later: such a property is null there.
  static bool has_property(const licensing::OperatingSystem& os, const cim::Property& property) {
    const auto version = cim::parse_version(os.version);
    return !version || cim::available_in(property.qualifiers, *version);
  }

  ProductRows& rows_;
  Fleet& fleet_;
  const cim::Scan& scan_;
  FileTime now_;
  const cim::Sink& sink_;
  ProductValues values_;
  std::vector<cim::Column> columns_;
  std::vector<cim::Value> cells_;  // reserved for a whole batch: none moves
  std::vector<std::uint32_t> numbers_;
  std::vector<std::string_view> servers_;  // the names of the machines that are sent
  std::vector<std::uint32_t> some_;
  cim::Batch batch_;
};

bool ProductRows::can_answer(const cim::Scan& scan) {
  const ProductValues values(scan.cls);
  return std::none_of(scan.wanted.begin(), scan.wanted.end(), [&](int slot) {
    return values.varies(slot) == ProductValues::Varies::kByRegistry;
  });
}

ProductRows::ProductRows(Fleet& fleet) : fleet_(fleet), census_(fleet) {}

// The states of all machines at `now`; reason and remaining minutes only when they are asked for.
void ProductRows::fill(FileTime now, bool all) {
  if (filled_at_ == now && (filled_all_ || !all)) return;
  const std::uint32_t size = fleet_.size();
  states_.status.resize(size);
  if (all) {
    states_.reason.resize(size);
    states_.remaining.resize(size);
  } else {
    census_.count(now);
  }
  for (std::uint32_t i = 0; i < size; ++i) {
    if (!all && census_.states()[i] != Census::kAbsent) {
      states_.status[i] = census_.states()[i];
      continue;
    }
    const TickSpan ahead = minutes(fleet_.skew(i, now));
    const licensing::Status status = licensing::status_at(
        fleet_.machine(i).license, fleet_.kind_of(i).facts.policy, now + ahead);
    states_.status[i] = static_cast<std::uint32_t>(status.status);
    if (!all) continue;
    states_.reason[i] = value_of(status.reason);
    states_.remaining[i] = status.remaining;
  }
  filled_at_ = now;
  filled_all_ = all;
}

Result<> ProductRows::enumerate(const cim::Scan& scan, FileTime now, const cim::Sink& sink,
                                FunctionRef<Result<bool>(std::uint32_t machine)> odd) {
  const bool all = std::any_of(scan.wanted.begin(), scan.wanted.end(), [&](int slot) {
    const std::string& name = scan.cls.properties()[static_cast<std::size_t>(slot)].name;
    return name == "LicenseStatusReason" || name == "GracePeriodRemaining";
  });
  fill(now, all);
  Scanning scanning(*this, scan, now, sink);
  const std::vector<std::uint32_t>& profiles = fleet_.columns().profile;
  std::vector<std::uint32_t> block;
  for (std::uint32_t profile = 0; profile < fleet_.columns().profiles.size(); ++profile) {
    for (std::uint32_t i = 0; i < fleet_.size(); ++i) {
      if (profiles[i] != profile) continue;
      if (fleet_.has(i, kMore)) {
        SL_TRY(const bool more, odd(i));
        if (!more) return {};
        continue;
      }
      block.push_back(i);
      if (block.size() < cim::kBatchRows) continue;
      if (!scanning.block(block)) return {};
      block.clear();
    }
    if (!block.empty() && !scanning.block(block)) return {};
    block.clear();
  }
  return {};
}

}  // namespace slwmi::world::simulation
