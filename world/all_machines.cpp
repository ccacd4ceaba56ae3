#include "world/all_machines.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "query/plan_cache.hpp"
#include "schema/object_path.hpp"
#include "world/catalog.hpp"
#include "world/machine_context.hpp"
#include "world/shared.hpp"
#include "world/simulation/product_rows.hpp"
#include "world/world.hpp"

namespace slwmi::world {
namespace {

using simulation::Fleet;
using simulation::ProductRows;

// Asks each machine's own provider of a class, and says whose the rows are.
class EachMachine final : public cim::Provider {
 public:
  EachMachine(WorldShared& world, std::string ns) : world_(world), ns_(std::move(ns)) {}

  Result<> enumerate(const cim::Call& call, const cim::Scan& scan, const cim::Sink& sink) override {
    SL_TRY(const std::shared_ptr<const MachineColumns> machines, world_.store().all_machines());
    for (const MachineId id : machines->id) {
      SL_TRY(const bool more, one(id, call, scan, sink));
      if (!more) break;
    }
    return {};
  }

  // False when the sink wants no more.
  Result<bool> one(MachineId id, const cim::Call& call, const cim::Scan& scan,
                   const cim::Sink& sink) {
    SL_TRY(const std::unique_ptr<MachineContext> context, MachineContext::make(world_, id));
    const NamespaceCatalog catalog(context->repository(), context->version(), ns_, context->host());
    const cim::ClassPtr cls = catalog.find_class(scan.cls.name());
    cim::Provider* const provider = cls != nullptr ? catalog.provider_of(*cls) : nullptr;
    if (provider == nullptr) return true;
    // The machine's class may lack properties, and have others at other places.
    std::vector<int> wanted;
    std::vector<int> place(scan.wanted.size(), -1);
    for (std::size_t i = 0; i < scan.wanted.size(); ++i) {
      const auto slot = static_cast<std::size_t>(scan.wanted[i]);
      const int own = cls->find_slot(scan.cls.properties()[slot].name);
      if (own < 0) continue;
      place[i] = static_cast<int>(wanted.size());
      wanted.push_back(own);
    }
    std::vector<cim::Column> columns(scan.wanted.size());
    const std::vector<std::string_view> servers(cim::kBatchRows, context->host().facts.name);
    bool more = true;
    const auto forward = [&](const cim::Batch& batch) {
      for (std::size_t i = 0; i < columns.size(); ++i)
        columns[i] =
            place[i] < 0 ? cim::Column() : batch.columns[static_cast<std::size_t>(place[i])];
      cim::Batch out = batch;
      out.cls = &scan.cls;
      out.columns = columns;
      out.servers = servers.data();
      return more = sink(out);
    };
    SL_CHECK(provider->enumerate(cim::Call{call.caller, context->clock(), call.context},
                                 cim::Scan{*cls, wanted}, forward));
    return more;
  }

 private:
  WorldShared& world_;
  std::string ns_;
};

// SoftwareLicensingProduct from the fleet's columns, which are kept until something is committed.
class FleetProducts final : public cim::Provider {
 public:
  FleetProducts(WorldShared& world, std::string ns) : world_(world), each_(world, std::move(ns)) {}

  Result<> enumerate(const cim::Call& call, const cim::Scan& scan, const cim::Sink& sink) override {
    if (!ProductRows::can_answer(scan)) return each_.enumerate(call, scan, sink);
    const std::uint64_t word = world_.store().change_word();
    if (rows_ == nullptr || word != word_) {
      rows_.reset();
      SL_CHECK(Fleet::follow(world_, fleet_));
      rows_ = std::make_unique<ProductRows>(*fleet_);
      word_ = word;
    }
    return rows_->enumerate(scan, fleet_->now(), sink, [&](std::uint32_t machine) {
      return each_.one(fleet_->id(machine), call, scan, sink);
    });
  }

 private:
  WorldShared& world_;
  EachMachine each_;
  std::uint64_t word_ = 0;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<ProductRows> rows_;
};

// The classes of a namespace as the newest system among the machines has them.
class FleetCatalog final : public wql::Catalog {
 public:
  FleetCatalog(WorldShared& world, cim::RepositoryPtr repository, cim::Version version,
               const std::string& ns)
      : view_(std::move(repository), version), ns_(ns), each_(world, ns), products_(world, ns) {}

