// The asset inventory against what the licensing classes of each machine say.
#include "report/inventory.hpp"

#include <map>

#include <boost/test/unit_test.hpp>

#include "report/reports.hpp"
#include "tests/world/kms_lab.hpp"

using namespace slwmi;
using namespace slwmi::report;
using world::test::KmsLab;
using world::test::must;

namespace {

// A lab with something of everything.
struct Office : KmsLab {
  Office() {
    KmsLab::must(activate("PC1"));
    add({.name = "MAK1", .os = "vista-rtm", .role = "mak", .site = "Ulm"});
    add({.name = "SHOP1", .role = "retail"});
    add({.name = "NEW1", .role = "unlicensed"});
    add({.name = "VM1", .os = "2008", .virtual_machine = true});
    KmsLab::must(world->advance(60 * 24));
  }
};

std::map<std::string, Asset> assets(KmsLab& lab) {
  std::map<std::string, Asset> out;
  must(each_asset(*lab.world, [&](const Asset& asset) {
    BOOST_TEST(out.emplace(asset.computer, asset).second, asset.computer);
    return true;
  }));
  return out;
}

std::string text(KmsLab& lab, const std::string& machine, const char* property) {
  const cim::Value value = lab.of_product(machine, property);
  return value.is_null() ? std::string() : std::string(value.as_text());
}

std::string shown(const Table& table) {
  std::string out;
  for (const auto& row : table.rows) {
    for (const Value& value : row) out += to_text(value) + ",";
    out += " ";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inventory_of_a_world)

BOOST_AUTO_TEST_CASE(it_agrees_with_the_licensing_classes_of_every_machine) {
  Office lab;
  const auto all = assets(lab);
  BOOST_TEST(all.size() == must(lab.world->machine_count()));
  for (const auto& [name, asset] : all) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(asset.product == text(lab, name, "Name"));
      BOOST_TEST(asset.description == text(lab, name, "Description"));
      BOOST_TEST(asset.activation_id == text(lab, name, "ID"));
      BOOST_TEST(asset.partial_key == text(lab, name, "PartialProductKey"));
      BOOST_TEST(asset.product_key_id == text(lab, name, "ProductKeyID"));
      BOOST_TEST(static_cast<std::uint32_t>(asset.status.status) == lab.status(name));
      BOOST_TEST(asset.status.remaining ==
                 lab.of_product(name, "GracePeriodRemaining").as_uint32());
      BOOST_TEST(asset.is_kms_host ==
                 (lab.of_service(name, "IsKeyManagementServiceMachine").as_uint32() == 1));
      const cim::Value id = lab.of_service(name, "ClientMachineID");
      if (asset.channel == "VOLUME_KMSCLIENT")
        BOOST_TEST(asset.client_machine_id == (id.is_null() ? "" : std::string(id.as_text())));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_row_has_what_an_administrator_looks_for) {
  Office lab;
  const auto all = assets(lab);
  const Asset& pc = all.at("PC1");
  BOOST_TEST(pc.kms_host == "KMS1.contoso.com:1688");
  BOOST_TEST(!pc.customer_pid.empty());
  BOOST_TEST((pc.status.status == licensing::LicenseStatus::kLicensed));
  const Asset& host = all.at("KMS1");
  BOOST_TEST(host.count.value() == 5u);
  BOOST_TEST(host.kms_port.value() == 1688u);
  BOOST_TEST(all.at("MAK1").site == "Ulm");
  BOOST_TEST(all.at("MAK1").version == "6.0.6000");
  BOOST_TEST(all.at("VM1").virtual_machine);
  BOOST_TEST(all.at("NEW1").partial_key.empty());
  BOOST_TEST(all.at("NEW1").kms_host.empty());

  lab.set("PC1", licensing::paths::kSl, "KeyManagementServiceName", reg::make_sz("kms9"));
  lab.set("PC1", licensing::paths::kSl, "KeyManagementServicePort", reg::make_sz("1700"));
  BOOST_TEST(assets(lab).at("PC1").kms_host == "kms9:1700");

  const Table table = must(inventory(*lab.world));
  BOOST_TEST(table.rows.size() == all.size());
  for (const auto& row : table.rows) BOOST_TEST(row.size() == table.columns.size());
}

BOOST_AUTO_TEST_CASE(an_add_on_has_a_row_of_its_own_once_it_has_a_key) {
  KmsLab lab;
  lab.add({.name = "ULT1", .role = "retail", .edition = "Ultimate"});
  const auto rows = [&] {
    std::string out;
    must(each_asset(*lab.world, [&](const Asset& asset) {
      if (asset.computer == "ULT1")
        out += asset.product + (asset.addon ? " (add-on) " : " ") + asset.partial_key + "; ";
      return true;
    }));
    return out;
  };
  const std::string own = text(lab, "ULT1", "PartialProductKey");
  BOOST_TEST(rows() == "Windows(TM) Vista, Ultimate edition " + own + "; ");
  const std::string extras = lab.key("RETAIL", 2, "Extras", "vista-sp1");
  KmsLab::must(lab.install("ULT1", extras));
  BOOST_TEST(rows() == "Windows(TM) Vista, Ultimate edition " + own +
                           "; Windows(TM) Vista, Extras add-on (add-on) " + extras.substr(24) +
                           "; ");
}

BOOST_AUTO_TEST_CASE(summaries_add_up) {
  Office lab;
  BOOST_TEST(shown(must(summary_of(*lab.world, Summary::kStatus))) ==
             "Initial grace (OOB),7, Licensed,2, Unlicensed,1, ");
  const Table products = must(summary_of(*lab.world, Summary::kProducts));
  std::int64_t computers = 0;
  for (const auto& row : products.rows) computers += std::get<std::int64_t>(row[2]);
  BOOST_TEST(computers == 10);
  BOOST_TEST(shown(must(summary_of(*lab.world, Summary::kExpiration))) ==
             "1 day,0, 7 days,0, 30 days,7, 90 days,0, 180 days,1, later,0, ");
  const Table hosts = must(summary_of(*lab.world, Summary::kKmsHosts));
  BOOST_TEST_REQUIRE(hosts.rows.size() == 1u);
  BOOST_TEST(to_text(hosts.rows[0][0]) == "KMS1");
  BOOST_TEST(to_text(hosts.rows[0][5]) == "5");
}

// Summaries count from the fleet's records, assets are read one by one.
BOOST_AUTO_TEST_CASE(summaries_count_what_the_assets_of_every_machine_say) {
  Office lab;
  lab.add({.name = "MAK2", .os = "2008", .role = "mak"});
  KmsLab::must(lab.install("MAK2", lab.key("VOLUME_MAK", 7)));
  lab.add({.name = "VM2", .os = "2008", .domain = "fabrikam.com"});
  lab.add({.name = "KMS2", .os = "2008", .role = "kms-host"});
  lab.add({.name = "LATER1", .installed = must(lab.world->now()) + days(9)});
  lab.fault(world::net::FaultKind::kClockSkew, "VM*", 31 * 24 * 60);
  KmsLab::must(lab.install("KMS2", lab.key("VOLUME_KMSCLIENT", licensing::kSetupSerial)));
  lab.happened("SRV2", licensing::EventKind::kTampered);
  lab.happened("SRV3", licensing::EventKind::kHardwareChanged);
  for (const int later : {0, 7, 200}) {
    KmsLab::must(lab.world->advance(static_cast<std::uint64_t>(later) * 24 * 60));
    std::map<std::vector<std::string>, int> status, products, hosts;
    int ending = 0;
    must(each_asset(*lab.world, [&](const Asset& asset) {
      ++status[{std::string(state_name(asset.status.status))}];
      ++products[{asset.product, asset.channel}];
      ending += asset.until.ticks != 0 ? 1 : 0;
      if (asset.is_kms_host) ++hosts[{asset.computer}];
      return true;
    }));
    const auto text_of = [](const std::map<std::vector<std::string>, int>& counts) {
      std::string out;
      for (const auto& [names, count] : counts) {
        for (const std::string& name : names) out += name + ",";
        out += std::to_string(count) + ", ";
      }
      return out;
    };
    BOOST_TEST_CONTEXT("after " << later << " days") {
      BOOST_TEST(shown(must(summary_of(*lab.world, Summary::kStatus))) == text_of(status));
      BOOST_TEST(shown(must(summary_of(*lab.world, Summary::kProducts))) == text_of(products));
      std::int64_t told = 0;
      for (const auto& row : must(summary_of(*lab.world, Summary::kExpiration)).rows)
        told += std::get<std::int64_t>(row[1]);
      BOOST_TEST(told == ending);
      const Table table = must(summary_of(*lab.world, Summary::kKmsHosts));
      BOOST_TEST(table.rows.size() == hosts.size());
      for (const auto& row : table.rows) BOOST_TEST(hosts.count({to_text(row[0])}) == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(each_machine_is_judged_by_its_own_clock) {
  Office lab;
  lab.fault(world::net::FaultKind::kClockSkew, "SRV1", 10 * 24 * 60);
  const auto all = assets(lab);
  BOOST_TEST(all.at("SRV1").status.remaining + 10u * 24 * 60 == all.at("SRV2").status.remaining);
  BOOST_TEST(all.at("SRV1").status.remaining ==
             lab.of_product("SRV1", "GracePeriodRemaining").as_uint32());
}

BOOST_AUTO_TEST_CASE(a_sink_stops_it) {
  Office lab;
  int seen = 0;
  must(each_asset(*lab.world, [&](const Asset&) { return ++seen < 3; }));
  BOOST_TEST(seen == 3);
}

BOOST_AUTO_TEST_SUITE_END()
