#include "world/simulation/description_references.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "policy/targeting.hpp"
#include "world/net/dns.hpp"
#include "world/simulation/members.hpp"

namespace slwmi::world::simulation {
namespace {

using Names = std::set<std::string, IgnoreCaseLess>;

bool has(const Names& names, std::string_view pattern) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return policy::matches_pattern(pattern, name);
  });
}

// The number with which a machine of the group could have this name.
std::optional<std::uint64_t> number_of(const Group& group, std::string_view name) {
  const std::size_t begin = std::min(group.name.find('#'), group.name.size());
  const std::size_t end = std::min(group.name.find_first_not_of('#', begin), group.name.size());
  const std::size_t around = begin + group.name.size() - end;
  if (name.size() <= around) return std::nullopt;
  return parse_unsigned(name.substr(begin, name.size() - around));
}

bool has(const Group& group, std::string_view pattern) {
  std::uint32_t first = group.first, last = group.first + group.count - 1;
  if (group.count > 1 && pattern.find_first_of("*?") == std::string_view::npos) {
    const auto number = number_of(group, pattern);  // descriptions made by programs name many
    if (!number || *number < first || *number > last) return false;
    first = last = static_cast<std::uint32_t>(*number);
  }
  for (std::uint32_t number = first; number <= last; ++number) {
    if (policy::matches_pattern(pattern, machine_name(group, number))) return true;
  }
  return false;
}

class References {
 public:
  explicit References(const Description& description) : description_(description) {
    for (const Group& group : description.groups) {
      roles_.insert(group.spec.role);
      versions_.insert(group.spec.os);
      sites_.insert(group.spec.site);
      domains_.insert(group.spec.domain);
    }
    for (const Action& action : description.actions) {
      if (action.kind == ActionKind::kRename) new_names_.insert(action.to);
      if (action.kind == ActionKind::kMove) domains_.insert(action.to);
      sites_.insert(action.site);
    }
    for (const net::Site& site : description.network.sites) sites_.insert(site.name);
    sites_.emplace(net::kDefaultSite);
    sites_.erase("");
    domains_.erase("");
  }

  Result<> check(const Spot& whole) const {
    SL_CHECK(each(member_of(whole, "policies"), [&](const Spot& push) { return targets(push); }));
    SL_CHECK(actions(member_of(whole, "actions")));
    const Found network = member_of(whole, "network");
    if (!network) return {};
    SL_CHECK(zones(*network));
    SL_CHECK(each(member_of(*network, "links"), [&](const Spot& link) { return ends(link); }));
    const auto machines = [&](const Spot& rule) -> Result<> {
      SL_CHECK(match(member_of(rule, "who")));
      return match(member_of(rule, "at"));
    };
    SL_CHECK(each(member_of(*network, "ports"), machines));
    return each(member_of(*network, "faults"), machines);
  }

 private:
  using Found = std::optional<Spot>;

  template <class Check>
  static Result<> each(const Found& list, Check check) {
    if (!list) return {};
    SL_TRY(const std::vector<Spot> elements, elements_of(*list));
    for (const Spot& element : elements) SL_CHECK(check(element));
    return {};
  }

  static Result<> known(bool is_known, const Spot& spot, std::string_view what,
                        std::string_view pattern) {
    if (is_known) return {};
    return wrong(spot, "names no " + std::string(what) + " of the description: \"" +
                           std::string(pattern) + "\"");
  }
  Result<> machine(const Spot& spot, std::string_view pattern) const {
    const auto& groups = description_.groups;
    const auto in_group = [&](const Group& group) { return has(group, pattern); };
    return known(has(new_names_, pattern) || std::any_of(groups.begin(), groups.end(), in_group),
                 spot, "machine", pattern);
  }

  // The member `machines` of a policy or a deed.
  Result<> targets(const Spot& of) const {
    const Found spot = member_of(of, "machines");
    if (!spot) return {};
    SL_TRY(const policy::TargetSet set, policy::parse_targets(spot->node.text));
    for (const auto* patterns : {&set.include, &set.exclude})
      for (const std::string& pattern : *patterns) SL_CHECK(machine(*spot, pattern));
    for (const std::string& role : set.roles)
      SL_CHECK(known(roles_.contains(role), *spot, "role", role));
    for (const std::string& os : set.versions)
      SL_CHECK(known(versions_.contains(os), *spot, "operating system", os));
    return {};
  }

