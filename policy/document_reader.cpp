// From a tree to a document: names, types and ranges are checked, and everything that is wrong is
// collected.

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "policy/document.hpp"
#include "policy/document_builder.hpp"
#include "policy/tree.hpp"

namespace slwmi::policy {
namespace {

std::string member(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}
std::string element(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

std::string_view shape_text(const Node& node) {
  switch (node.shape) {
    case Node::Shape::kObject:
      return "an object";
    case Node::Shape::kList:
      return "a list";
    case Node::Shape::kNull:
      return "null";
    case Node::Shape::kText:
      break;
  }
  return "a text";
}

class Interpreter {
 public:
  explicit Interpreter(DocumentBuilder& builder) : builder_(builder) {}

  void document(const Node& root) {
    static constexpr std::string_view kMembers[] = {"policy",   "description", "scope",
                                                    "settings", "registry",    "remove"};
    if (!check_members(root, "", kMembers)) return;
    bool named = false;
    for (const Node& node : root.children) {
      const Place place{node.at, node.name};
      if (node.name == "policy") {
        named = true;
        if (text(node, place)) builder_.set_name(node.text, place);
      } else if (node.name == "description") {
        if (text(node, place)) builder_.document().description = node.text;
      } else if (node.name == "scope") {
        if (text(node, place)) builder_.set_scope(node.text, place);
      }
    }
    if (!named) {
      builder_.error("missing-name", "the document has no 'policy', the policy's name",
                     {root.at, ""});
    }
    for (const Node& node : root.children) {
      if (node.name == "settings") settings(node);
      if (node.name == "registry") items(node, &Interpreter::registry_item);
      if (node.name == "remove") items(node, &Interpreter::removal_item);
    }
  }

 private:
  // Unknown and repeated members are errors.
  template <std::size_t kCount>
  bool check_members(const Node& node, const std::string& path,
                     const std::string_view (&known)[kCount]) {
    bool good = true;
    for (auto child = node.children.begin(); child != node.children.end(); ++child) {
      const Place place{child->at, member(path, child->name)};
      if (std::find(std::begin(known), std::end(known), child->name) == std::end(known)) {
        std::string names;
        for (const std::string_view name : known) {
          names += names.empty() ? "" : ", ";
          names += name;
        }
        builder_.error("unknown-member", "is not known here; known are " + names, place);
        good = false;
      }
      const auto same = [&](const Node& other) { return other.name == child->name; };
      if (const auto first = std::find_if(node.children.begin(), child, same); first != child) {
        builder_.error("duplicate-member",
                       "stands here twice, first in line " + std::to_string(first->at.line), place);
        good = false;
      }
    }
    return good;
  }

  bool text(const Node& node, const Place& place) {
    if (node.shape == Node::Shape::kText) return true;
    builder_.error("wrong-type", "is " + std::string(shape_text(node)) + ", not a text", place);
    return false;
  }

  // The texts of a value: one, or a list's.
  std::optional<std::vector<std::string>> texts(const Node& node, const Place& place) {
    if (node.shape == Node::Shape::kText) return std::vector<std::string>{node.text};
    if (node.shape != Node::Shape::kList || !blank(node.text)) {
      std::string message = "is " + std::string(shape_text(node)) + ", not a value";
      if (node.shape == Node::Shape::kNull) message += "; list it under 'remove' to take it away";
      builder_.error("wrong-type", std::move(message), place);
      return std::nullopt;
    }
    std::vector<std::string> list;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (!text(node.children[i], {node.children[i].at, element(place.path, i)}))
        return std::nullopt;
      list.push_back(node.children[i].text);
    }
    return list;
  }

  static bool blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  }

  // Whether a node can hold parts: an object or a list; a text only when it is blank, as in
  // <settings/>.
  bool parts(const Node& node, const Place& place) {
    const bool holds = node.shape == Node::Shape::kObject || node.shape == Node::Shape::kList;
    if (blank(node.text) && (holds || node.shape == Node::Shape::kText)) return true;
    builder_.error(
        "wrong-type",
        holds ? "has a text and parts" : "is " + std::string(shape_text(node)) + ", not parts",
        place);
    return false;
  }

  void settings(const Node& node) {
    if (!parts(node, {node.at, "settings"})) return;
    if (node.shape == Node::Shape::kList) {
      builder_.error("wrong-type", "is a list; settings are given by name", {node.at, "settings"});
      return;
    }
    for (const Node& child : node.children) {
      const Place place{child.at, member("settings", child.name)};
      const auto given = texts(child, place);
      if (given) builder_.add_named(child.name, *given, child.shape == Node::Shape::kList, place);
    }
  }

  void items(const Node& node, void (Interpreter::*read)(const Node&, const Place&)) {
    if (!parts(node, {node.at, node.name})) return;
    if (node.shape == Node::Shape::kObject) {
      builder_.error("wrong-type", "is an object; it must be a list ('item' in INFO and XML)",
                     {node.at, node.name});
      return;
    }
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      (this->*read)(node.children[i], {node.children[i].at, element(node.name, i)});
    }
  }

  struct Fields {
    const Node* key = nullptr;
    const Node* value = nullptr;
    const Node* type = nullptr;
    const Node* data = nullptr;
    const Node* bytes = nullptr;
    const Node* soft = nullptr;
    const Node* secure = nullptr;
    const Node* what = nullptr;
  };

