#include "policy/plan.hpp"

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "registry/path.hpp"
#include "registry/registry.hpp"

using namespace slwmi;
using namespace slwmi::policy;

namespace {

constexpr const char* kSl = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
const FileTime kNow{};

Document document_of_text(std::string_view text) {
  const auto document = parse_document(as_bytes(text), "test");
  if (!document) BOOST_FAIL(document.error().message);
  return *document;
}

reg::ImagePtr image() {
  reg::OpBuilder ops;
  const auto path = reg::parse_path(kSl);
  const reg::KeyId key = ops.create_key(reg::KeyId::kLocalMachine, path->components);
  ops.set_value(key, reg::intern_name("VLRenewalInterval").spelling, reg::make_dword(10080));
  ops.set_value(key, reg::intern_name("VLActivationInterval").spelling, reg::make_dword(120));
  static const auto made = reg::Image::make(ops.ops(), kNow);
  return made;
}

reg::HiveView fresh_view() { return reg::HiveView(image(), nullptr, {}, 1); }

reg::HiveView with_own(const reg::HiveView& view, const char* key, const char* value,
                       const reg::ValueData& data, reg::Generation generation) {
  reg::OpBuilder ops;
  const auto path = reg::parse_path(key);
  const reg::KeyId id = ops.create_key(reg::KeyId::kLocalMachine, path->components);
  ops.set_value(id, reg::intern_name(value).spelling, data);
  reg::ChangeSet changes;
  for (const reg::Op& op : ops.ops()) {
    if (op.kind != reg::OpKind::kCreateKey || !view.exists(op.key)) changes.ops.push_back(op);
  }
  return view.after(changes, generation);
}

std::optional<std::uint32_t> number(const reg::HiveView& view, const char* key, const char* value) {
  const auto found = view.find(reg::key_of(key), reg::intern_name(value).id);
  return found ? reg::as_dword(*found) : std::nullopt;
}

// What a world does with a plan: the new list with its stamp, for groups that differ.
void carry_out(const Plan& plan, std::vector<Group>& groups) {
  BOOST_REQUIRE(plan.groups.size() == groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const GroupPlan& planned = plan.groups[i];
    if (!planned.differs()) continue;
    std::vector<reg::LayerPtr> layers;
    for (const Applied& policy : planned.after) layers.push_back(policy.layer);
    const auto list = layers.empty() ? nullptr : reg::LayerList::make(layers, planned.stamp, kNow);
    groups[i].view = groups[i].view.with_layers(list, plan.generation + 1);
    groups[i].policies = planned.after;
  }
}

Plan push(const Document& document, std::vector<Group>& groups, reg::Generation generation) {
  const auto plan = plan_push(document, groups, generation, kNow);
  BOOST_REQUIRE(plan.has_value());
  carry_out(*plan, groups);
  return *plan;
}

Plan take_away(std::string_view name, std::vector<Group>& groups, reg::Generation generation) {
  const auto plan = plan_removal(name, groups, generation, kNow);
  BOOST_REQUIRE(plan.has_value());
  carry_out(*plan, groups);
  return *plan;
}

std::vector<Group> one_group(const reg::HiveView& view = fresh_view()) {
  Group group;
  group.machines = {"PC1", "PC2"};
  group.role = "kms-client";
  group.view = view;
  return {group};
}

Counts counts(std::size_t add, std::size_t change, std::size_t remove, std::size_t unchanged) {
  return {add, change, remove, unchanged};
}

const char* const kTwoDays =
    R"({"policy":"renewal","settings":{"VLRenewalInterval":"2 days","Manual":1},
                                "remove":["VLActivationInterval"]})";

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_plan)