  // A pattern, or several with '|' between them, of machines that a rule of the network is for.
  template <class Check>
  static Result<> alternatives(std::string_view patterns, Check check) {
    while (!patterns.empty()) {
      const std::size_t bar = std::min(patterns.find('|'), patterns.size());
      SL_CHECK(check(patterns.substr(0, bar)));
      patterns.remove_prefix(std::min(bar + 1, patterns.size()));
    }
    return {};
  }
  Result<> match(const Found& spot) const {
    if (!spot) return {};
    SL_TRY(const net::Match match, net::parse_match(spot->node.text));
    SL_CHECK(alternatives(match.name, [&](auto pattern) { return machine(*spot, pattern); }));
    struct Part {
      const std::string& patterns;
      const Names& names;
      std::string_view what;
    };
    const Part parts[] = {{match.site, sites_, "site"},
                          {match.domain, domains_, "domain"},
                          {match.role, roles_, "role"}};
    for (const Part& part : parts) {
      SL_CHECK(alternatives(part.patterns, [&](auto pattern) {
        return known(has(part.names, pattern), *spot, part.what, pattern);
      }));
    }
    return {};
  }
  Result<> ends(const Spot& link) const {
    for (const char* end : {"a", "b"}) {
      const Spot spot = *member_of(link, end);
      SL_CHECK(known(has(sites_, spot.node.text), spot, "site", spot.node.text));
    }
    return {};
  }

  Result<> actions(const Found& list) const {
    std::size_t i = 0;
    return each(list, [&](const Spot& spot) -> Result<> {
      const Action& action = description_.actions[i++];
      if (action.at >= description_.duration)
        return wrong(*member_of(spot, "at"), "is never done: the simulated time ends before");
      SL_CHECK(targets(spot));
      if (action.kind == ActionKind::kWithdraw && !is_pushed_before(action))
        return wrong(*member_of(spot, "policy"), "names no policy that was pushed before");
      return {};
    });
  }
  bool is_pushed_before(const Action& withdrawal) const {
    const auto& policies = description_.policies;
    const auto& actions = description_.actions;
    const auto is_it = [&](const policy::Document& document) {
      return equal_ignore_case(document.name, withdrawal.policy);
    };
    return std::any_of(policies.begin(), policies.end(),
                       [&](const Push& push) { return is_it(push.document); }) ||
           std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
             const bool before =
                 action.at < withdrawal.at || (action.at == withdrawal.at && &action < &withdrawal);
             return before && action.kind == ActionKind::kPush && is_it(action.document.front());
           });
  }

  // Records lie in a zone; every domain of machines is one, too.
  Result<> zones(const Spot& network) const {
    net::Model model;
    for (const std::string& domain : domains_) (void)net::ensure_zone(model, domain);
    const auto zone = [&](const Spot& spot) -> Result<> {
      SL_CHECK(net::ensure_zone(model, member_of(spot, "name")->node.text));
      return each_text(member_of(spot, "writers"),
                       [&](const Spot& writer) { return machine(writer, writer.node.text); });
    };
    SL_CHECK(each(member_of(network, "zones"), zone));
    return each(member_of(network, "records"), [&](const Spot& record) {
      const Spot domain = *member_of(record, "domain");
      return known(net::zone_of(model, domain.node.text) != nullptr, domain, "zone",
                   domain.node.text);
    });
  }
  template <class Check>
  static Result<> each_text(const Found& texts, Check check) {
    if (texts && texts->node.shape == policy::Node::Shape::kText) return check(*texts);
    return each(texts, check);
  }

  const Description& description_;
  Names new_names_, roles_, versions_, sites_, domains_;
};

}  // namespace

Result<> check_references(const Description& description, const policy::Node& root) {
  return References(description).check(Spot{root, ""});
}

}  // namespace slwmi::world::simulation
