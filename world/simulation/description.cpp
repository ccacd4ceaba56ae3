#include "world/simulation/description.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "policy/targeting.hpp"
#include "world/simulation/description_network.hpp"
#include "world/simulation/description_references.hpp"
#include "world/simulation/members.hpp"

namespace slwmi::world::simulation {
namespace {

constexpr CivilTime kUsualStart{2008, 3, 1, 0, 0, 0, 0};
constexpr std::uint32_t kMostOfGroup = 10'000'000;

// What is done, by ActionKind, and what it needs or can have beside `at`, `do` and `machines`.
struct Deed {
  std::string_view name;
  std::array<std::string_view, 2> needs = {};
  std::array<std::string_view, 2> takes = {};
};
constexpr std::array<Deed, 13> kDeeds = {{
    {"restart"},
    {"rearm"},
    {"generalize"},
    {"activate"},
    {"change-hardware"},
    {"mark-non-genuine"},
    {"tamper"},
    {"install-key", {"edition", "channel"}, {"serial"}},
    {"rename", {"to"}},
    {"move", {}, {"to", "site"}},
    {"remove"},
    {"push", {"document"}},
    {"withdraw", {"policy"}},
}};

Result<> read_targets(std::string& out, const Spot& spot) {
  SL_CHECK(read_text(out, spot));
  const auto targets = policy::parse_targets(out);
  if (!targets) return wrong(spot, "names no machines: " + targets.error().message);
  if (targets->filter) return wrong(spot, "has a WMI filter, which selects no machines here");
  return {};
}

// A policy document is an object of its own, whose errors have places of their own.
Result<policy::Document> document_of(const Spot& spot) {
  if (spot.node.shape != policy::Node::Shape::kObject) return wrong(spot, "is not an object");
  policy::Reading reading = policy::read_document(spot.node, spot.path);
  if (reading.document) return *std::move(reading.document);
  policy::Findings errors;
  std::copy_if(reading.findings.begin(), reading.findings.end(), std::back_inserter(errors),
               [](const policy::Finding& f) { return f.severity == policy::Severity::kError; });
  Error error = policy::to_error(errors, {});
  if (errors.size() == 1) {  // its place is told once
    const policy::Finding& only = errors.front();
    error.message = (only.place.path.empty() ? "" : only.place.path + ": ") + only.message;
  }
  error.code = HResult::kErrorInvalidData;
  error.message = spot.path + " is no policy: " + error.message;
  return fail(std::move(error));
}

// A name that a machine, a domain or a site can have.
Result<> check_name(const Result<>& checked, const Spot& spot) {
  return checked ? Result<>{} : wrong(spot, "is wrong: " + checked.error().message);
}

// --- images and machines

constexpr Member<Image> kImageMembers[] = {
    {"name", [](Image& out, const Spot& s) { return read_text(out.name, s); }},
    {"generalized", [](Image& out, const Spot& s) { return read_flag(out.generalized, s); }},
    {"age", [](Image& out, const Spot& s) { return read_duration(out.age, s); }},
};

constexpr Member<Group> kGroupMembers[] = {
    {"name", [](Group& out, const Spot& s) { return read_text(out.name, s); }},
    {"count", [](Group& out, const Spot& s) { return read_number(out.count, s, 1, kMostOfGroup); }},
    {"first", [](Group& out, const Spot& s) { return read_number(out.first, s, 0, kMostOfGroup); }},
    {"os", [](Group& out, const Spot& s) { return read_text(out.spec.os, s); }},
    {"role", [](Group& out, const Spot& s) { return read_text(out.spec.role, s); }},
    {"edition", [](Group& out, const Spot& s) { return read_text(out.spec.edition, s); }},
    {"domain", [](Group& out, const Spot& s) { return read_text(out.spec.domain, s); }},
    {"site", [](Group& out, const Spot& s) { return read_text(out.spec.site, s); }},
    {"virtual", [](Group& out, const Spot& s) { return read_flag(out.spec.virtual_machine, s); }},
    {"slic", [](Group& out, const Spot& s) { return read_flag(out.spec.slic_table, s); }},
    {"marker", [](Group& out, const Spot& s) { return read_flag(out.spec.windows_marker, s); }},
    {"upgraded", [](Group& out, const Spot& s) { return read_flag(out.spec.upgraded, s); }},
    {"x64", [](Group& out, const Spot& s) { return read_flag(out.spec.x64, s); }},
    {"image", [](Group& out, const Spot& s) { return read_text(out.image, s); }},
    {"start", [](Group& out, const Spot& s) { return read_duration(out.start, s); }},
    {"spread", [](Group& out, const Spot& s) { return read_duration(out.spread, s); }},
};

// One run of # at most, and one where there are several machines.
Result<> check_group(const Description& description, const Group& group, const Spot& spot) {
  const std::size_t first = group.name.find('#');
  const std::size_t end = group.name.find_first_not_of('#', first);
  if (group.name.empty()) return wrong(spot, "has no 'name'");
  if (first != std::string::npos && end != std::string::npos &&
      group.name.find('#', end) != std::string::npos)
    return wrong(spot, "has two runs of # in its 'name'");
  if (first == std::string::npos && group.count > 1)
    return wrong(spot, "has several machines and no # in its 'name'");
  if (!group.image.empty() && description.find_image(group.image) == nullptr)
    return wrong(spot, "names an 'image' that is not described: " + group.image);
  return {};
}

// --- policies and actions

constexpr Member<Push> kPushMembers[] = {
    {"machines", [](Push& out, const Spot& s) { return read_targets(out.machines, s); }},
    {"document",
     [](Push& out, const Spot& s) -> Result<> {
       SL_TRY(out.document, document_of(s));
       return {};
     }},
};

constexpr Member<Action> kActionMembers[] = {
    {"at", [](Action& out, const Spot& s) { return read_duration(out.at, s); }},
    {"do",
     [](Action& out, const Spot& s) -> Result<> {
       std::string name;
       SL_CHECK(read_text(name, s));
       const auto found = std::find_if(kDeeds.begin(), kDeeds.end(),
                                       [&](const Deed& deed) { return deed.name == name; });
       if (found == kDeeds.end()) {
         std::string known;
         for (const Deed& deed : kDeeds)
           known += (known.empty() ? "" : ", ") + std::string(deed.name);
         return wrong(s, "is nothing that can be done; known are " + known);
       }
       out.kind = static_cast<ActionKind>(found - kDeeds.begin());
       return {};
     }},
    {"machines", [](Action& out, const Spot& s) { return read_targets(out.machines, s); }},
    {"to", [](Action& out, const Spot& s) { return read_text(out.to, s); }},
    {"site", [](Action& out, const Spot& s) { return read_text(out.site, s); }},
    {"edition", [](Action& out, const Spot& s) { return read_text(out.edition, s); }},
    {"channel", [](Action& out, const Spot& s) { return read_text(out.channel, s); }},
    {"serial", [](Action& out, const Spot& s) { return read_number(out.serial, s, 1); }},
    {"policy", [](Action& out, const Spot& s) { return read_text(out.policy, s); }},
    {"document",
     [](Action& out, const Spot& s) -> Result<> {
       SL_TRY(policy::Document document, document_of(s));
       out.document.push_back(std::move(document));
       return {};
     }},
};

Result<> check_action(const Action& action, const Spot& spot) {
  if (!member_of(spot, "at") || !member_of(spot, "do"))
    return wrong(spot, "needs 'at', a time after the start, and 'do'");
  const Deed& deed = kDeeds[static_cast<std::size_t>(action.kind)];
  std::vector<std::string_view> known = {"at", "do", "machines"};
  for (const auto& members : {deed.needs, deed.takes})
    std::copy_if(members.begin(), members.end(), std::back_inserter(known),
                 [](std::string_view member) { return !member.empty(); });
  SL_CHECK(check_members(spot, known));
  for (const std::string_view need : deed.needs)
    if (!need.empty() && !member_of(spot, need))
      return wrong(spot, "needs '" + std::string(need) + "'");
  const auto to = member_of(spot, "to");
  if (action.kind == ActionKind::kRename) return check_name(check_machine_name(action.to), *to);
  if (action.kind != ActionKind::kMove) return {};
  const auto site = member_of(spot, "site");
  if (!to && !site) return wrong(spot, "needs 'to', a domain, or 'site'");
  if (!action.to.empty()) SL_CHECK(check_name(net::check_dns_name(action.to, "a domain"), *to));
  if (!action.site.empty()) SL_CHECK(check_name(net::check_site_name(action.site), *site));
  return {};
}

// --- the whole

template <class T, std::size_t kCount, class Check>
Result<> read_list(std::vector<T>& out, const Spot& spot, const Member<T> (&members)[kCount],
                   Check check) {
  SL_TRY(const std::vector<Spot> elements, elements_of(spot));
  for (const Spot& element : elements) {
    T one;
    SL_CHECK(read_members(one, element, members));
    SL_CHECK(check(one, element));
    if constexpr (requires { one.place; }) one.place = {element.node.at, element.path};
    out.push_back(std::move(one));
  }
  return {};
}

constexpr auto kAnything = [](const auto&, const Spot&) -> Result<> { return {}; };

Result<> check_end(const Description& description, const Spot& spot) {
  const FileTime end = description.start + minutes(static_cast<std::int64_t>(description.duration));
  if (end > kMaxFileTime || end < description.start)
    return wrong(spot, "ends after the last time there is");
  return {};
}

constexpr Member<Description> kMembers[] = {
    {"world", [](Description& out, const Spot& s) { return read_text(out.name, s); }},
    {"seed", [](Description& out, const Spot& s) { return read_number(out.seed, s, 0); }},
    {"start",
     [](Description& out, const Spot& s) -> Result<> {
       std::string text;
       SL_CHECK(read_text(text, s));
       const auto time = parse_iso8601(text);
       if (!time) return wrong(s, "is no time, such as 2008-03-01T08:00");
       out.start = *time;
       return {};
     }},
    {"duration",
     [](Description& out, const Spot& s) -> Result<> {
       SL_CHECK(read_duration(out.duration, s));
       return check_end(out, s);
     }},
    {"sample", [](Description& out, const Spot& s) { return read_duration(out.sample, s); }},
    {"checkpoint",
     [](Description& out, const Spot& s) { return read_duration(out.checkpoint, s); }},
    {"images",
     [](Description& out, const Spot& s) {
       return read_list(out.images, s, kImageMembers,
                        [&out](const Image& image, const Spot& element) -> Result<> {
                          if (image.name.empty()) return wrong(element, "has no 'name'");
                          if (out.find_image(image.name) != nullptr)
                            return wrong(element, "is described already: " + image.name);
                          return {};
                        });
     }},
    {"machines", [](Description& out,
                    const Spot& s) { return read_list(out.groups, s, kGroupMembers, kAnything); }},
    {"policies",
     [](Description& out, const Spot& s) {
       return read_list(out.policies, s, kPushMembers,
                        [](const Push& push, const Spot& element) -> Result<> {
                          if (push.document.name.empty())
                            return wrong(element, "has no 'document'");
                          return {};
                        });
     }},
    {"network",
     [](Description& out, const Spot& s) -> Result<> {
       SL_TRY(out.network, read_network(s, out.start));
       return {};
     }},
    {"actions",
     [](Description& out, const Spot& s) {
       return read_list(out.actions, s, kActionMembers, check_action);
     }},
};

}  // namespace

std::string_view name_of(ActionKind kind) { return kDeeds[static_cast<std::size_t>(kind)].name; }

std::uint64_t Description::machine_count() const {
  std::uint64_t count = 0;
  for (const Group& group : groups) count += group.count;
  return count;
}

const Image* Description::find_image(std::string_view image) const {
  for (const Image& known : images)
    if (equal_ignore_case(known.name, image)) return &known;
  return nullptr;
}

std::string machine_name(const Group& group, std::uint32_t number) {
  const std::size_t first = group.name.find('#');
  if (first == std::string::npos) return group.name;
  const std::size_t end = std::min(group.name.find_first_not_of('#', first), group.name.size());
  std::string digits = std::to_string(number);
  if (digits.size() < end - first) digits.insert(0, end - first - digits.size(), '0');
  return group.name.substr(0, first) + digits + group.name.substr(end);
}

Result<Description> read_description(ByteSpan bytes, const DescriptionLimits& limits) {
  const policy::Syntax syntax = policy::syntax_of(bytes);
  if (syntax == policy::Syntax::kPol)
    return fail(HResult::kErrorInvalidData, "a Registry.pol describes no world");
  std::string_view text = as_text(bytes);
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.substr(0, kMark.size()) == kMark) text.remove_prefix(kMark.size());
  SL_TRY(policy::Node root, policy::read_tree(text, syntax, limits.text));
  // The start comes first, wherever it stands: other times count from it.
  std::stable_partition(root.children.begin(), root.children.end(),
                        [](const policy::Node& child) { return child.name == "start"; });
  Description out;
  out.start = from_civil(kUsualStart).value_or(FileTime{});
  const Spot whole{root, ""};
  SL_CHECK(read_members(out, whole, kMembers));
  SourcePos machines;
  for (const policy::Node& child : root.children) {
    const Spot spot{child, child.name};
    if (child.name == "machines") {
      machines = child.at;
      SL_TRY(const std::vector<Spot> elements, elements_of(spot));
      for (std::size_t i = 0; i < elements.size(); ++i)
        SL_CHECK(check_group(out, out.groups[i], elements[i]));
    }
    if (child.name == "sample" && out.sample == 0) return wrong(spot, "is no time at all");
    if (child.name == "checkpoint" && out.checkpoint == 0) return wrong(spot, "is no time at all");
  }
  SL_CHECK(check_end(out, whole));
  if (out.groups.empty()) return wrong(whole, "has no 'machines'");
  if (out.machine_count() > limits.machines) {
    return fail(HResult::kEInvalidarg,
                "the description has " + std::to_string(out.machine_count()) +
                    " machines; the limit is " + std::to_string(limits.machines),
                machines);
  }
  SL_CHECK(check_references(out, root));
  std::stable_sort(out.actions.begin(), out.actions.end(),
                   [](const Action& a, const Action& b) { return a.at < b.at; });
  return out;
}

}  // namespace slwmi::world::simulation