  cim::ClassPtr find_class(std::string_view name) const override {
    return view_.find_class(ns_, name);
  }
  void append_subclasses(std::string_view name, std::vector<cim::ClassPtr>& out) const override {
    view_.append_subclasses(ns_, name, out);
  }
  cim::Provider* provider_of(const cim::Class& cls) const override {
    if (cls.is_abstract()) return nullptr;
    if (equal_ignore_case(cls.name(), "SoftwareLicensingProduct")) return &products_;
    return &each_;
  }
  std::string_view server() const override { return {}; }
  std::string_view ns() const override { return ns_; }
  std::uint64_t generation() const override { return view_.repository().serial(); }

 private:
  cim::VersionView view_;
  std::string ns_;
  mutable EachMachine each_;
  mutable FleetProducts products_;
};

}  // namespace

struct AllMachines::Impl {
  World& world;
  Principal caller;
  std::string ns;
  std::shared_ptr<const Definitions> definitions;
  cim::Version version{};
  std::unique_ptr<FleetCatalog> catalog;
  wql::PlanCache plans;

  // The newest version among the machines'; that of the newest known where there are none.
  Result<cim::Version> newest() {
    SL_TRY(const std::shared_ptr<const MachineColumns> machines,
           world.shared().store().all_machines());
    std::optional<cim::Version> out;
    for (const licensing::OperatingSystem& os : definitions->catalogue->operating_systems()) {
      const bool there = std::any_of(
          machines->profiles.begin(), machines->profiles.end(),
          [&](const StoredProfile* profile) { return equal_ignore_case(profile->os, os.id); });
      const auto its = cim::parse_version(os.version);
      if ((there || machines->profiles.empty()) && its && (!out || *out < *its)) out = *its;
    }
    return out.value_or(cim::Version{});
  }

  Result<> refresh() {
    SL_TRY(std::shared_ptr<const Definitions> known, world.shared().definitions());
    const bool same = known == definitions;
    definitions = std::move(known);
    SL_TRY(const cim::Version now, newest());
    if (catalog != nullptr && same && now == version) return {};
    version = now;
    catalog = std::make_unique<FleetCatalog>(world.shared(), definitions->schema, version, ns);
    plans.clear();
    return {};
  }

  Result<std::shared_ptr<const wql::Plan>> plan(std::string_view wql) {
    SL_CHECK(refresh());
    SL_TRY(std::shared_ptr<const wql::Plan> out, plans.get(wql, *catalog));
    if (out->association != nullptr)
      return fail(HResult::kWbemEInvalidQuery, "associations are asked of one machine");
    return out;
  }
};

AllMachines::AllMachines(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AllMachines::AllMachines(AllMachines&&) noexcept = default;
AllMachines& AllMachines::operator=(AllMachines&&) noexcept = default;
AllMachines::~AllMachines() = default;

Result<AllMachines> AllMachines::connect(World& world, const Principal& caller,
                                         std::string_view ns) {
  if (caller.user == sids::kAnonymous)
    return fail(HResult::kWbemEAccessDenied, "the anonymous user may not connect");
  SL_TRY(const std::shared_ptr<const Definitions> definitions, world.shared().definitions());
  SL_TRY(cim::ConnectTarget target,
         cim::connect(
             ns, [](std::string_view host) { return host == "."; },
             [&](std::string_view name) { return definitions->schema->has_namespace(name); }));
  return AllMachines(std::unique_ptr<Impl>(
      new Impl{world, caller, std::move(target.ns), nullptr, {}, nullptr, wql::PlanCache()}));
}

Result<> AllMachines::query_rows(std::string_view wql, wql::RowSink sink) {
  SL_TRY(const std::shared_ptr<const wql::Plan> plan, impl_->plan(wql));
  return wql::run(*plan, *impl_->catalog, cim::Call{impl_->caller, impl_->world.clock(), {}}, sink);
}

Result<std::vector<std::string>> AllMachines::columns(std::string_view wql) {
  SL_TRY(const std::shared_ptr<const wql::Plan> plan, impl_->plan(wql));
  return wql::column_names(*plan);
}

Result<std::string> AllMachines::explain(std::string_view wql) {
  SL_TRY(const std::shared_ptr<const wql::Plan> plan, impl_->plan(wql));
  return wql::explain(*plan);
}

}  // namespace slwmi::world