BOOST_AUTO_TEST_CASE(shows_old_and_new_of_each_value) {
  auto groups = one_group();
  const Plan plan = push(document_of_text(kTwoDays), groups, 1);
  BOOST_TEST(plan.machines == 2u);
  BOOST_TEST(plan.machines_changed == 2u);
  BOOST_TEST((plan.counts == counts(2, 2, 2, 0)));
  BOOST_TEST((plan.groups[0].counts == counts(1, 1, 1, 0)));
  BOOST_TEST(to_text(plan) ==
             "Push policy \"renewal\" to 2 machines\n"
             "\n"
             "2 machines (kms-client): PC1, PC2\n"
             "  - VLActivationInterval: REG_DWORD 120 (2 hours) -> (none)\n"
             "  ~ VLRenewalInterval: REG_DWORD 10080 (7 days) -> REG_DWORD 2880 (2 days)\n"
             "  + Manual: (none) -> REG_DWORD 1\n"
             "  ! VLRenewalInterval holds on a client only until its KMS host first answers, whose "
             "own number it takes over then\n"
             "\n"
             "In all: 2 to add, 2 to change, 2 to delete, 0 unchanged; 2 machines of 2 would "
             "change\n");
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 2880u));
}

BOOST_AUTO_TEST_CASE(a_second_push_has_nothing_to_do) {
  auto groups = one_group();
  push(document_of_text(kTwoDays), groups, 1);
  const Plan again = push(document_of_text(kTwoDays), groups, 2);
  BOOST_TEST(!again.differs());
  BOOST_TEST((again.groups[0].counts == counts(0, 0, 0, 3)));
  BOOST_TEST(groups[0].view.layers()->generation() == 2u);
  // Nor when another policy came after it that touches nothing of it.
  push(document_of_text(R"({"policy":"other","settings":{"UserOperations":1}})"), groups, 2);
  BOOST_TEST(!push(document_of_text(kTwoDays), groups, 3).differs());
}

BOOST_AUTO_TEST_CASE(types_are_compared_exactly) {
  auto groups =
      one_group(with_own(fresh_view(), kSl, "KeyManagementServicePort", reg::make_dword(1688), 2));
  const Plan plan =
      push(document_of_text(R"({"policy":"p","settings":{"KeyManagementServicePort":"1688"}})"),
           groups, 2);
  BOOST_REQUIRE(plan.groups[0].differences.size() == 1u);
  BOOST_TEST((plan.groups[0].differences[0].change == Change::kChange));
  BOOST_TEST((plan.groups[0].differences[0].before_source == reg::Source::kOwn));
}

BOOST_AUTO_TEST_CASE(a_value_that_is_there_already_still_gets_the_policy) {
  auto groups = one_group();
  const Plan plan =
      push(document_of_text(R"({"policy":"p","settings":{"VLRenewalInterval":10080}})"), groups, 1);
  BOOST_TEST(plan.differs());
  BOOST_TEST((plan.groups[0].counts == counts(0, 0, 0, 1)));
  BOOST_TEST(groups[0].policies.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_newest_push_wins_and_its_removal_uncovers_the_older) {
  auto groups = one_group();
  push(document_of_text(R"({"policy":"a","settings":{"VLRenewalInterval":"1 day"}})"), groups, 1);
  push(document_of_text(R"({"policy":"b","settings":{"VLRenewalInterval":"2 days"}})"), groups, 2);
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 2880u));
  // Pushed again, the older comes last and wins.
  push(document_of_text(R"({"policy":"A","settings":{"VLRenewalInterval":"1 day"}})"), groups, 3);
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 1440u));
  BOOST_TEST(groups[0].policies.size() == 2u);
  const Plan removal = take_away("a", groups, 4);
  BOOST_TEST((removal.groups[0].counts == counts(0, 1, 0, 0)));
  BOOST_TEST(removal.groups[0].differences[0].policy == "b");
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 2880u));
  take_away("b", groups, 5);
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 10080u));
  BOOST_TEST(groups[0].policies.empty());
  BOOST_TEST(!take_away("b", groups, 6).differs());
}

