// The look ahead over a document's text before a recursive reader gets it: depth, count, bytes and
// form, without recursion. It also notes where each node is, because the reader does not.
#pragma once

#include <string_view>
#include <vector>

#include "policy/tree.hpp"

namespace slwmi::policy {

struct Mark {
  std::size_t offset = 0;  // of the member's name, or of the element
  Node::Shape shape = Node::Shape::kText;
};

// A mark for every node in the order of the text: a JSON object's members and a list's elements,
// INFO's keys, XML's elements, each followed by its attributes. Errors as read_tree.
Result<std::vector<Mark>> scan_json(std::string_view text, const Limits& limits);
Result<std::vector<Mark>> scan_info(std::string_view text, const Limits& limits);
Result<std::vector<Mark>> scan_xml(std::string_view text, const Limits& limits);

// Line and column (in characters) of an offset.
SourcePos position_of(std::string_view text, std::size_t offset);

}  // namespace slwmi::policy