  template <std::size_t kCount>
  std::optional<Fields> fields(const Node& node, const Place& place,
                               const std::string_view (&known)[kCount]) {
    if (node.shape != Node::Shape::kObject || !blank(node.text)) {
      builder_.error("wrong-type", "is " + std::string(shape_text(node)) + ", not an object",
                     place);
      return std::nullopt;
    }
    if (!check_members(node, place.path, known)) return std::nullopt;
    Fields found;
    for (const Node& child : node.children) {
      const Place at{child.at, member(place.path, child.name)};
      if (child.name == "data") {
        found.data = &child;
        continue;
      }
      if (!text(child, at)) return std::nullopt;
      if (child.name == "key") found.key = &child;
      if (child.name == "value") found.value = &child;
      if (child.name == "type") found.type = &child;
      if (child.name == "bytes") found.bytes = &child;
      if (child.name == "soft") found.soft = &child;
      if (child.name == "secure") found.secure = &child;
      if (child.name == "what") found.what = &child;
    }
    if (found.key == nullptr) {
      builder_.error("missing-key", "has no 'key'", place);
      return std::nullopt;
    }
    return found;
  }

  std::optional<bool> flag(const Node* node, const Place& place, std::string_view name) {
    if (node == nullptr) return std::nullopt;
    if (equal_ignore_case(node->text, "true") || node->text == "1") return true;
    if (equal_ignore_case(node->text, "false") || node->text == "0") return false;
    builder_.error("wrong-type", "is not true or false", {node->at, member(place.path, name)});
    return std::nullopt;
  }

  void registry_item(const Node& node, const Place& place) {
    static constexpr std::string_view kMembers[] = {"key",   "value", "type",  "data",
                                                    "bytes", "soft",  "secure"};
    const auto found = fields(node, place, kMembers);
    if (!found) return;
    if (found->secure != nullptr) {
      const auto secure = flag(found->secure, place, "secure");
      if (secure) {
        builder_.add_raw(*secure ? Action::kSecureKey : Action::kResetKey, found->key->text, {}, {},
                         place);
      }
      return;
    }
    if (found->type == nullptr) {
      if (found->value == nullptr && found->data == nullptr && found->bytes == nullptr) {
        builder_.add_raw(Action::kCreateKey, found->key->text, {}, {}, place);
      } else {
        builder_.error("missing-type", "has no 'type', such as REG_DWORD", place);
      }
      return;
    }
    const bool soft = flag(found->soft, place, "soft").value_or(false);
    auto data = value_data(*found, place);
    if (!data) return;
    builder_.add_raw(soft ? Action::kSoftSet : Action::kSet, found->key->text,
                     found->value == nullptr ? std::string_view() : found->value->text,
                     *std::move(data), place);
  }

  std::optional<reg::ValueData> value_data(const Fields& found, const Place& place) {
    const Place type_place{found.type->at, member(place.path, "type")};
    const auto type = parse_type(found.type->text);
    if (!type) {
      builder_.error("unknown-type", "'" + found.type->text + "' is no registry type", type_place);
      return std::nullopt;
    }
    if ((found.data == nullptr) == (found.bytes == nullptr)) {
      builder_.error("missing-data", "needs one of 'data' and 'bytes'", place);
      return std::nullopt;
    }
    const Node& node = found.data != nullptr ? *found.data : *found.bytes;
    const Place at{node.at, member(place.path, node.name)};
    const auto given = texts(node, at);
    if (!given) return std::nullopt;
    auto data = found.data != nullptr ? parse_data(*type, *given, node.shape == Node::Shape::kList)
                                      : parse_bytes(*type, given->front());
    if (data) return *std::move(data);
    builder_.error("wrong-data", data.error().message, at);
    return std::nullopt;
  }

  void removal_item(const Node& node, const Place& place) {
    if (node.shape == Node::Shape::kText) {
      builder_.remove_named(node.text, place);
      return;
    }
    static constexpr std::string_view kMembers[] = {"key", "value", "what"};
    const auto found = fields(node, place, kMembers);
    if (!found) return;
    const std::string_view what =
        found->what == nullptr ? std::string_view("value") : found->what->text;
    const bool names_value = found->value != nullptr;
    if (what == "value" && names_value) {
      builder_.add_raw(Action::kDeleteValue, found->key->text, found->value->text, {}, place);
    } else if (what == "values" && !names_value) {
      builder_.add_raw(Action::kDeleteValues, found->key->text, {}, {}, place);
    } else if (what == "key" && !names_value) {
      builder_.add_raw(Action::kDeleteKey, found->key->text, {}, {}, place);
    } else {
      builder_.error(
          "wrong-removal",
          "needs a 'value', or 'what' with 'values' (all of the key) or 'key' (with all below)",
          place);
    }
  }

  DocumentBuilder& builder_;
};

}  // namespace

Reading read_document(const Node& tree, std::string_view file) {
  DocumentBuilder builder(file);
  Interpreter(builder).document(tree);
  return builder.take();
}

void read_text_document(std::string_view text, Syntax syntax, const Limits& limits,
                        DocumentBuilder& builder) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.substr(0, 2) == "\xFF\xFE" || text.substr(0, 2) == "\xFE\xFF") {
    builder.error("malformed", "the text is UTF-16; save it as UTF-8", {SourcePos{0, 1, 1}, ""});
    return;
  }
  if (text.substr(0, kMark.size()) == kMark) text.remove_prefix(kMark.size());
  auto root = read_tree(text, syntax, limits);
  if (!root) {
    const bool limit = root.error().code == HResult::kEInvalidarg;
    builder.error(limit ? "over-limit" : "malformed", root.error().message,
                  {root.error().at.value_or(SourcePos{}), ""});
    return;
  }
  Interpreter(builder).document(*root);
}

}  // namespace slwmi::policy
