#include "provider/computer_list.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include <pugixml.hpp>

#include "base/guid.hpp"
#include "base/text.hpp"
#include "provider/installation_id.hpp"
#include "provider/product_key.hpp"

namespace slwmi::licensing {
namespace {

// A DTD and text beside the root element are parsed, so that they can be refused.
constexpr unsigned kOptions = pugi::parse_default | pugi::parse_doctype | pugi::parse_fragment;
constexpr std::size_t kMaxText = 1024;  // bytes of a value
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxDomain = 255;

constexpr std::string_view kActions[] = {"collect", "install", "activate", "confirm", "apply"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_name_character(char c) {
  return is_digit(c) || is_ascii_alpha(c) || c == '-' || c == '_' || c == '.';
}

// The text that is read, for places in it.
class Source {
 public:
  explicit Source(std::string_view text) : text_(text) {}
  std::string_view text() const { return text_; }

  tl::unexpected<Error> bad(std::string why, std::size_t offset, std::string token = {}) const {
    offset = std::min(offset, text_.size());
    const std::string_view before = text_.substr(0, offset);
    const std::size_t line_start = before.rfind('\n');
    const std::size_t first = line_start == std::string_view::npos ? 0 : line_start + 1;
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    return fail(HResult::kErrorInvalidData, std::move(why),
                SourcePos{offset, static_cast<int>(line), static_cast<int>(offset - first + 1)},
                std::move(token));
  }

 private:
  std::string_view text_;
};

// What a value may hold: no control characters, no half of a surrogate pair.
bool is_value_character(std::uint64_t c) {
  return c >= 0x20 && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
}

// "&amp;" and its like, or a character by its number: everything that a well-formed value has after
// an ampersand. pugixml would take other names as they stand.
bool is_reference(std::string_view text) {
  const std::size_t end = text.find(';');
  if (end == std::string_view::npos) return false;
  text = text.substr(0, end);
  for (const std::string_view known : {"&amp", "&lt", "&gt", "&quot", "&apos"})
    if (text == known) return true;
  if (text.substr(0, 2) != "&#") return false;
  const bool hex = text.substr(2, 1) == "x";
  const auto number =
      parse_unsigned(hex ? "0x" + std::string(text.substr(3)) : std::string(text.substr(2)));
  const bool decimal = hex || text.substr(2, 2) != "0x";
  return decimal && number && is_value_character(*number);
}

// One element while it is read: takes its attributes one by one and remembers the first that is
// wrong. What was not taken in the end is not known.
class Element {
 public:
  Element(const Source& source, const pugi::xml_node& node) : source_(source), node_(node) {
    const std::string_view text = source.text();
    std::size_t at = offset() + 1 + std::strlen(node.name());
    for (pugi::xml_attribute attribute : node.attributes()) {
      while (is_space(text[at])) ++at;
      const std::size_t start = at;
      at = text.find_first_of("\"'", at);
      const std::size_t end = text.find(text[at], at + 1);
      for (std::size_t i = at + 1; i < end; ++i) {
        if (text[i] == '&' && !is_reference(text.substr(i, end - i)))
          refuse("a value has an ampersand that begins no known reference", i);
      }
      const bool twice =
          std::any_of(attributes_.begin(), attributes_.end(), [&](const Attribute& other) {
            return std::strcmp(other.value.name(), attribute.name()) == 0;
          });
      if (twice) refuse("the attribute " + std::string(attribute.name()) + " comes twice", start);
      attributes_.push_back({attribute, start, false});
      at = end + 1;
    }
  }

  std::size_t offset() const { return static_cast<std::size_t>(node_.offset_debug()) - 1; }
  bool has(const char* name) const {
    return std::any_of(attributes_.begin(), attributes_.end(), [&](const Attribute& attribute) {
      return std::strcmp(attribute.value.name(), name) == 0;
    });
  }

  std::string text(const char* name, std::size_t most = kMaxText) {
    const Attribute* attribute = take(name);
    if (attribute == nullptr) return {};
    std::string value = attribute->value.value();
    if (value.empty()) refuse(std::string(name) + " is empty", attribute->offset);
    if (value.size() > most) refuse(std::string(name) + " is too long", attribute->offset);
    return value;
  }
  std::string text_or_none(const char* name) { return has(name) ? text(name) : std::string(); }

  FileTime time(const char* name) {
    const std::string value = text(name);
    if (error_) return {};
    const auto time = parse_iso8601(value);
    if (!time || format_iso8601(*time) != value) wrong(name, value, "is no time in UTC");
    return time.value_or(FileTime{});
  }
  FileTime time_or_none(const char* name) { return has(name) ? time(name) : FileTime{}; }

  std::uint64_t number(const char* name, std::uint64_t most) {
    const std::string value = text(name);
    if (error_) return 0;
    const auto number = parse_unsigned(value);
    if (!number || *number > most || std::to_string(*number) != value)
      wrong(name, value, "is no number up to " + std::to_string(most));
    return number.value_or(0);
  }

  HResult code(const char* name) {
    const std::string value = text(name);
    if (error_) return {};
    const auto number = parse_unsigned(value);
    const auto code = static_cast<HResult>(number.value_or(0));
    if (!number || *number > 0xFFFFFFFFu || to_hex(code) != value)
      wrong(name, value, "is no HRESULT of eight hex digits");
    return code;
  }

  // A value that `check` takes, or none.
  template <class Check>
  std::string checked_or_none(const char* name, Check check) {
    std::string value = text_or_none(name);
    if (error_ || value.empty()) return value;
    if (const auto result = check(value); !result) wrong(name, value, result.error().message);
    return value;
  }

  void wrong(const char* name, const std::string& value, const std::string& why) {
    std::size_t offset = this->offset();
    for (const Attribute& attribute : attributes_)
      if (std::strcmp(attribute.value.name(), name) == 0) offset = attribute.offset;
    refuse(std::string(name) + ": " + why, offset, value);
  }

  // Nothing is left over: no attribute, no text, no element that `children` does not name.
  Result<> done(std::initializer_list<std::string_view> children = {}) {
    for (const Attribute& attribute : attributes_) {
      if (!attribute.taken)
        refuse("<" + std::string(node_.name()) + "> has no attribute " + attribute.value.name(),
               attribute.offset);
    }
    for (const pugi::xml_node& child : node_.children()) {
      auto at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(child.offset_debug(), 1));
      if (child.type() != pugi::node_element) {
        while (is_space(source_.text()[at])) ++at;
        refuse("<" + std::string(node_.name()) + "> holds text", at);
      } else if (std::find(children.begin(), children.end(), child.name()) == children.end()) {
        refuse("<" + std::string(node_.name()) + "> holds no <" + child.name() + ">", at - 1);
      }
    }
    if (error_) return fail(*std::move(error_));
    return {};
  }

 private:
  struct Attribute {
    pugi::xml_attribute value;
    std::size_t offset;
    bool taken;
  };

  const Attribute* take(const char* name) {
    for (Attribute& attribute : attributes_) {
      if (std::strcmp(attribute.value.name(), name) != 0) continue;
      attribute.taken = true;
      return &attribute;
    }
    refuse("<" + std::string(node_.name()) + "> has no " + name, offset());
    return nullptr;
  }

  void refuse(std::string why, std::size_t at, std::string token = {}) {
    if (!error_) error_ = source_.bad(std::move(why), at, std::move(token)).value();
  }

  const Source& source_;
  pugi::xml_node node_;
  std::vector<Attribute> attributes_;
  std::optional<Error> error_;
};

class Reader {
 public:
  Reader(std::string_view text, const ComputerListLimits& limits)
      : source_(text), limits_(limits) {}