BOOST_AUTO_TEST_CASE(removal_restores_own_values_and_keeps_newer_ones) {
  auto groups = one_group(with_own(fresh_view(), kSl, "UserOperations", reg::make_dword(0), 2));
  const Document document = document_of_text(
      R"({"policy":"p","settings":{"UserOperations":1,"VLRenewalInterval":"1 day"}})");
  push(document, groups, 2);
  BOOST_TEST((number(groups[0].view, kSl, "UserOperations") == 1u));
  // An administrator's later write wins over the push, and the plan to push again says so.
  groups[0].view = with_own(groups[0].view, kSl, "VLRenewalInterval", reg::make_dword(999), 4);
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 999u));
  const auto drift = plan_push(document, groups, 4, kNow);
  BOOST_TEST((drift->groups[0].counts == counts(0, 1, 0, 1)));
  take_away("p", groups, 4);
  BOOST_TEST((number(groups[0].view, kSl, "UserOperations") == 0u));
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 999u));
}

BOOST_AUTO_TEST_CASE(removing_one_policy_does_not_raise_the_others_over_later_writes) {
  auto groups = one_group();
  push(document_of_text(R"({"policy":"a","settings":{"VLRenewalInterval":"1 day"}})"), groups, 1);
  push(document_of_text(R"({"policy":"b","settings":{"UserOperations":1}})"), groups, 2);
  groups[0].view = with_own(groups[0].view, kSl, "VLRenewalInterval", reg::make_dword(999), 4);
  const Plan removal = take_away("b", groups, 4);
  BOOST_TEST((removal.groups[0].counts == counts(0, 0, 1, 0)));
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 999u));
}

BOOST_AUTO_TEST_CASE(keys_that_go_take_their_values_along) {
  auto groups = one_group(
      with_own(fresh_view(), "HKLM\\SOFTWARE\\Contoso\\Deep", "x", reg::make_dword(7), 2));
  const Plan plan = push(document_of_text(R"({"policy":"p",
      "registry":[{"key":"HKLM\\SOFTWARE\\Made"}, {"key":"HKLM\\SOFTWARE\\Safe","secure":true}],
      "remove":[{"key":"HKLM\\SOFTWARE\\Contoso","what":"key"}]})"),
                         groups, 2);
  BOOST_TEST(to_text(plan).find(
                 "  - HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso\\Deep\\x: REG_DWORD 7 -> (none)\n"
                 "  + HKEY_LOCAL_MACHINE\\SOFTWARE\\Made (key)\n") != std::string::npos);
  BOOST_TEST(to_text(plan).find("~ HKEY_LOCAL_MACHINE\\SOFTWARE\\Safe (security descriptor)\n") !=
             std::string::npos);
  BOOST_TEST(!groups[0].view.exists(reg::key_of("HKLM\\SOFTWARE\\Contoso\\Deep")));
  BOOST_TEST(!push(document_of_text(R"({"policy":"p",
      "registry":[{"key":"HKLM\\SOFTWARE\\Made"}, {"key":"HKLM\\SOFTWARE\\Safe","secure":true}],
      "remove":[{"key":"HKLM\\SOFTWARE\\Contoso","what":"key"}]})"),
                   groups, 3)
                  .differs());
  const Plan removal = take_away("p", groups, 3);
  BOOST_TEST((number(groups[0].view, "HKLM\\SOFTWARE\\Contoso\\Deep", "x") == 7u));
  BOOST_TEST(removal.groups[0].counts.add == 1u);
}

BOOST_AUTO_TEST_CASE(soft_values_give_way) {
  auto groups = one_group();
  const Document document = document_of_text(R"({"policy":"p","registry":[
      {"key":"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL","value":"VLRenewalInterval",
       "type":"REG_DWORD","data":15,"soft":true},
      {"key":"HKLM\\SOFTWARE\\Contoso","value":"New","type":"REG_DWORD","data":1,"soft":true}]})");
  const Plan plan = push(document, groups, 1);
  BOOST_TEST((plan.groups[0].counts == counts(1, 0, 0, 1)));
  BOOST_TEST((number(groups[0].view, kSl, "VLRenewalInterval") == 10080u));
  BOOST_TEST((number(groups[0].view, "HKLM\\SOFTWARE\\Contoso", "New") == 1u));
  BOOST_TEST(!push(document, groups, 2).differs());
}

