#include "world/simulation/members.hpp"

#include <algorithm>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace slwmi::world::simulation {
namespace {

using Shape = policy::Node::Shape;

std::string listed(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

}  // namespace

Spot below(const Spot& spot, const policy::Node& child) {
  return {child, spot.path.empty() ? child.name : spot.path + "." + child.name};
}

tl::unexpected<Error> wrong(const Spot& spot, std::string_view what) {
  const std::string subject = spot.path.empty() ? "the description" : spot.path;
  return fail(HResult::kErrorInvalidData, subject + " " + std::string(what), spot.node.at,
              spot.node.text);
}

Result<> read_text(std::string& out, const Spot& spot) {
  if (spot.node.shape != Shape::kText) return wrong(spot, "is not a text");
  out = spot.node.text;
  return {};
}

Result<std::uint64_t> number_of(const Spot& spot, std::uint64_t least, std::uint64_t most) {
  std::string text;
  SL_CHECK(read_text(text, spot));
  const auto number = parse_unsigned(text);
  if (!number) return wrong(spot, "is not a number");
  if (*number < least || *number > most)
    return wrong(spot, "is not within " + std::to_string(least) + " to " + std::to_string(most));
  return *number;
}

Result<> read_flag(bool& out, const Spot& spot) {
  std::string text;
  SL_CHECK(read_text(text, spot));
  out = equal_ignore_case(text, "true") || text == "1";
  if (!out && !equal_ignore_case(text, "false") && text != "0")
    return wrong(spot, "is neither true nor false");
  return {};
}

Result<> read_duration(std::uint64_t& out, const Spot& spot) {
  std::string text;
  SL_CHECK(read_text(text, spot));
  const auto minutes = parse_duration(text);
  if (!minutes) return wrong(spot, "is no length of time, such as '180 days' or '1d12h'");
  out = *minutes;
  return {};
}

std::optional<Spot> member_of(const Spot& spot, std::string_view name) {
  for (const policy::Node& child : spot.node.children) {
    if (child.name == name) return below(spot, child);
  }
  return std::nullopt;
}

Result<> check_members(const Spot& spot, std::span<const std::string_view> known) {
  if (spot.node.shape != Shape::kObject) return wrong(spot, "is not an object");
  const auto& children = spot.node.children;
  for (auto child = children.begin(); child != children.end(); ++child) {
    const Spot here = below(spot, *child);
    if (std::find(known.begin(), known.end(), child->name) == known.end())
      return wrong(here, "is not known here; known are " + listed(known));
    if (std::any_of(children.begin(), child,
                    [&](const policy::Node& other) { return other.name == child->name; }))
      return wrong(here, "stands here twice");
  }
  return {};
}

Result<std::vector<Spot>> elements_of(const Spot& spot) {
  std::vector<Spot> out;
  const bool blank = spot.node.text.find_first_not_of(" \t\r\n") == std::string::npos;
  if (spot.node.shape == Shape::kNull || !blank) return wrong(spot, "is not a list");
  if (spot.node.shape == Shape::kObject) {
    out.push_back(spot);
    return out;
  }
  for (std::size_t i = 0; i < spot.node.children.size(); ++i)
    out.push_back({spot.node.children[i], spot.path + "[" + std::to_string(i) + "]"});
  return out;
}

}  // namespace slwmi::world::simulation