  Result<ComputerList> read() {
    SL_CHECK(check_characters());
    pugi::xml_document document;
    const std::string_view text = source_.text();
    const auto parsed =
        document.load_buffer(text.data(), text.size(), kOptions, pugi::encoding_utf8);
    if (!parsed) return source_.bad(parsed.description(), static_cast<std::size_t>(parsed.offset));
    SL_TRY(const pugi::xml_node root, root_of(document));
    Element element(source_, root);
    const std::string ns = element.text("xmlns");
    if (ns != kComputerListNamespace)
      element.wrong("xmlns", ns, "is not " + std::string(kComputerListNamespace));
    SL_CHECK(element.done({"ProductKey", "Computer"}));
    ComputerList list;
    for (const pugi::xml_node& node : root.children()) {
      if (std::strcmp(node.name(), "ProductKey") == 0) {
        SL_CHECK(read_key(node, list));
      } else {
        SL_CHECK(read_computer(node, list));
      }
    }
    return list;
  }

 private:
  // What XML 1.0 in UTF-8 has no room for.
  Result<> check_characters() {
    const std::string_view text = source_.text();
    if (text.size() > limits_.bytes) return source_.bad("the list is too long", limits_.bytes);
    if (const auto bad = find_invalid_utf8(text)) return source_.bad("the list is not UTF-8", *bad);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (static_cast<unsigned char>(text[i]) < 0x20 && !is_space(text[i]))
        return source_.bad("the list has a control character", i);
    }
    return {};
  }

