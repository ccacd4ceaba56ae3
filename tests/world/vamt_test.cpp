#include "world/vamt.hpp"

#include <boost/test/unit_test.hpp>

#include "provider/installation_id.hpp"
#include "provider/license.hpp"
#include "provider/product_key.hpp"
#include "tests/provider/printing.hpp"
#include "tests/world/fixture.hpp"
#include "world/net/model.hpp"
#include "world/session.hpp"

namespace slwmi::world {
namespace {

using licensing::ComputerList;
using licensing::KeyState;
using licensing::LicenseStatus;
using licensing::ListedComputer;
using test::must;
using Names = std::vector<std::string>;

// An office with a way to the activation service, and a laboratory that has none. ADMIN1 is in the
// office, LAB0 in the laboratory.
struct Office {
  std::unique_ptr<World> world = must(World::in_memory(7));
  ComputerList list;

  Office() {
    must(world->add_machine({.name = "ADMIN1", .site = "Office"}));
    must(world->add_machine({.name = "LAB0", .site = "Lab"}));
    for (const char* name : {"LAB1", "LAB2", "LAB3"})
      must(world->add_machine({.name = name, .role = "mak", .site = "Lab"}));
    must(world->change_network([](net::Model& model) -> Result<> {
      SL_TRY(net::Site * lab, net::ensure_site(model, "Lab"));
      lab->internet = false;
      model.links.push_back({"Office", "Lab", false, {}});
      return {};
    }));
  }

