// `slwmi key`: fictitious product keys, and the activation service of a world that knows them.
#include "provider/activation_service.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

// One text, alone or as a row.
void print_one(Invocation& in, const char* column, const std::string& text) {
  if (!in.row_style().chosen) {
    in.out() << text << '\n';
    return;
  }
  RowPrinter rows = in.rows();
  rows.add({{column, text}});
  rows.finish();
}

tl::expected<std::uint32_t, Failure> small_number(Invocation& in, std::string_view option,
                                                  std::uint64_t otherwise) {
  SL_TRY(const std::uint64_t number, in.number(option, otherwise));
  if (number > 0xFFFFFFFFu) return usage("--" + std::string(option) + " is too large");
  return static_cast<std::uint32_t>(number);
}

Outcome run_make(Invocation& in) {
  SL_TRY(const std::uint32_t serial, small_number(in, "serial", 1));
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::string key,
         world->product_key(in.value("EDITION"), in.value("CHANNEL"), serial, in.value("os")));
  print_one(in, "ProductKey", key);
  return kDone;
}

Outcome run_show(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  RowPrinter rows(in.out(), list_by_default(in));
  for (const std::string& key : in.values("KEY")) {
    SL_TRY(const licensing::KeyAccount account, world->key_account(key));
    const licensing::KeyStateInfo& state = licensing::info_of(account.state);
    rows.add({{"ProductKey", key},
              {"State", state.name},
              {"Result", to_hex(state.code)},
              {"Genuine", Cell::boolean(!account.non_genuine)},
              {"Limit", Cell::number(account.limit)},
              {"Extension", Cell::number(std::uint64_t{account.extension})},
              {"Used", Cell::number(account.used)},
              {"Remaining", Cell::number(account.remaining)},
              {"Machines", Cell::number(std::uint64_t{account.machines})}});
  }
  rows.finish();
  return kDone;
}

Outcome run_mark(Invocation& in) {
  SL_TRY(const licensing::KeyState state, licensing::parse_key_state(in.value("STATE")));
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->set_key_state(in.value("KEY"), state));
  return kDone;
}

Outcome run_block(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->block_key(in.value("KEY")));
  return kDone;
}

Outcome run_extend(Invocation& in) {
  if (!in.has("by")) return usage("--by is missing: how many activations more");
  SL_TRY(const std::uint32_t activations, small_number(in, "by", 0));
  SL_TRY(world::World * world, in.world());
  SL_CHECK(world->extend_key(in.value("KEY"), activations));
  return kDone;
}

Outcome run_confirm(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  SL_TRY(const std::string id, world->confirmation_id(in.value("ID")));
  print_one(in, "ConfirmationId", id);
  return kDone;
}

constexpr Argument kMakeArguments[] = {
    {"EDITION", "Business, Enterprise, ..."},
    {"CHANNEL", "VOLUME_KMSCLIENT, VOLUME_KMS, VOLUME_MAK, RETAIL, OEM_SLP"},
};
constexpr Option kMakeOptions[] = {
    {"--serial", "N", "which of the edition's keys (default: 1)"},
    {"--os", "OS", "vista-rtm, vista-sp1 or 2008, where two have an edition of that name"},
};
constexpr Argument kKey[] = {{"KEY", "the product key"}};
constexpr Argument kKeys[] = {{"KEY", "the product keys", Count::kMany}};
constexpr Argument kMark[] = {
    {"KEY", "the product key"},
    {"STATE",
     "accepted, blocked (0xC004C003), invalid (0xC004C001), unsupported (0xC004B100), "
     "dynamically-blocked (0xC004C060) or blocked-here (0xC004C017)"},
};
constexpr Option kExtendOptions[] = {{"--by", "N", "how many activations more"}};
constexpr Argument kId[] = {{"ID", "the installation ID: 54 digits"}};

constexpr Command kCommands[] = {
    {"make", "print a product key of this world's catalogue", kMakeArguments, kMakeOptions,
     "The keys follow a scheme of our own; Windows takes none of them.",
     "slwmi key make Enterprise VOLUME_MAK\n"
     "slwmi call SoftwareLicensingService InstallProductKey ProductKey=$(slwmi key make Enterprise "
     "VOLUME_MAK)",
     run_make},
    {"show",
     "what the activation service knows of keys",
     kKeys,
     {},
     "Extension counts further activations of a MAK or retail key, further hosts of a KMS key.",
     "slwmi key show $(slwmi key make Enterprise VOLUME_MAK)",
     run_show},
    {"mark",
     "let the activation service answer a key in another way",
     kMark,
     {},
     "",
     "slwmi key mark $(slwmi key make Enterprise VOLUME_MAK) invalid",
     run_mark},
    {"block",
     "let the activation service refuse a key",
     kKey,
     {},
     "",
     "slwmi key block $(slwmi key make Enterprise VOLUME_MAK)",
     run_block},
    {"extend", "give a MAK further activations", kKey, kExtendOptions, "",
     "slwmi key extend $(slwmi key make Enterprise VOLUME_MAK) --by 100", run_extend},
    {"confirm",
     "the confirmation ID that the telephone answers with",
     kId,
     {},
     "The call counts as an activation, and is refused as one that is made online.",
     "slwmi key confirm $(slwmi query \"SELECT OfflineInstallationId FROM "
     "SoftwareLicensingProduct WHERE OfflineInstallationId IS NOT NULL\" --csv | tail -1)",
     run_confirm},
};

}  // namespace

constexpr Group kKeyGroup{"key", "fictitious product keys and the activation service", kCommands};

}  // namespace slwmi::tools
