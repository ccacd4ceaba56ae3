// From a document to the text that reads back as an equal one.

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "policy/document.hpp"
#include "policy/document_builder.hpp"
#include "policy/tree.hpp"

namespace slwmi::policy {
namespace {

Node text_node(std::string name, std::string text) {
  Node node;
  node.name = std::move(name);
  node.text = std::move(text);
  return node;
}

Node list_node(std::string name, std::vector<std::string> texts) {
  Node node;
  node.name = std::move(name);
  node.shape = Node::Shape::kList;
  for (std::string& text : texts) node.children.push_back(text_node("", std::move(text)));
  return node;
}

Node named_node(const Setting& setting, std::vector<std::string> texts) {
  if (setting.info->kind == Kind::kDomains) return list_node(setting.info->name, std::move(texts));
  return text_node(setting.info->name, std::move(texts.front()));
}

Node set_node(const Setting& setting) {
  Node node;
  node.shape = Node::Shape::kObject;
  node.children.push_back(text_node("key", setting.key));
  node.children.push_back(text_node("value", setting.value));
  const reg::ValueView data = setting.data.view();
  std::string type(reg::type_name(data.type));
  if (type.empty()) type = std::to_string(static_cast<std::uint32_t>(data.type));
  node.children.push_back(text_node("type", std::move(type)));
  if (auto text = data_text(data); text && (!text->texts.empty() || !text->list)) {
    node.children.push_back(text->list ? list_node("data", std::move(text->texts))
                                       : text_node("data", std::move(text->texts.front())));
  } else {
    node.children.push_back(text_node("bytes", to_hex(data.data)));
  }
  if (setting.action == Action::kSoftSet) node.children.push_back(text_node("soft", "true"));
  return node;
}

Node key_node(const Setting& setting) {
  Node node;
  node.shape = Node::Shape::kObject;
  node.children.push_back(text_node("key", setting.key));
  switch (setting.action) {
    case Action::kDeleteValue:
      node.children.push_back(text_node("value", setting.value));
      break;
    case Action::kDeleteValues:
      node.children.push_back(text_node("what", "values"));
      break;
    case Action::kDeleteKey:
      node.children.push_back(text_node("what", "key"));
      break;
    case Action::kSecureKey:
      node.children.push_back(text_node("secure", "true"));
      break;
    case Action::kResetKey:
      node.children.push_back(text_node("secure", "false"));
      break;
    default:
      break;
  }
  return node;
}

bool takes_away(Action action) {
  return action == Action::kDeleteKey || action == Action::kDeleteValues;
}

// Adds a key and those above it.
void note_with_above(std::unordered_set<std::string>& keys, std::string_view path) {
  std::string key = fold(path);
  while (keys.insert(key).second && key.find('\\') != std::string::npos) {
    key.resize(key.rfind('\\'));
  }
}

tl::unexpected<Error> depends_on_order(const Setting& setting) {
  return fail(HResult::kErrorNotSupported,
              "what happens to " + setting.key + " depends on the order of the records; use pol");
}

// The settings of an ordered document as they hold in the end, for a syntax without an order: of
// several for one value the last. A value that was set and then deleted leaves its key, which
// `made` holds.
Result<std::vector<const Setting*>> without_order(const Document& document,
                                                  std::deque<Setting>& made) {
  std::vector<const Setting*> settings;
  std::unordered_map<std::string, std::size_t> places;
  std::unordered_set<std::string> touched;  // keys of what is not taken away, and those above them
  const auto place_of = [&](const Setting& setting) {
    const bool of_value = setting.action == Action::kSet || setting.action == Action::kSoftSet ||
                          setting.action == Action::kDeleteValue;
    const Action action = setting.action == Action::kResetKey ? Action::kSecureKey : setting.action;
    const std::string subject =
        fold(setting.key) + '\0' +
        (of_value ? fold(setting.value) : '\0' + std::string(to_text(action)));
    return places.emplace(subject, settings.size());
  };
  for (const Setting& setting : document.settings) {
    if (!takes_away(setting.action)) {
      note_with_above(touched, setting.key);
    } else if (touched.count(fold(setting.key)) != 0) {
      return depends_on_order(setting);
    }
    const auto [place, fresh] = place_of(setting);
    if (fresh) {
      settings.push_back(&setting);
    } else {
      if (setting.action == Action::kSoftSet ||
          settings[place->second]->action == Action::kSoftSet) {
        return depends_on_order(setting);
      }
      const bool goes_again =
          setting.action == Action::kDeleteValue && settings[place->second]->action == Action::kSet;
      settings[place->second] = &setting;
      if (goes_again) {
        made.push_back({.action = Action::kCreateKey, .key = setting.key});
        if (place_of(made.back()).second) settings.push_back(&made.back());
      }
    }
  }
  return settings;
}

// A text makes the keys that it secures; a Registry.pol secures what is there.
Result<> check_secured(const std::vector<const Setting*>& settings) {
  std::unordered_set<std::string> made;
  for (const Setting* setting : settings) {
    const Action action = setting->action;
    if (action == Action::kSet || action == Action::kSoftSet || action == Action::kCreateKey)
      note_with_above(made, setting->key);
  }
  for (const Setting* setting : settings) {
    const bool secures =
        setting->action == Action::kSecureKey || setting->action == Action::kResetKey;
    if (secures && made.count(fold(setting->key)) == 0)
      return fail(HResult::kErrorNotSupported,
                  "a text would make " + setting->key + ", which is only secured; use pol");
  }
  return {};
}

// Characters that a syntax has no way to write.
bool writable(const Node& node, Syntax syntax) {
  for (const std::string* text : {&node.name, &node.text}) {
    if (find_invalid_utf8(*text)) return false;
    for (const char c : *text) {
      const bool control = static_cast<unsigned char>(c) < 0x20;
      if (c == '\0' || c == '\x7F') return false;
      if (control && syntax == Syntax::kXml && c != '\t' && c != '\n') return false;
      if (control && syntax == Syntax::kInfo && (c < '\a' || c > '\r')) return false;
    }
  }
  for (const Node& child : node.children) {
    if (!writable(child, syntax)) return false;
  }
  return true;
}

}  // namespace

Result<std::string> write_document(const Document& document, Syntax syntax) {
  if (syntax == Syntax::kPol) return write_pol_document(document);
  std::vector<const Setting*> written;
  std::deque<Setting> made;
  if (document.ordered) {
    SL_TRY(written, without_order(document, made));
    SL_CHECK(check_secured(written));
  } else {
    for (const Setting& setting : document.settings) written.push_back(&setting);
  }
  Node settings, registry, remove;
  settings.name = "settings";
  settings.shape = Node::Shape::kObject;
  registry.name = "registry";
  remove.name = "remove";
  registry.shape = remove.shape = Node::Shape::kList;
  for (const Setting* each : written) {
    const Setting& setting = *each;
    switch (setting.action) {
      case Action::kSet: {
        auto texts = setting.info == nullptr ? std::nullopt
                                             : setting_texts(*setting.info, setting.data.view());
        if (texts && !texts->empty()) {
          settings.children.push_back(named_node(setting, std::move(*texts)));
          break;
        }
        [[fallthrough]];
      }
      case Action::kSoftSet:
        registry.children.push_back(set_node(setting));
        break;
      case Action::kCreateKey:
      case Action::kSecureKey:
      case Action::kResetKey:
        registry.children.push_back(key_node(setting));
        break;
      case Action::kDeleteValue:
        remove.children.push_back(setting.info != nullptr ? text_node("", setting.info->name)
                                                          : key_node(setting));
        break;
      case Action::kDeleteValues:
      case Action::kDeleteKey:
        remove.children.push_back(key_node(setting));
        break;
    }
  }
  Node root;
  root.shape = Node::Shape::kObject;
  root.children.push_back(text_node("policy", document.name));
  if (!document.description.empty()) {
    root.children.push_back(text_node("description", document.description));
  }
  if (document.scope) {
    root.children.push_back(text_node("scope", std::string(to_text(*document.scope))));
  }
  for (Node* part : {&settings, &registry, &remove}) {
    if (!part->children.empty()) root.children.push_back(std::move(*part));
  }
  if (!writable(root, syntax)) {
    return fail(HResult::kErrorNotSupported,
                "a name or text has a character that this syntax cannot write; use pol");
  }
  return write_tree(root, syntax);
}

}  // namespace slwmi::policy
