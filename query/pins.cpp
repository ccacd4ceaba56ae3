// The condition in disjunctive normal form, as far as the pinned places go.
#include "query/pins.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "query/condition.hpp"

namespace slwmi::wql {
namespace {

using Ways = std::vector<Pins>;

bool same(const Pin& a, const Pin& b) {
  return a.exact == b.exact && equal_ignore_case(a.text, b.text);
}

bool same(const Pins& a, const Pins& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) {
    return x.has_value() == y.has_value() && (!x || same(*x, *y));
  });
}

void add(Ways& ways, Pins pins) {
  const bool known =
      std::any_of(ways.begin(), ways.end(), [&](const Pins& other) { return same(other, pins); });
  if (!known) ways.push_back(std::move(pins));
}

// Both at once; nothing when they contradict each other.
std::optional<Pins> both(const Pins& a, const Pins& b) {
  Pins out = a;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!b[i]) continue;
    if (!out[i]) {
      out[i] = b[i];
    } else if (out[i]->exact && b[i]->exact && !same(*out[i], *b[i])) {
      return std::nullopt;
    } else if (b[i]->exact) {
      out[i] = b[i];
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Pins>> pins_of(const Query& query, std::size_t places,
                                  FunctionRef<int(const Node&)> place) {
  const Pins open(places);
  if (query.where.empty()) return Ways{open};
  std::vector<Ways> ways(query.where.size());
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const Node& node = query.where[i];
    switch (node.kind) {
      case NodeKind::kPredicate: {
        Pins pins = open;
        if (const int at = place(node); at >= 0) {
          pins[static_cast<std::size_t>(at)] =
              Pin{literal_of(query, node).text, node.op != Op::kIsa, node.literal.offset};
        }
        ways[i] = {std::move(pins)};
        break;
      }
      case NodeKind::kNot:
        ways[i] = {open};
        break;
      case NodeKind::kOr:
        ways[i] = std::move(ways[node.left]);
        for (Pins& pins : ways[i - 1]) add(ways[i], std::move(pins));
        break;
      case NodeKind::kAnd:
        for (const Pins& left : ways[node.left]) {
          for (const Pins& right : ways[i - 1]) {
            if (auto pins = both(left, right)) add(ways[i], *std::move(pins));
            if (ways[i].size() > kMaxPins) break;
          }
        }
        break;
    }
    if (ways[i].size() > kMaxPins) {
      return fail(HResult::kWbemEQuotaViolation,
                  "the condition can be met in more than " + std::to_string(kMaxPins) + " ways",
                  SourcePos{0, 0, 0});
    }
    if (node.kind != NodeKind::kPredicate) ways[i - 1] = {};
  }
  return std::move(ways.back());
}

}  // namespace slwmi::wql
