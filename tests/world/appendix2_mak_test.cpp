// VA2's Appendix 2, "Troubleshooting by Error Code": every code that MAKs, OEM products and keys
// can meet, and its neighbours. A world is driven into it; the method's result,
// LicenseStatusReason, the machine's event log and the explanation follow; then the guide's cure is
// taken.
#include <algorithm>
#include <functional>

#include <boost/test/unit_test.hpp>

#include "provider/activation_service.hpp"
#include "provider/explain.hpp"
#include "provider/firmware.hpp"
#include "provider/installation_id.hpp"
#include "provider/license.hpp"
#include "provider/product_key.hpp"
#include "tests/provider/printing.hpp"
#include "tests/world/fixture.hpp"
#include "world/event_logs.hpp"
#include "world/net/model.hpp"

namespace slwmi::world {
namespace {

using H = HResult;
using licensing::EventKind;
using licensing::Firmware;
using licensing::KeyState;
using test::must;

constexpr std::uint64_t kDay = 24 * 60;
constexpr std::string_view kService = "SoftwareLicensingService.Version=\"6.0.6001.18000\"";

// One computer, PC1, and what people do to it.
class Desk {
 public:
  std::unique_ptr<World> world = must(World::in_memory(11));

  void add(const char* role, Firmware firmware = Firmware::kNone, bool upgraded = true) {
    MachineSpec spec{.name = "PC1", .role = role};
    spec.set_firmware(firmware);
    spec.upgraded = upgraded;
    must(world->add_machine(spec));
  }
  Machine machine() { return must(world->machine("PC1")); }
  std::string key(std::string_view channel, std::uint32_t serial = 42,
                  std::string_view edition = "Enterprise") {
    return must(world->product_key(edition, channel, serial));
  }

  H install(const std::string& text, std::string_view who = "administrator") {
    return call(kService, "InstallProductKey", {{"ProductKey", cim::Value::text(text)}}, who);
  }
  H activate() { return call(path(), "Activate"); }
  H activate_as(std::string_view who) { return call(path(), "Activate", {}, who); }
  H deposit(const std::string& confirmation) {
    return call(path(), "DepositOfflineConfirmationId",
                {{"InstallationId", cim::Value::text(installation_id())},
                 {"ConfirmationId", cim::Value::text(confirmation)}});
  }
  std::string installation_id() {
    return std::string(row().get("OfflineInstallationId").as_text());
  }
  H reason() { return static_cast<H>(row().get("LicenseStatusReason").as_uint32()); }
  void happened(EventKind kind, bool granted = false) {
    must(machine().happened({.kind = kind, .granted = granted}));
  }
  // As many other computers have used the key.
  void use_up(const std::string& text, std::uint64_t computers) {
    const auto parsed = must(licensing::parse_product_key(text));
    for (std::uint64_t hardware = 1; hardware <= computers; ++hardware)
      must(world->confirmation_id(licensing::installation_id({parsed, hardware}, world->seed())));
  }
  // "8198 0xC004C003; " of what came since the last question.
  std::string news() {
    const auto entries = must(machine().events({}));
    std::string out;
    for (std::size_t i = seen_; i < entries.size(); ++i) {
      out += std::to_string(entries[i].id());
      if (entries[i].code) out += " " + entries[i].parameters.front();
      out += "; ";
    }
    seen_ = entries.size();
    return out;
  }

 private:
  // The product with the key; without any, the MAK's.
  Row row() {
    Session session = test::connect(*world, "PC1");
    auto rows = must(session.query(
        "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL AND "
        "LicenseIsAddon = FALSE"));
    if (rows.empty())
      rows =
          must(session.query("SELECT * FROM SoftwareLicensingProduct WHERE Description LIKE "
                             "'%VOLUME_MAK%' AND Name LIKE '%Enterprise edition'"));
    BOOST_REQUIRE(!rows.empty());
    return rows.front();
  }
  std::string path() {
    return "SoftwareLicensingProduct.ID=\"" + std::string(row().get("ID").as_text()) + "\"";
  }
  H call(std::string_view where, std::string_view method, const Parameters& in = {},
         std::string_view who = "administrator") {
    Session session = test::connect(*world, "PC1", who);
    const auto done = session.call(where, method, in);
    return done ? static_cast<H>(done->return_value.as_uint32()) : done.error().code;
  }

