#include "registry/formats/pol_file.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "registry/hive_view.hpp"
#include "registry/path.hpp"
#include "registry/registry.hpp"

namespace slwmi::reg {
namespace {

const std::string kCases = SLWMI_SOURCE_DIR "/tests/cases/registry_pol/";

Bytes file_bytes(const std::string& name) {
  std::ifstream in(kCases + name, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(in.good(), name);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const ByteSpan bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

nlohmann::json json_file(const std::string& name) {
  std::ifstream in(kCases + name);
  return nlohmann::json::parse(in);
}

PolFile pol(const std::string& name) {
  auto file = read_pol(file_bytes(name));
  BOOST_REQUIRE_MESSAGE(file.has_value(), name);
  return *file;
}

HiveView apply(const std::vector<std::string>& names) {
  std::vector<LayerPtr> layers;
  for (const std::string& name : names) layers.push_back(layer_of(pol(name), KeyId::kLocalMachine));
  return HiveView().with_layers(LayerList::make(layers, 1, {}), 1);
}

// Keys without their own values and with subkeys are passed over, as the cases do.
void collect(const HiveView& view, KeyId key, const std::string& path, nlohmann::json& out) {
  nlohmann::json values = nlohmann::json::object();
  for (const NamedValue& value : view.values(key)) {
    nlohmann::json shown;
    if (value.value.type == ValueType::kDword) {
      shown = *as_dword(value.value);
    } else {
      shown = *as_string(value.value);
    }
    values[std::string(text_of(value.spelling))] = {type_name(value.value.type), shown};
  }
  const auto children = view.subkeys(key);
  const bool in_case = path.rfind("Software\\T", 0) == 0;
  if (in_case) out[path] = values;
  for (const Subkey& child : children) {
    const std::string name(text_of(child.spelling));
    collect(view, child.key, path.empty() ? name : path + "\\" + name, out);
  }
}

// Where the cases say that a file is refused: what the message says and the place.
struct {
  const char* file;
  HResult code;
  std::size_t at;
} const kRefused[] = {
    {"edge/trailing_garbage.pol", HResult::kErrorInvalidData, 76},
    {"edge/truncated_last.pol", HResult::kErrorInvalidData, 74},
    {"edge/version2.pol", HResult::kErrorNotSupported, 4},
    {"edge/lowercase_sig.pol", HResult::kErrorBaddb, 0},
    {"edge/size_overflow.pol", HResult::kErrorInvalidData, 64},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pol_file)

BOOST_AUTO_TEST_CASE(every_edge_file_has_its_verdict) {
  for (const auto& c : json_file("edge/index.json")) {
    const std::string name = c["file"];
    const std::string verdict = c["verdict"];
    BOOST_TEST_CONTEXT(name << ": " << std::string(c["why"])) {
      const Bytes bytes = file_bytes("edge/" + name);
      const auto file = read_pol(bytes);
      if (verdict == "refuse" || verdict == "refuse-skip") {
        BOOST_REQUIRE(!file.has_value());
        BOOST_TEST(file.error().at.has_value());
        BOOST_TEST((file.error().code == HResult::kErrorBaddb) == (verdict == "refuse-skip"));
        continue;
      }
      BOOST_REQUIRE(file.has_value());
      const std::string structure = c["strict_structural"];
      BOOST_TEST("ok " + std::to_string(file->records.size()) == structure);
      BOOST_TEST((write_pol(*file) == bytes));
      if (verdict != "ok") BOOST_TEST(!lint_pol(*file).empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_have_the_offset_of_what_is_wrong) {
  for (const auto& c : kRefused) {
    BOOST_TEST_CONTEXT(c.file) {
      const auto file = read_pol(file_bytes(c.file));
      BOOST_REQUIRE(!file.has_value());
      BOOST_TEST((file.error().code == c.code));
      BOOST_TEST(file.error().at->offset == c.at);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_rule_leaves_exactly_what_it_should) {
  for (const auto& c : json_file("rules/rules_cases.json")) {
    BOOST_TEST_CONTEXT(std::string(c["name"])) {
      const HiveView view =
          apply({"rules/" + std::string(c["base"]), "rules/" + std::string(c["apply"])});
      nlohmann::json there = nlohmann::json::object();
      collect(view, KeyId::kLocalMachine, "", there);
      BOOST_TEST(there.dump() == c["expect"].dump());
      if (c["acl"].is_null()) continue;
      const KeyId key = key_of("HKLM\\" + std::string(c["acl"]["key"]));
      const bool secured = c["acl"]["secured"];
      BOOST_TEST((view.security(key) == (secured ? secure_key() : machine_default())));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_same_rules_hold_over_own_writes_and_over_an_image) {
  const PolFile base = pol("rules/rules_base.pol");
  const std::vector<Op> ops = compile_pol(base, KeyId::kLocalMachine);
  for (const auto& c : json_file("rules/rules_cases.json")) {
    BOOST_TEST_CONTEXT(std::string(c["name"])) {
      const LayerPtr layer =
          layer_of(pol("rules/" + std::string(c["apply"])), KeyId::kLocalMachine);
      const HiveView over_image(Image::make(ops, {}), LayerList::make({layer}, 2, {}), {});
      const HiveView over_own =
          HiveView().after({.ops = ops}, 1).with_layers(LayerList::make({layer}, 2, {}), 2);
      for (const HiveView& view : {over_image, over_own}) {
        nlohmann::json there = nlohmann::json::object();
        collect(view, KeyId::kLocalMachine, "", there);
        BOOST_TEST(there.dump() == c["expect"].dump());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(taking_the_policy_away_uncovers_what_lay_below) {
  const std::vector<Op> ops = compile_pol(pol("rules/rules_base.pol"), KeyId::kLocalMachine);
  const HiveView before = HiveView().after({.ops = ops}, 1);
  nlohmann::json was = nlohmann::json::object();
  collect(before, KeyId::kLocalMachine, "", was);
  for (const auto& c : json_file("rules/rules_cases.json")) {
    BOOST_TEST_CONTEXT(std::string(c["name"])) {
      const LayerPtr layer =
          layer_of(pol("rules/" + std::string(c["apply"])), KeyId::kLocalMachine);
      const HiveView after =
          before.with_layers(LayerList::make({layer}, 2, {}), 2).with_layers(nullptr, 3);
      nlohmann::json is = nlohmann::json::object();
      collect(after, KeyId::kLocalMachine, "", is);
      BOOST_TEST(is.dump() == was.dump());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_guides_settings_arrive) {
  const HiveView view = apply({"edge/licensing_push.pol"});
  const KeyId sl = key_of("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL");
  const auto name = view.find(sl, intern_name("KeyManagementServiceName").id);
  BOOST_REQUIRE(name.has_value());
  BOOST_TEST(as_string(*name).has_value());
  const HiveView removed = apply({"edge/licensing_push.pol", "edge/licensing_remove.pol"});
  BOOST_TEST(!removed.find(sl, intern_name("KeyManagementServiceName").id).has_value());
}

BOOST_AUTO_TEST_CASE(a_full_path_in_delete_keys_means_that_key) {
  const LayerPtr layer = layer_of(pol("edge/deletekeys_full_path.pol"), KeyId::kLocalMachine);
  BOOST_REQUIRE(layer->ops().size() == 1u);
  const std::string path = HiveView().path(layer->ops()[0].key);
  BOOST_TEST(
      path.rfind("HKEY_LOCAL_MACHINE\\SOFTWARE\\POLICIES\\MICROSOFT\\CRYPTOGRAPHY\\POLI", 0) == 0u);
  BOOST_TEST(path.find("SOFTWARE", 30) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_root_in_a_key_is_taken_literally_and_an_empty_component_is_passed_over) {
  BOOST_TEST(
      apply({"edge/hklm_in_key.pol"}).exists(key_of("HKLM\\HKEY_LOCAL_MACHINE\\Software\\X")));
  BOOST_TEST(apply({"edge/leading_backslash.pol"}).exists(key_of("HKLM\\Software\\X")));
}

BOOST_AUTO_TEST_CASE(names_differing_in_case_are_one_value_and_the_last_wins) {
  const PolFile file = pol("edge/case_variants.pol");
  const HiveView view = apply({"edge/case_variants.pol"});
  const auto parts = split_subkey(file.records[0].key);
  const KeyId key = resolve(KeyId::kLocalMachine, *parts);
  BOOST_REQUIRE(view.values(key).size() == 1u);
  BOOST_TEST((as_dword(view.values(key)[0].value) == 2u));
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_a_header) {
  BOOST_TEST(write_pol({}).size() == 8u);
  BOOST_TEST(read_pol(write_pol({}))->records.empty());
}

BOOST_AUTO_TEST_CASE(limits_are_kept) {
  const Bytes bytes = file_bytes("edge/licensing_push.pol");
  BOOST_TEST((read_pol(bytes, {.bytes = 100}).error().code == HResult::kEInvalidarg));
  BOOST_TEST((read_pol(bytes, {.records = 10}).error().code == HResult::kEInvalidarg));
  BOOST_TEST(read_pol(bytes, {.records = 11}).has_value());
}

BOOST_AUTO_TEST_CASE(a_file_cut_anywhere_is_refused_or_ends_between_records) {
  const Bytes bytes = file_bytes("edge/licensing_push.pol");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto file = read_pol(ByteSpan(bytes).first(length));
    if (file) BOOST_TEST(write_pol(*file).size() == length);
    if (!file) BOOST_TEST(file.error().at->offset <= length);
  }
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
  std::mt19937 random(7);
  const char* names[] = {
      "", "v", "a;b", "a][b", "**del.x", "\xED\xA0\x80", "имя", "\xF0\x9F\x98\x80"};
  for (int round = 0; round < 200; ++round) {
    PolFile file;
    for (auto n = random() % 5; n > 0; --n) {
      Bytes data(random() % 40);
      for (std::byte& b : data) b = static_cast<std::byte>(random());
      file.records.push_back({.key = std::string("K\\") + names[random() % 8],
                              .value = names[random() % 8],
                              .data = ValueData(static_cast<ValueType>(random() % 14), data)});
    }
    const auto back = read_pol(write_pol(file));
    BOOST_REQUIRE(back.has_value());
    BOOST_REQUIRE(back->records.size() == file.records.size());
    for (std::size_t i = 0; i < file.records.size(); ++i) {
      BOOST_TEST(back->records[i].key == file.records[i].key);
      BOOST_TEST(back->records[i].value == file.records[i].value);
      BOOST_TEST((back->records[i].data == file.records[i].data));
    }
    BOOST_TEST((write_pol(*back) == write_pol(file)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
