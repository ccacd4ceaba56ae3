// `slwmi inventory`: the products of all machines with their licence states.
#include "report/inventory.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/report_table.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

// The columns that a screen has room for.
constexpr std::string_view kShort[] = {"Computer",      "Product",   "Channel", "PartialProductKey",
                                       "License state", "Days left", "KMS host"};

Outcome run_list(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  const RowStyle style = table_by_default(in);
  const bool all = in.has("all") || style.format == Format::kCsv || style.format == Format::kJson;
  RowPrinter rows(in.out(), style);
  const auto columns = report::asset_columns();
  SL_CHECK(report::each_asset(*world, [&](const report::Asset& asset) {
    const std::vector<report::Value> row = report::row_of(asset);
    Record record;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (all || std::find(std::begin(kShort), std::end(kShort), columns[i]) != std::end(kShort))
        record.push_back({std::string(columns[i]), cell_of(row[i])});
    rows.add(std::move(record));
    return true;
  }));
  rows.finish();
  return kDone;
}

Outcome run_summary(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  for (const report::Summary summary : report::summaries()) {
    if (report::to_text(summary) != in.command().name) continue;
    SL_TRY(const report::Table table, report::summary_of(*world, summary));
    print_table(RowPrinter(in.out(), table_by_default(in)), table);
  }
  return kDone;
}

constexpr Option kListOptions[] = {
    {"-a,--all", "", "every column also in tables and lists; CSV and JSON have all"}};

constexpr Command kCommands[] = {
    {"list",
     "the products of each machine and their licence states",
     {},
     kListOptions,
     "What an asset inventory reads through SoftwareLicensingProduct and "
     "SoftwareLicensingService: each machine's base product, and add-ons that have a key.",
     "slwmi inventory\nslwmi inventory list --all --list\nslwmi inventory --csv",
     run_list},
    {"status", "licences by status", {}, {}, "", "slwmi inventory status", run_summary},
    {"products",
     "computers by product and channel",
     {},
     {},
     "",
     "slwmi inventory products",
     run_summary},
    {"expiration",
     "licences that end, by time",
     {},
     {},
     "",
     "slwmi inventory expiration",
     run_summary},
    {"kms-hosts",
     "computers that provide the Key Management Service",
     {},
     {},
     "",
     "slwmi inventory kms-hosts",
     run_summary},
};

}  // namespace

constexpr Group kInventory{
    "inventory", "asset inventory: products and licence states of all machines", kCommands, "list"};

}  // namespace slwmi::tools
