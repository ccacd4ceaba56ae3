// The one place that reads and writes Boost.PropertyTree: the look ahead first, then the tree as
// nodes with the places that the look ahead noted. Nobody else sees a ptree, whose headers cost
// seconds and whose paths split at dots.

#include <algorithm>
#include <sstream>

#include <boost/property_tree/info_parser.hpp>
#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include "policy/prescan.hpp"

namespace slwmi::policy {
namespace {

namespace pt = boost::property_tree;

constexpr std::string_view kAttributes = "<xmlattr>";
constexpr std::string_view kItem = "item";
constexpr std::string_view kRoot = "document";

// Takes marks in their order while walking a tree in the same order.
class Marks {
 public:
  Marks(std::string_view text, const std::vector<Mark>& marks) : text_(text), marks_(marks) {}

  // Leaves a node without a place when the reader saw more nodes than the look ahead.
  void take(Node& node) {
    if (next_ == marks_.size()) {
      ran_out_ = true;
      return;
    }
    const Mark& mark = marks_[next_++];
    node.shape = mark.shape;
    for (; offset_ < mark.offset; ++offset_) {
      const char c = text_[offset_];
      if (c == '\n') {
        ++line_;
        column_ = 1;
      } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
        ++column_;
      }
    }
    node.at = {mark.offset, line_, column_};
  }

  bool matched() const { return !ran_out_ && next_ == marks_.size(); }

 private:
  std::string_view text_;
  const std::vector<Mark>& marks_;
  std::size_t next_ = 0, offset_ = 0;
  int line_ = 1, column_ = 1;
  bool ran_out_ = false;
};

void add_children(const pt::ptree& tree, Syntax syntax, Marks& marks, Node& parent);

void add_child(const std::string& name, const pt::ptree& tree, Syntax syntax, Marks& marks,
               Node& parent) {
  Node node;
  node.name = name;
  node.text = tree.data();
  marks.take(node);
  add_children(tree, syntax, marks, node);
  if (syntax != Syntax::kJson && !node.children.empty()) {
    const bool list = std::all_of(node.children.begin(), node.children.end(),
                                  [](const Node& child) { return child.name == kItem; });
    node.shape = list ? Node::Shape::kList : Node::Shape::kObject;
  }
  parent.children.push_back(std::move(node));
}

void add_children(const pt::ptree& tree, Syntax syntax, Marks& marks, Node& parent) {
  for (const auto& [name, child] : tree) {
    if (syntax == Syntax::kXml && name == kAttributes) {
      add_children(child, syntax, marks, parent);
    } else {
      add_child(name, child, syntax, marks, parent);
    }
  }
}

Result<pt::ptree> parse(std::string_view text, Syntax syntax) {
  pt::ptree tree;
  try {
    std::istringstream stream{std::string(text)};
    if (syntax == Syntax::kJson) pt::read_json(stream, tree);
    if (syntax == Syntax::kInfo) pt::read_info(stream, tree);
    if (syntax == Syntax::kXml) pt::read_xml(stream, tree, pt::xml_parser::no_comments);
  } catch (const pt::file_parser_error& error) {
    std::size_t offset = 0;
    for (unsigned long line = 1; line < error.line() && offset < text.size(); ++line) {
      const std::size_t end = text.find('\n', offset);
      if (end == std::string_view::npos) break;
      offset = end + 1;
    }
    return fail(HResult::kErrorInvalidData, error.message(), position_of(text, offset));
  } catch (const pt::ptree_error& error) {
    return fail(HResult::kErrorInvalidData, error.what());
  }
  return tree;
}

Result<std::vector<Mark>> scan(std::string_view text, Syntax syntax, const Limits& limits) {
  if (syntax == Syntax::kJson) return scan_json(text, limits);
  if (syntax == Syntax::kXml) return scan_xml(text, limits);
  return scan_info(text, limits);
}

pt::ptree to_ptree(const Node& node, Syntax syntax) {
  pt::ptree tree(node.text);
  for (const Node& child : node.children) {
    const bool list = node.shape == Node::Shape::kList;
    const std::string name = !list ? child.name : syntax == Syntax::kJson ? "" : std::string(kItem);
    tree.push_back({name, to_ptree(child, syntax)});
  }
  return tree;
}

}  // namespace

Result<Node> read_tree(std::string_view text, Syntax syntax, const Limits& limits) {
  SL_TRY(const std::vector<Mark> places, scan(text, syntax, limits));
  SL_TRY(const pt::ptree tree, parse(text, syntax));
  Marks marks(text, places);
  Node root;
  root.at = {0, 1, 1};
  root.shape = Node::Shape::kObject;
  add_children(tree, syntax, marks, root);
  if (!marks.matched()) {
    return fail(HResult::kErrorInvalidData, "the document's form is not understood");
  }
  if (syntax == Syntax::kXml) {
    Node element = std::move(root.children.front());
    if (element.name != kRoot) {
      return fail(HResult::kErrorInvalidData,
                  "the root element is <" + element.name + ">, not <document>", element.at,
                  element.name);
    }
    element.name.clear();
    element.shape = Node::Shape::kObject;
    return element;
  }
  return root;
}

std::string write_tree(const Node& root, Syntax syntax) {
  std::ostringstream stream;
  pt::ptree tree = to_ptree(root, syntax);
  if (syntax == Syntax::kJson) pt::write_json(stream, tree);
  if (syntax == Syntax::kInfo) pt::write_info(stream, tree);
  if (syntax == Syntax::kXml) {
    pt::ptree document;
    document.push_back({std::string(kRoot), std::move(tree)});
    pt::write_xml(stream, document, pt::xml_writer_settings<std::string>(' ', 2));
  }
  return std::move(stream).str();
}

}  // namespace slwmi::policy