  Vamt at(std::string_view machine, std::string_view caller = "administrator") {
    return Vamt(must(world->machine(machine)), must(find_principal(caller)));
  }
  std::string mak(std::uint32_t serial = 42) {
    return must(world->product_key("Enterprise", "VOLUME_MAK", serial));
  }
  std::uint64_t used(std::uint32_t serial = 42) {
    return must(world->key_account(mak(serial))).used;
  }
  LicenseStatus status(std::string_view machine) {
    Session session = test::connect(*world, machine);
    const auto rows = must(session.query(
        "SELECT LicenseStatus FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL"));
    return static_cast<LicenseStatus>(rows.at(0).get("LicenseStatus").as_uint32());
  }
};

// "LAB1 0x00000000; LAB2 0x800706BA; ".
std::string codes(const VamtOutcomes& outcomes) {
  std::string out;
  for (const VamtOutcome& outcome : outcomes)
    out += outcome.computer + " " + to_hex(outcome.code) + "; ";
  return out;
}

HResult code_of(const Result<VamtOutcomes>& result) {
  return result ? HResult::kSOk : result.error().code;
}

// Through a file, as the list passes from one tool to the next.
ComputerList carried(const ComputerList& list) {
  ComputerList read = must(licensing::read_computer_list(licensing::write_computer_list(list)));
  BOOST_TEST((read == list));
  return read;
}

BOOST_AUTO_TEST_SUITE(volume_activation_management_tool)

BOOST_AUTO_TEST_CASE(activates_isolated_computers_by_proxy) {
  Office o;
  const Names lab = {"LAB1", "lab2.contoso.com"};
  BOOST_TEST(codes(must(o.at("LAB0").collect(o.list, lab))) ==
             "LAB1 0x00000000; LAB2 0x00000000; ");
  BOOST_TEST_REQUIRE(o.list.computers.size() == 2u);
  BOOST_TEST(o.list.computers[1].name == "LAB2");
  BOOST_TEST(o.list.computers[1].domain == "contoso.com");
  BOOST_TEST(o.list.computers[0].version == "6.0.6001.18000");
  BOOST_TEST(codes(must(o.at("LAB0").install_key(o.list, o.mak(), {}))) ==
             "LAB1 0x00000000; LAB2 0x00000000; ");
  BOOST_TEST_REQUIRE(o.list.keys.size() == 1u);
  BOOST_TEST(o.list.keys[0].text == o.mak());
  // The laboratory has no way to the service, for itself or in a tool's place.
  BOOST_TEST(code_of(o.at("LAB0").confirm(o.list, {})) == HResult::kErrorInternetNameNotResolved);
  BOOST_TEST(codes(must(o.at("LAB0").activate(o.list, {}))) ==
             "LAB1 0x80072EE7; LAB2 0x80072EE7; ");

  ComputerList office = carried(o.list);
  BOOST_TEST(codes(must(o.at("ADMIN1").confirm(office, {}))) ==
             "LAB1 0x00000000; LAB2 0x00000000; ");
  BOOST_TEST(o.used() == 2u);
  BOOST_TEST(codes(must(o.at("ADMIN1").apply(office, {}))) == "LAB1 0x800706BA; LAB2 0x800706BA; ");
  BOOST_TEST((o.status("LAB1") == LicenseStatus::kOobGrace));

  ComputerList back = carried(office);
  BOOST_TEST(codes(must(o.at("LAB0").apply(back, {}))) == "LAB1 0x00000000; LAB2 0x00000000; ");
  for (const char* name : {"LAB1", "LAB2"})
    BOOST_TEST((o.status(name) == LicenseStatus::kLicensed));
  const licensing::ListedProduct& product = back.computers[0].products[0];
  BOOST_TEST((product.status == LicenseStatus::kLicensed));
  BOOST_TEST((product.applied == must(o.world->now())));
  // Once more: nothing is asked, nothing counted, nothing changed.
  const std::string digest = must(o.world->digest());
  BOOST_TEST(codes(must(o.at("ADMIN1").confirm(back, {}))) == "LAB1 0x00000000; LAB2 0x00000000; ");
  const VamtOutcomes again = must(o.at("LAB0").apply(back, {}));
  BOOST_TEST(again.at(0).text == "has had its confirmation ID");
  BOOST_TEST(o.used() == 2u);
  BOOST_TEST(must(o.world->digest()) == digest);
}

BOOST_AUTO_TEST_CASE(activates_computers_that_reach_the_service_themselves) {
  Office o;
  must(o.world->add_machine({.name = "PC1", .role = "mak", .site = "Office"}));
  const Names pc = {"PC1"};
  must(o.at("ADMIN1").collect(o.list, pc));
  must(o.at("ADMIN1").install_key(o.list, o.mak(), {}));
  BOOST_TEST(codes(must(o.at("ADMIN1").activate(o.list, {}))) == "PC1 0x00000000; ");
  BOOST_TEST((o.list.computers[0].products[0].status == LicenseStatus::kLicensed));
  BOOST_TEST(o.used() == 1u);
  BOOST_TEST(must(o.at("ADMIN1").activate(o.list, {})).at(0).text == "was activated before");
  BOOST_TEST(o.used() == 1u);
  // By telephone nothing is left to do.
  BOOST_TEST(must(o.at("ADMIN1").confirm(o.list, {})).at(0).text == "was activated before");
  BOOST_TEST(must(o.at("ADMIN1").apply(o.list, {})).at(0).text == "has no confirmation ID");
}

BOOST_AUTO_TEST_CASE(asks_what_is_left_of_the_keys) {
  Office o;
  must(o.at("LAB0").collect(o.list, Names{"LAB1", "LAB2"}));
  must(o.at("LAB0").install_key(o.list, o.mak(), {}));
  BOOST_TEST(code_of(o.at("LAB0").query_keys(o.list)) == HResult::kErrorInternetNameNotResolved);
  must(o.at("ADMIN1").query_keys(o.list));
  BOOST_TEST(o.list.keys[0].remaining == 50u);
  must(o.at("ADMIN1").confirm(o.list, {}));
  must(o.world->extend_key(o.mak(), 10));
  must(o.at("ADMIN1").query_keys(o.list));
  BOOST_TEST(o.list.keys[0].remaining == 58u);
  BOOST_TEST(o.list.keys[0].limit == 60u);
  must(o.world->set_key_state(o.mak(), KeyState::kDynamicallyBlocked));
  const VamtOutcomes asked = must(o.at("ADMIN1").query_keys(o.list));
  BOOST_TEST(to_hex(asked.at(0).code) == "0xC004C060");
  BOOST_TEST((carried(o.list).keys[0].state == asked.at(0).code));
}

BOOST_AUTO_TEST_CASE(stops_at_the_key_s_limit_and_goes_on_after_an_extension) {
  Office o;
  must(o.at("LAB0").collect(o.list, Names{"LAB1", "LAB2", "LAB3"}));
  must(o.at("LAB0").install_key(o.list, o.mak(), {}));
  // 48 other computers have used the key.
  for (std::uint64_t hardware = 1; hardware <= 48; ++hardware) {
    const auto key = must(licensing::parse_product_key(o.mak()));
    must(o.world->confirmation_id(licensing::installation_id({key, hardware}, o.world->seed())));
  }
  BOOST_TEST(codes(must(o.at("ADMIN1").confirm(o.list, {}))) ==
             "LAB1 0x00000000; LAB2 0x00000000; LAB3 0xC004C020; ");
  BOOST_TEST(to_hex(o.list.computers[2].result) == "0xC004C020");
  must(o.world->extend_key(o.mak(), 1));
  BOOST_TEST(must(o.at("ADMIN1").confirm(o.list, {})).at(2).text == "got its confirmation ID");
  must(o.world->add_machine({.name = "LAB4", .role = "mak", .site = "Lab"}));
  must(o.at("LAB0").collect(o.list, Names{"LAB4"}));
  must(o.at("LAB0").install_key(o.list, o.mak(), Names{"LAB4"}));
  BOOST_TEST(codes(must(o.at("ADMIN1").confirm(o.list, Names{"LAB4"}))) == "LAB4 0xC004C021; ");
}

BOOST_AUTO_TEST_CASE(refuses_confirmation_ids_of_what_has_changed) {
  Office o;
  must(o.at("LAB0").collect(o.list, Names{"LAB1", "LAB2", "LAB3"}));
  must(o.at("LAB0").install_key(o.list, o.mak(), {}));
  must(o.at("ADMIN1").confirm(o.list, {}));
  licensing::Event changed;
  changed.kind = licensing::EventKind::kHardwareChanged;
  must(must(o.world->machine("LAB1")).happened(changed));
  must(o.world->remove_machine("LAB2"));
  const ComputerList before = o.list;
  BOOST_TEST(codes(must(o.at("LAB0").apply(o.list, {}))) ==
             "LAB1 0xC004F031; LAB2 0x800706BA; LAB3 0x00000000; ");
  BOOST_TEST((o.status("LAB1") == LicenseStatus::kOobGrace));
  BOOST_TEST((o.status("LAB3") == LicenseStatus::kLicensed));
  for (const std::size_t i : {0u, 1u})
    BOOST_TEST((o.list.computers[i].products == before.computers[i].products));
  // Collected again it has another installation ID, and no confirmation ID.
  const VamtOutcomes again = must(o.at("LAB0").collect(o.list, Names{"LAB1"}));
  BOOST_TEST(again.at(0).text.find("dropped") != std::string::npos);
  BOOST_TEST(o.list.computers[0].products[0].confirmation_id.empty());
  must(o.at("ADMIN1").confirm(o.list, Names{"LAB1"}));
  BOOST_TEST(codes(must(o.at("LAB0").apply(o.list, Names{"LAB1"}))) == "LAB1 0x00000000; ");
  // An activation that a reset undid comes back by the same confirmation ID.
  must(must(o.world->machine("LAB3")).generalize());
  BOOST_TEST((o.status("LAB3") == LicenseStatus::kOobGrace));
  BOOST_TEST(must(o.at("LAB0").apply(o.list, Names{"LAB3"})).at(0).text == "is activated");
}

BOOST_AUTO_TEST_CASE(needs_a_way_and_rights) {
  Office o;
  const Names lab = {"LAB1"};
  BOOST_TEST(codes(must(o.at("ADMIN1").collect(o.list, lab))) == "LAB1 0x800706BA; ");
  BOOST_TEST(o.list.computers[0].products.empty());
  BOOST_TEST((o.list.computers[0].collected == FileTime{}));
  BOOST_TEST((carried(o.list) == o.list));
  BOOST_TEST(codes(must(o.at("LAB0", "standard").collect(o.list, lab))) == "LAB1 0x80070005; ");
  Vamt as_other(must(o.world->machine("LAB0")), must(find_principal("standard")), "administrator",
                "any");
  BOOST_TEST(codes(must(as_other.collect(o.list, lab))) == "LAB1 0x00000000; ");
  // What is known stays when a computer does not answer.
  const auto products = o.list.computers[0].products;
  BOOST_TEST(products.size() == 1u);
  must(o.at("ADMIN1").collect(o.list, {}));
  BOOST_TEST((o.list.computers[0].products == products));
  BOOST_TEST(to_hex(o.list.computers[0].result) == "0x800706BA");
}

BOOST_AUTO_TEST_CASE(does_nothing_at_all_for_names_and_keys_that_are_wrong) {
  Office o;
  must(o.at("LAB0").collect(o.list, Names{"LAB1"}));
  const ComputerList before = o.list;
  const std::string digest = must(o.world->digest());
  Vamt vamt = o.at("LAB0");
  BOOST_TEST(code_of(vamt.apply(o.list, Names{"LAB1", "LAB9"})) == HResult::kErrorNotFound);
  BOOST_TEST(code_of(vamt.activate(o.list, Names{"lab1.fabrikam.com"})) == HResult::kErrorNotFound);
  BOOST_TEST(code_of(vamt.collect(o.list, Names{"LAB2", "lab2"})) == HResult::kEInvalidarg);
  BOOST_TEST(code_of(vamt.collect(o.list, Names{"LAB1", "LAB1.contoso.com"})) ==
             HResult::kEInvalidarg);
  BOOST_TEST(code_of(vamt.collect(o.list, Names{"LAB 2"})) == HResult::kErrorInvalidName);
  BOOST_TEST(code_of(vamt.install_key(o.list, "hello", {})) == HResult::kSlEInvalidProductKey);
  BOOST_TEST(code_of(vamt.install_key(
                 o.list, must(o.world->product_key("Enterprise", "VOLUME_KMS", 2)), {})) ==
             HResult::kErrorNotSupported);
  BOOST_TEST((o.list == before));
  BOOST_TEST(must(o.world->digest()) == digest);
}

BOOST_AUTO_TEST_CASE(reports_a_key_that_a_computer_does_not_take) {
  Office o;
  must(o.world->add_machine({.name = "LABS", .os = "2008", .role = "mak", .site = "Lab"}));
  must(o.at("LAB0").collect(o.list, Names{"LAB1", "LABS"}));
  const VamtOutcomes done = must(o.at("LAB0").install_key(o.list, o.mak(), {}));
  BOOST_TEST(codes(done) == "LAB1 0x00000000; LABS 0xC004F066; ");
  // A KMS client has nothing to telephone about.
  must(o.at("LAB0").collect(o.list, Names{"LAB0"}));
  BOOST_TEST(must(o.at("ADMIN1").confirm(o.list, Names{"LAB0"})).at(0).text ==
             "is not activated by telephone");
}

BOOST_AUTO_TEST_CASE(takes_many_computers_at_once) {
  Office o;
  std::vector<MachineSpec> specs;
  Names names;
  for (int i = 100; i < 300; ++i) {
    names.push_back("M" + std::to_string(i));
    specs.push_back({.name = names.back(), .role = "mak", .site = "Lab"});
  }
  must(o.world->add_machines(specs));
  must(o.world->extend_key(o.mak(), 200));
  must(o.at("LAB0").collect(o.list, names));
  must(o.at("LAB0").install_key(o.list, o.mak(), {}));
  const std::uint64_t generation = must(o.world->generation());
  must(o.at("ADMIN1").confirm(o.list, {}));
  BOOST_TEST(must(o.world->generation()) == generation + 1);  // one commit for all of them
  must(o.at("LAB0").apply(o.list, {}));
  for (const ListedComputer& computer : carried(o.list).computers)
    BOOST_TEST((computer.products.at(0).status == LicenseStatus::kLicensed));
  BOOST_TEST(o.used() == 200u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::world
