// A document as a tree of named texts, whichever syntax it was written in, with the place of every
// node.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "policy/document.hpp"

namespace slwmi::policy {

struct Node {
  enum class Shape : std::uint8_t { kText, kObject, kList, kNull };

  std::string name;  // "" for an element of a JSON list
  std::string text = {};
  Shape shape = Shape::kText;
  SourcePos at = {};
  std::vector<Node> children = {};
};

// The document's own members as children of a node without a name. In INFO and XML a node whose
// parts are all called "item" is a list; XML's attributes are parts like others, and its root
// element must be <document>. ERROR_INVALID_DATA with the place for text that is not of the syntax,
// E_INVALIDARG when it is over a limit. Depth and size are checked before Boost.PropertyTree, whose
// readers recurse, sees the text.
Result<Node> read_tree(std::string_view text, Syntax syntax, const Limits& limits);

// The document that `tree` says, which may stand within another one: places in it and in what was
// found are those of the nodes. `file` as of the other readers.
Reading read_document(const Node& tree, std::string_view file);

// The text that reads back as the same tree.
std::string write_tree(const Node& root, Syntax syntax);

}  // namespace slwmi::policy