  Result<pugi::xml_node> root_of(const pugi::xml_document& document) {
    pugi::xml_node root;
    for (const pugi::xml_node& node : document.children()) {
      const auto at = static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug(), 0));
      if (node.type() == pugi::node_doctype) return source_.bad("a DTD is not allowed", at);
      if (node.type() != pugi::node_element)
        return source_.bad("there is text beside the list", at);
      if (root) return source_.bad("there is a second root element", at);
      root = node;
    }
    if (!root || std::strcmp(root.name(), "ComputerInformationList") != 0)
      return source_.bad("the document is no <ComputerInformationList>",
                         root ? static_cast<std::size_t>(root.offset_debug()) : 0);
    return root;
  }

  Result<> read_key(const pugi::xml_node& node, ComputerList& list) {
    Element element(source_, node);
    if (list.keys.size() == limits_.keys)
      return source_.bad("there are too many keys", element.offset());
    ListedKey key;
    key.text = element.checked_or_none("Key", parse_product_key);
    if (key.text.empty()) element.text("Key");
    key.edition = element.text("Edition");
    if (element.has("Asked")) {
      key.asked = element.time("Asked");
      key.remaining = element.number("Remaining", ~std::uint64_t{0});
      key.limit = element.number("Limit", ~std::uint64_t{0});
      key.state = element.code("State");
    }
    if (!keys_.insert(key.text).second) element.wrong("Key", key.text, "comes twice");
    SL_CHECK(element.done());
    list.keys.push_back(std::move(key));
    return {};
  }

  Result<> read_computer(const pugi::xml_node& node, ComputerList& list) {
    Element element(source_, node);
    if (list.computers.size() == limits_.computers)
      return source_.bad("there are too many computers", element.offset());
    ListedComputer computer;
    computer.name = element.text("Name", kMaxLabel);
    if (!std::all_of(computer.name.begin(), computer.name.end(),
                     [](char c) { return is_name_character(c) && c != '.'; }))
      element.wrong("Name", computer.name, "is no computer name");
    if (element.has("Domain")) computer.domain = element.text("Domain", kMaxDomain);
    if (!std::all_of(computer.domain.begin(), computer.domain.end(), is_name_character))
      element.wrong("Domain", computer.domain, "is no domain");
    if (element.has("Collected")) {
      computer.collected = element.time("Collected");
      computer.version = element.text("Version");
    }
    if (element.has("Action")) {
      computer.action = element.text("Action");
      if (std::find(std::begin(kActions), std::end(kActions), computer.action) ==
          std::end(kActions))
        element.wrong("Action", computer.action, "is no action");
      computer.acted = element.time("Acted");
      computer.result = element.code("Result");
    }
    if (!names_.insert(fold(computer.name)).second)
      element.wrong("Name", computer.name, "comes twice");
    SL_CHECK(element.done({"Product"}));
    for (const pugi::xml_node& product : node.children()) {
      SL_CHECK(read_product(product, computer));
    }
    list.computers.push_back(std::move(computer));
    return {};
  }

  Result<> read_product(const pugi::xml_node& node, ListedComputer& computer) {
    Element element(source_, node);
    if (computer.products.size() == limits_.products)
      return source_.bad("a computer has too many products", element.offset());
    ListedProduct product;
    product.sku = element.text("ActivationId");
    const auto guid = parse_guid(product.sku);
    if (!guid || format_guid(*guid) != product.sku)
      element.wrong("ActivationId", product.sku, "is no GUID in lower case");
    product.name = element.text("Name");
    product.description = element.text("Description");
    product.partial_key = element.text("PartialProductKey");
    if (product.partial_key.size() != 5)
      element.wrong("PartialProductKey", product.partial_key, "has not five characters");
    product.product_key_id = element.text_or_none("ProductKeyId");
    product.status = static_cast<LicenseStatus>(element.number("LicenseStatus", 5));
    if (element.has("LicenseStatusReason")) product.reason = element.code("LicenseStatusReason");
    product.minutes =
        static_cast<std::uint32_t>(element.number("GracePeriodRemaining", 0xFFFFFFFFu));
    product.installation_id = element.checked_or_none("InstallationId", check_installation_form);
    if (element.has("ConfirmationId")) {
      if (product.installation_id.empty()) element.text("InstallationId");
      product.confirmation_id = element.checked_or_none("ConfirmationId", check_confirmation_form);
      product.confirmed = element.time("Confirmed");
      product.applied = element.time_or_none("Applied");
    }
    const bool twice =
        std::any_of(computer.products.begin(), computer.products.end(),
                    [&](const ListedProduct& other) { return other.sku == product.sku; });
    if (twice) element.wrong("ActivationId", product.sku, "comes twice");
    SL_CHECK(element.done());
    computer.products.push_back(std::move(product));
    return {};
  }

  Source source_;
  const ComputerListLimits& limits_;
  std::set<std::string> names_, keys_;
};

