// Reads objects of a tree of named texts (policy/tree.hpp) into structs by tables of members: each
// row names a member and how its text becomes a field. What is wrong is told with line, column and
// the path of the node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "policy/tree.hpp"

namespace slwmi::world::simulation {

// A node and where it stands: "machines[2].count".
struct Spot {
  const policy::Node& node;
  std::string path;
};

Spot below(const Spot& spot, const policy::Node& child);

// ERROR_INVALID_DATA: "machines[2].count is not a number".
tl::unexpected<Error> wrong(const Spot& spot, std::string_view what);

// Each fills `out` with what the node's text says, or tells what is wrong with it.
Result<> read_text(std::string& out, const Spot& spot);
Result<> read_flag(bool& out, const Spot& spot);               // 0, 1, true, false
Result<> read_duration(std::uint64_t& out, const Spot& spot);  // minutes
Result<std::uint64_t> number_of(const Spot& spot, std::uint64_t least, std::uint64_t most);
template <class T>
Result<> read_number(T& out, const Spot& spot, std::uint64_t least,
                     std::uint64_t most = std::numeric_limits<T>::max()) {
  SL_TRY(const std::uint64_t number, number_of(spot, least, most));
  out = static_cast<T>(number);
  return {};
}

template <class T>
struct Member {
  std::string_view name;
  Result<> (*read)(T& out, const Spot& spot);
};

// The member of an object, where it has one of that name.
std::optional<Spot> member_of(const Spot& spot, std::string_view name);

// Every member is known, and there once at most.
Result<> check_members(const Spot& spot, std::span<const std::string_view> known);
// The elements of a list; an object counts as a list of one, a text is none.
Result<std::vector<Spot>> elements_of(const Spot& spot);

template <class T, std::size_t kCount>
Result<> read_members(T& out, const Spot& spot, const Member<T> (&table)[kCount]) {
  std::string_view names[kCount];
  for (std::size_t i = 0; i < kCount; ++i) names[i] = table[i].name;
  SL_CHECK(check_members(spot, names));
  for (const policy::Node& child : spot.node.children) {
    for (const Member<T>& member : table) {
      if (member.name != child.name) continue;
      SL_CHECK(member.read(out, below(spot, child)));
    }
  }
  return {};
}

}  // namespace slwmi::world::simulation
