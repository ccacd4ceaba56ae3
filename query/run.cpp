// Runs a plan: asks the providers, checks every row, hands on what is left.
#include <array>

#include "query/association.hpp"
#include "query/plan.hpp"

namespace slwmi::wql {
namespace {

// The path of a row, from the keys that the scan reads.
class KeyPaths final : public PathSource {
 public:
  KeyPaths(const Plan& plan, const ClassScan& scan) : plan_(plan), scan_(scan) {}
  cim::Value path_of(const cim::Batch& batch, std::size_t row, bool absolute) const override {
    cim::Instance keys(scan_.cls);
    for (std::size_t i = 0; i < scan_.wanted.size(); ++i) {
      const cim::Property& property =
          scan_.cls->properties()[static_cast<std::size_t>(scan_.wanted[i])];
      if (property.key)
        keys.set(scan_.wanted[i], cim::value_at(batch.columns[i], row, property.type));
    }
    const std::string_view server = batch.servers != nullptr ? batch.servers[row] : plan_.server;
    return cim::system_property(keys, absolute ? "__PATH" : "__RELPATH", server, plan_.ns);
  }

 private:
  const Plan& plan_;
  const ClassScan& scan_;
};

// False in `more` when the sink wants no more.
Result<> run_scan(const Plan& plan, const ClassScan& scan, const cim::Call& call, RowSink sink,
                  bool& more) {
  FilterState state;
  const KeyPaths paths(plan, scan);
  Error malformed;
  const auto on_batch = [&](const cim::Batch& batch) {
    if (batch.columns.size() < scan.wanted.size() || batch.rows > cim::kBatchRows) {
      malformed = Error{HResult::kWbemEProviderFailure,
                        "the provider of " + scan.cls->name() + " sent a bad batch",
                        {},
                        {}};
      return false;
    }
    std::array<std::uint16_t, cim::kBatchRows> rows;  // NOLINT: filled by select_rows
    const std::size_t count = select_rows(scan.filter.get(), batch, &paths, state, rows);
    for (std::size_t i = 0; more && i < count; ++i) more = sink(Row(plan, scan, batch, rows[i]));
    return more;
  };
  SL_CHECK(
      scan.provider->enumerate(call, cim::Scan{*scan.cls, scan.wanted, scan.pushed}, on_batch));
  if (!malformed.message.empty()) return fail(std::move(malformed));
  return {};
}

}  // namespace

Result<> run(const Plan& plan, const Catalog& catalog, const cim::Call& call, RowSink sink) {
  if (plan.association != nullptr) return run_association(plan, catalog, call, sink);
  for (const cim::ClassPtr& cls : plan.classes) {
    if (!sink(Row(plan, cls))) return {};
  }
  bool more = true;
  for (const ClassScan& scan : plan.scans) {
    SL_CHECK(run_scan(plan, scan, call, sink, more));
    if (!more) break;
  }
  return {};
}

Result<ResultSet> collect(const Plan& plan, const Catalog& catalog, const cim::Call& call) {
  ResultSet result;
  result.columns.reserve(plan.columns.size());
  for (const OutputColumn& column : plan.columns) result.columns.push_back(column.name());
  const auto keep = [&](const Row& row) {
    if (row.is_class()) {
      result.classes.push_back(row.cls());
    } else {
      result.rows.push_back(row.instance());
    }
    return true;
  };
  SL_CHECK(run(plan, catalog, call, keep));
  return result;
}

}  // namespace slwmi::wql