// --- writing

// What XML has no form for becomes U+FFFD, and so does a text without anything in it.
std::string xml_text(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    std::string next;
    append_utf8(next, is_value_character(c) ? c : 0xFFFD);
    if (out.size() + next.size() > kMaxText) break;
    out += next;
  }
  if (out.empty()) append_utf8(out, 0xFFFD);
  return out;
}

void put(pugi::xml_node& node, const char* name, std::string_view text) {
  node.append_attribute(name).set_value(xml_text(text).c_str());
}
void put(pugi::xml_node& node, const char* name, std::uint64_t number) {
  node.append_attribute(name).set_value(std::to_string(number).c_str());
}
void put(pugi::xml_node& node, const char* name, FileTime time) {
  if (time != FileTime{}) put(node, name, format_iso8601(time));
}
void put(pugi::xml_node& node, const char* name, HResult code) { put(node, name, to_hex(code)); }

void write(pugi::xml_node& root, const ListedKey& key) {
  pugi::xml_node node = root.append_child("ProductKey");
  put(node, "Key", key.text);
  put(node, "Edition", key.edition);
  if (key.asked == FileTime{}) return;
  put(node, "Asked", key.asked);
  put(node, "Remaining", key.remaining);
  put(node, "Limit", key.limit);
  put(node, "State", key.state);
}

void write(pugi::xml_node& computer, const ListedProduct& product) {
  pugi::xml_node node = computer.append_child("Product");
  put(node, "ActivationId", product.sku);
  put(node, "Name", product.name);
  put(node, "Description", product.description);
  put(node, "PartialProductKey", product.partial_key);
  if (!product.product_key_id.empty()) put(node, "ProductKeyId", product.product_key_id);
  put(node, "LicenseStatus", static_cast<std::uint64_t>(product.status));
  if (product.reason) put(node, "LicenseStatusReason", *product.reason);
  put(node, "GracePeriodRemaining", std::uint64_t{product.minutes});
  if (!product.installation_id.empty()) put(node, "InstallationId", product.installation_id);
  if (product.confirmation_id.empty()) return;
  put(node, "ConfirmationId", product.confirmation_id);
  put(node, "Confirmed", product.confirmed);
  put(node, "Applied", product.applied);
}

void write(pugi::xml_node& root, const ListedComputer& computer) {
  pugi::xml_node node = root.append_child("Computer");
  put(node, "Name", computer.name);
  if (!computer.domain.empty()) put(node, "Domain", computer.domain);
  put(node, "Collected", computer.collected);
  if (computer.collected != FileTime{}) put(node, "Version", computer.version);
  if (!computer.action.empty()) {
    put(node, "Action", computer.action);
    put(node, "Acted", computer.acted);
    put(node, "Result", computer.result);
  }
  for (const ListedProduct& product : computer.products) write(node, product);
}

struct StringWriter final : pugi::xml_writer {
  std::string text;
  void write(const void* data, std::size_t size) override {
    text.append(static_cast<const char*>(data), size);
  }
};

}  // namespace

ListedComputer* ComputerList::find(std::string_view name) {
  const HostName host = split_host_name(name);
  for (ListedComputer& computer : computers) {
    if (equal_ignore_case(computer.name, host.name) &&
        (host.domain.empty() || computer.domain.empty() ||
         equal_ignore_case(computer.domain, host.domain)))
      return &computer;
  }
  return nullptr;
}

HostName split_host_name(std::string_view host) {
  const std::size_t dot = host.find('.');
  if (dot == std::string_view::npos) return {std::string(host), {}};
  return {std::string(host.substr(0, dot)), std::string(host.substr(dot + 1))};
}

Result<ComputerList> read_computer_list(std::string_view xml, const ComputerListLimits& limits) {
  if (xml.empty()) return fail(HResult::kEInvalidarg, "the list is empty");
  return Reader(xml, limits).read();
}

std::string write_computer_list(const ComputerList& list) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version").set_value("1.0");
  declaration.append_attribute("encoding").set_value("UTF-8");
  pugi::xml_node root = document.append_child("ComputerInformationList");
  root.append_attribute("xmlns").set_value(std::string(kComputerListNamespace).c_str());
  for (const ListedKey& key : list.keys) write(root, key);
  for (const ListedComputer& computer : list.computers) write(root, computer);
  StringWriter out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return std::move(out.text);
}

}  // namespace slwmi::licensing