  std::size_t seen_ = 0;
};

using Step = std::function<void(Desk&)>;
using Act = std::function<H(Desk&)>;

void nothing(Desk&) {}
H activate(Desk& desk) { return desk.activate(); }
H reason(Desk& desk) { return desk.reason(); }
// What the activation centre reads out, and what comes of it.
std::string confirmation(Desk& desk) {
  return must(desk.world->confirmation_id(desk.installation_id()));
}
H telephone(Desk& desk) { return desk.deposit(confirmation(desk)); }
void use_up(Desk& desk) {
  BOOST_TEST(desk.install(desk.key("VOLUME_MAK")) == H::kSOk);
  desk.use_up(desk.key("VOLUME_MAK"), 50);
}
Step mark(KeyState state) {
  return [=](Desk& desk) {
    BOOST_TEST(desk.install(desk.key("VOLUME_MAK")) == H::kSOk);
    must(desk.world->set_key_state(desk.key("VOLUME_MAK"), state));
  };
}
Act installing(const char* channel, std::uint32_t serial = 42, const char* edition = "Enterprise") {
  return [=](Desk& desk) { return desk.install(desk.key(channel, serial, edition)); };
}
void another_mak(Desk& desk) { BOOST_TEST(desk.install(desk.key("VOLUME_MAK", 43)) == H::kSOk); }

struct TestRow {
  H code;
  const char* why;
  const char* type;  // the guide's "Activation Type" that is shown; of neighbours, ours
  const char* role = "mak";
  Firmware firmware = Firmware::kNone;
  bool upgraded = true;
  Step spoil = nothing;
  Act act = activate;                // gives the code
  H reason = H::kSlIOobGracePeriod;  // LicenseStatusReason by then
  const char* news = "";             // what the log got from `act`
  Step cure = nothing;               // what the guide advises ...
  Act again = nullptr;               // ... after which this, or `act`, gives `cured`
  H cured = H::kSOk;
};

const TestRow kRows[] = {
    // --- what the activation service answers
    {.code = H::kSlEChpaProductKeyOutOfRange,
     .why = "a key that was never issued",
     .type = "MAK",
     .spoil = mark(KeyState::kInvalid),
     .news = "8198 0xC004C001; ",
     .cure = another_mak},
    {.code = H::kSlEChpaProductKeyBlocked,
     .why = "a key that the service has blocked",
     .type = "MAK",
     .spoil = mark(KeyState::kBlocked),
     .news = "8198 0xC004C003; ",
     .cure = another_mak},
    {.code = H::kSlESrvGeneralError,
     .why = "a key of a kind that is not activated",
     .type = "MAK",
     .spoil = mark(KeyState::kUnsupported),
     .news = "8198 0xC004B100; ",
     .cure = another_mak},
    {.code = H::kSlEChpaDynamicallyBlockedProductKey,
     .why = "a key that is blocked for the time being",
     .type = "MAK",
     .spoil = mark(KeyState::kDynamicallyBlocked),
     .news = "8198 0xC004C060; ",
     .cure =
         [](Desk& desk) {
           must(desk.world->set_key_state(desk.key("VOLUME_MAK"), KeyState::kAccepted));
         }},
    {.code = H::kSlEChpaProductKeyBlockedIplocation,
     .why = "a key that is blocked here",
     .type = "MAK",
     .spoil = mark(KeyState::kBlockedHere),
     .news = "8198 0xC004C017; ",
     .cure = another_mak},
    {.code = H::kSlEChpaDmakLimitExceeded,
     .why = "a MAK whose 50 activations are used up",
     .type = "MAK",
     .spoil = use_up,
     .news = "8198 0xC004C020; ",
     .cure = [](Desk& desk) { must(desk.world->extend_key(desk.key("VOLUME_MAK"), 1)); }},
    {.code = H::kSlEChpaDmakExtensionLimitExceeded,
     .why = "a MAK whose extension is used up, too",
     .type = "MAK",
     .spoil =
         [](Desk& desk) {
           BOOST_TEST(desk.install(desk.key("VOLUME_MAK")) == H::kSOk);
           must(desk.world->extend_key(desk.key("VOLUME_MAK"), 5));
           desk.use_up(desk.key("VOLUME_MAK"), 55);
         },
     .news = "8198 0xC004C021; ",
     .cure = another_mak},
    {.code = H::kSlEChpaDmakLimitExceeded,
     .why = "by telephone just as online",
     .type = "MAK",
     .spoil = use_up,
     .act =
         [](Desk& desk) {
           const auto id = desk.world->confirmation_id(desk.installation_id());
           return id ? desk.deposit(*id) : id.error().code;
         },
     .cure = [](Desk& desk) { must(desk.world->extend_key(desk.key("VOLUME_MAK"), 1)); }},
    {.code = H::kErrorInternetNameNotResolved,
     .why = "no way to the service; the telephone has one",
     .type = "",
     .spoil =
         [](Desk& desk) {
           must(desk.world->change_network([](net::Model& model) -> Result<> {
             SL_TRY(net::Site * site, net::ensure_site(model, net::kDefaultSite));
             site->internet = false;
             return {};
           }));
         },
     .news = "8198 0x80072EE7; ",
     .again = telephone},

    // --- time and hardware
    {.code = H::kSlEGraceTimeExpired,
     .why = "30 days without an activation",
     .type = "MAK",
     .spoil = [](Desk& desk) { must(desk.world->advance(30 * kDay)); },
     .act = reason,
     .reason = H::kSlEGraceTimeExpired,
     .cure = [](Desk& desk) { BOOST_TEST(desk.activate() == H::kSOk); }},
    {.code = H::kSlEOutOfTolerance,
     .why = "other hardware, and 30 days",
     .type = "MAK",
     .spoil =
         [](Desk& desk) {
           BOOST_TEST(desk.activate() == H::kSOk);
           desk.happened(EventKind::kHardwareChanged);
           BOOST_TEST(desk.news() == "1040; 1025; ");
           BOOST_TEST(desk.reason() == H::kSlIOotGracePeriod);
           must(desk.world->advance(30 * kDay));
         },
     .act = reason,
     .reason = H::kSlEOutOfTolerance,
     .cure = [](Desk& desk) { BOOST_TEST(telephone(desk) == H::kSOk); }},

    // --- what was typed in
    {.code = H::kSlEPkeyNotInstalled,
     .why = "no key",
     .type = "MAK",
     .role = "unlicensed",
     .reason = H::kSlEPkeyNotInstalled,
     .news = "8198 0xC004F014; ",
     .cure = another_mak},
    {.code = H::kSlECidiidInvalidData,
     .why = "a letter in the confirmation ID",
     .type = "MAK",
     .act =
         [](Desk& desk) {
           std::string id = confirmation(desk);
           id[7] = 'O';
           return desk.deposit(id);
         },
     .news = "8198 0xC004F02C; ",
     .again = telephone},
    {.code = H::kSlECidiidInvalidDataLength,
     .why = "a group left out",
     .type = "MAK",
     .act = [](Desk& desk) { return desk.deposit(confirmation(desk).substr(6)); },
     .news = "8198 0xC004F02F; ",
     .again = telephone},
    {.code = H::kSlECidiidInvalidCheckDigits,
     .why = "a digit mistyped",
     .type = "MAK",
     .act =
         [](Desk& desk) {
           std::string id = confirmation(desk);
           id[5] = id[5] == '0' ? '1' : '0';
           return desk.deposit(id);
         },
     .news = "8198 0xC004F04D; ",
     .again = telephone},
    {.code = H::kSlECidiidMismatched,
     .why = "the confirmation ID of the hardware before",
     .type = "MAK",
     .act =
         [](Desk& desk) {
           const std::string id = confirmation(desk);
           desk.happened(EventKind::kHardwareChanged);
           return desk.deposit(id);
         },
     .news = "1040; 8198 0xC004F031; ",
     .again = telephone},
    {.code = H::kSlEInvalidProductKey,
     .why = "a dash of a text processor in the key",
     .type = "MAK",
     .act =
         [](Desk& desk) {
           std::string key = desk.key("VOLUME_MAK");
           key.replace(key.find('-'), 1, "\u2014");
           return desk.install(key);
         },
     .again = installing("VOLUME_MAK")},
    {.code = H::kSlEBlockedProductKey,
     .why = "a blocked key",
     .type = "MAK",
     .act = installing("VOLUME_MAK", 13),
     .again = installing("VOLUME_MAK", 14)},
    {.code = H::kSlEDependentPropertyNotSet,
     .why = "volume media and a key that is no volume key",
     .type = "MAK",
     .act = installing("RETAIL", 42, "Ultimate"),
     .again = installing("VOLUME_MAK")},
    {.code = H::kEAccessdenied,
     .why = "a prompt that is not elevated",
     .type = "MAK",
     .act = [](Desk& desk) { return desk.activate_as("administrator-unelevated"); },
     .again = activate},

    // --- OEM computers and upgrades
    {.code = H::kSlEVlNotWindowsSlp,
     .why = "a KMS client on firmware without a marker",
     .type = "KMS client",
     .role = "kms-client",
     .firmware = Firmware::kUnmarked,
     .news = "12288 0xC004F035; ",
     .cure = another_mak},
    {.code = H::kSlEVlNotWindowsSlp,
     .why = "a KMS host on it, cured by another board",
     .type = "KMS host",
     .firmware = Firmware::kMalformed,
     .spoil = [](Desk& desk) { BOOST_TEST(desk.install(desk.key("VOLUME_KMS")) == H::kSOk); },
     .news = "8198 0xC004F035; ",
     .cure = [](Desk& desk) { must(desk.machine().replace_board(Firmware::kMarked)); }},
    {.code = H::kSlEVlNotWindowsSlp,
     .why = "a volume edition without a qualifying system below it",
     .type = "KMS client",
     .role = "kms-client",
     .upgraded = false,
     .news = "12288 0xC004F035; ",
     .cure =
         [](Desk& desk) {
           must(desk.world->remove_machine("PC1"));
           desk.add("mak");
         }},
    {.code = H::kSlESlpMissingAcpiSlic,
     .why = "an OEM key on a computer that came without Windows",
     .type = "OEM",
     .role = "retail",
     .act = installing("OEM_SLP", 42, "Business"),
     .again = installing("RETAIL", 42, "Business")},
    {.code = H::kSlESlpMissingSlpMarker,
     .why = "an OEM key on firmware without a marker",
     .type = "OEM",
     .role = "retail",
     .firmware = Firmware::kUnmarked,
     .act = installing("OEM_SLP", 42, "Business"),
     .again = installing("RETAIL", 42, "Business")},
    {.code = H::kSlESlpBadFormat,
     .why = "an OEM key on a table that cannot be read",
     .type = "OEM",
     .role = "retail",
     .firmware = Firmware::kMalformed,
     .act = installing("OEM_SLP", 42, "Business"),
     .again = installing("RETAIL", 42, "Business")},
    {.code = H::kSlESlpOemCertMissing,
     .why = "an OEM key on media that are not the manufacturer's",
     .type = "OEM",
     .role = "retail",
     .firmware = Firmware::kMarked,
     .act = installing("OEM_SLP", 42, "Business"),
     .again = installing("RETAIL", 42, "Business")},
    {.code = H::kSlENotSupported,
     .why = "an OEM product is activated by its firmware alone",
     .type = "",
     .role = "oem",
     .reason = H::kSOk,
     .again = installing("OEM_SLP", 42, "Business")},
};

// Codes of Appendix 2 that no MAK, OEM product or key meets, which other tests drive worlds into.
bool is_of_others(H code) {
  constexpr H kOthers[] = {H::kSlEChpaMaximumUnlockExceeded,
                           H::kSlEVlNotEnoughCount,
                           H::kSlEVlBindingServiceNotEnabled,
                           H::kSlEVlKeyManagementServiceNotActivated,
                           H::kSlEVlKeyManagementServiceIdMismatch,
                           H::kSlENongenuineGraceTimeExpired,
                           H::kSlINongenuineGracePeriod,
                           H::kSlEMismatchedProductSku,
                           H::kDnsErrorRcodeServerFailure,
                           H::kDnsErrorRcodeNameError,
                           H::kRpcSServerUnavailable,
                           H::kDnsInfoNoRecords};
  return std::find(std::begin(kOthers), std::end(kOthers), code) != std::end(kOthers);
}

BOOST_AUTO_TEST_SUITE(appendix2_mak)

BOOST_AUTO_TEST_CASE(each_code_is_met_logged_explained_and_cured) {
  for (const TestRow& row : kRows) {
    BOOST_TEST_CONTEXT(to_hex(row.code) << ": " << row.why) {
      Desk desk;
      desk.add(row.role, row.firmware, row.upgraded);
      row.spoil(desk);
      desk.news();
      BOOST_TEST(row.act(desk) == row.code);
      BOOST_TEST(desk.reason() == row.reason);
      BOOST_TEST(desk.news() == row.news);
      const auto told = licensing::explain(row.code, {6, 0, 6001});
      BOOST_TEST(
          (told.activation == "all" || told.activation.find(row.type) != std::string_view::npos));
      BOOST_TEST(!told.meaning.empty());
      BOOST_TEST(!told.causes.empty());
      BOOST_TEST(!told.steps.empty());
      row.cure(desk);
      BOOST_TEST((row.again ? row.again : row.act)(desk) == row.cured);
    }
  }
}

BOOST_AUTO_TEST_CASE(leaves_out_only_what_others_meet) {
  for (const H code : licensing::appendix2_codes()) {
    const bool here = std::any_of(std::begin(kRows), std::end(kRows),
                                  [&](const TestRow& row) { return row.code == code; });
    BOOST_TEST_CONTEXT(to_hex(code)) BOOST_TEST(here != is_of_others(code));
  }
}

// "Computers that have an ACPI_SLIC table without a valid Windows marker generate an error when a
// volume edition of Windows Vista is installed."
BOOST_AUTO_TEST_CASE(setup_of_a_volume_edition_reports_firmware_without_a_marker) {
  const struct {
    const char* role;
    Firmware firmware;
    H code;
    const char* news;
  } rows[] = {
      {"kms-client", Firmware::kUnmarked, H::kSlEVlNotWindowsSlp, "8198 0xC004F035; "},
      {"mak", Firmware::kMalformed, H::kSlEVlNotWindowsSlp, "8198 0xC004F035; "},
      {"mak", Firmware::kMarked, H::kSOk, ""},
      {"mak", Firmware::kNone, H::kSOk, ""},
      {"retail", Firmware::kUnmarked, H::kSOk, ""},
      {"oem", Firmware::kUnmarked, H::kSOk, ""},  // has its manufacturer's firmware
  };
  for (const auto& row : rows) {
    Desk desk;
    desk.add(row.role, row.firmware);
    BOOST_TEST(desk.news() == row.news);
    BOOST_TEST(must(desk.machine().setup_error()) == row.code);
  }
}

BOOST_AUTO_TEST_CASE(an_oem_product_follows_its_board) {
  Desk desk;
  desk.add("oem");
  BOOST_TEST((must(desk.machine().firmware()) == Firmware::kMarked));
  must(desk.machine().replace_board(Firmware::kNone));
  BOOST_TEST((must(desk.machine().firmware()) == Firmware::kNone));
  BOOST_TEST(desk.reason() == H::kSlIOotGracePeriod);
  must(desk.world->advance(31 * kDay));
  BOOST_TEST(desk.reason() == H::kSlEOutOfTolerance);
  must(desk.machine().replace_board(Firmware::kMarked));
  BOOST_TEST(desk.reason() == H::kSOk);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world