BOOST_AUTO_TEST_CASE(machines_that_look_alike_are_one_group) {
  const Document document = document_of_text(kTwoDays);
  const auto compiled = compile(document);
  Grouping grouping(compiled->layer);
  const reg::HiveView fresh = fresh_view();
  const reg::HiveView elsewhere =
      with_own(fresh, "HKLM\\SOFTWARE\\Own", "x", reg::make_dword(1), 2);
  const reg::HiveView drifted = with_own(fresh, kSl, "VLRenewalInterval", reg::make_dword(60), 3);
  const reg::HiveView drifted_later =
      with_own(fresh, kSl, "VLRenewalInterval", reg::make_dword(60), 9);
  grouping.add("A", "kms-client", fresh, {});
  grouping.add("B", "kms-client", elsewhere, {});
  grouping.add("C", "kms-host", fresh, {});
  grouping.add("D", "kms-client", drifted, {});
  grouping.add("E", "kms-client", drifted_later, {});
  grouping.add("F", "kms-client", fresh, {});
  const std::vector<Group> groups = grouping.take();
  std::vector<std::string> names;
  for (const Group& group : groups) {
    std::string all;
    for (const std::string& machine : group.machines) all += machine;
    names.push_back(all);
  }
  const std::vector<std::string> expected{"ABF", "C", "DE"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
}

// Pushes, removals and own writes at random: every plan's "after" is what is there after it, values
// nobody planned stay, and a push done twice changes nothing.
BOOST_AUTO_TEST_CASE(always_tells_what_will_be) {
  const char* const kNames[] = {"Manual", "UserOperations", "VLRenewalInterval",
                                "VLActivationInterval", "DisableDnsPublishing"};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::uint64_t draws = 0;
    const auto draw = [&](std::uint64_t bound) {
      return random_below(mix64(seed * 1000 + ++draws), bound);
    };
    auto groups = one_group();
    for (reg::Generation generation = 1; generation < 15; ++generation) {
      const std::string policy(1, static_cast<char>('a' + draw(3)));
      const std::uint64_t action = draw(4);
      if (action == 0) {
        groups[0].view =
            with_own(groups[0].view, kSl, kNames[draw(5)],
                     reg::make_dword(static_cast<std::uint32_t>(draw(2))), generation + 1);
        continue;
      }
      const reg::HiveView before = groups[0].view;
      Plan plan;
      if (action == 1) {
        plan = take_away(policy, groups, generation);
      } else {
        std::vector<NamedText> settings;
        for (const char* name : kNames) {
          if (draw(3) == 0) settings.push_back({name, {draw(2) == 0 ? "1" : "15"}});
        }
        std::erase_if(settings, [](const NamedText& setting) {
          const bool interval = setting.name.substr(0, 2) == "VL";
          return interval != (setting.texts[0] == "15");
        });
        const auto document = make_document(policy, "", settings);
        BOOST_REQUIRE(document.has_value());
        plan = push(*document, groups, generation);
        BOOST_TEST(!plan_push(*document, groups, generation + 1, kNow)->differs());
      }
      for (const char* name : kNames) {
        auto expected =
            before.find(reg::key_of(find_setting(name)->key), find_setting(name)->value_id);
        for (const Difference& difference : plan.groups[0].differences) {
          if (difference.value != name) continue;
          expected = difference.after ? std::optional(difference.after->view()) : std::nullopt;
        }
        const auto found =
            groups[0].view.find(reg::key_of(find_setting(name)->key), find_setting(name)->value_id);
        BOOST_TEST((found == expected));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
