#include "provider/license_document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include <pugixml.hpp>

#include "provider/xml_text.hpp"

namespace slwmi::licensing {
namespace {

// What a licence has where its document says nothing; likewise 0 for the other numbers.
constexpr std::uint32_t kUsualRearms = 3, kUsualActivations = 1000;

// Fragments such as DTDs and processing instructions are not parsed into nodes; a DTD is refused
// before.
constexpr unsigned kOptions = pugi::parse_default | pugi::parse_doctype;

// The name of an element without its prefix; empty when it is not of the licences' namespace.
std::string_view name_of(const pugi::xml_node& element) {
  const std::string_view name = element.name();
  const std::size_t colon = name.find(':');
  std::string declaration = "xmlns";
  if (colon != std::string_view::npos) declaration.append(":").append(name.substr(0, colon));
  for (pugi::xml_node at = element; at; at = at.parent())
    if (const pugi::xml_attribute found = at.attribute(declaration.c_str()))
      return found.value() == kLicenseNamespace ? name.substr(colon + 1) : std::string_view();
  return {};
}

tl::unexpected<Error> bad(std::string why, std::ptrdiff_t offset = -1) {
  if (offset < 0) return fail(HResult::kSlEInvalidLicense, std::move(why));
  return fail(HResult::kSlEInvalidLicense, std::move(why),
              SourcePos{static_cast<std::size_t>(offset), 0, 0});
}

// What declares namespaces is looked at for each child, so it is short.
Result<> check_attributes(const pugi::xml_node& element) {
  if (std::distance(element.attributes_begin(), element.attributes_end()) <= 64) return {};
  return bad("the element has more than 64 attributes", element.offset_debug());
}

// The elements of a licence by name. A misspelt element would pass for one that was left out, of an
// element that comes twice only the first would count: both are refused. Elements of other
// namespaces may be anything.
class Elements {
 public:
  static Result<Elements> of(const pugi::xml_node& license) {
    Elements out(license);
    for (const pugi::xml_node& child : license.children()) {
      if (child.type() != pugi::node_element) continue;
      const std::string_view name = name_of(child);
      if (name.empty()) continue;
      const std::size_t at = place_of(name);
      if (at == kNames.size())
        return bad("a licence has no <" + std::string(name) + ">", child.offset_debug());
      if (out.nodes_[at])
        return bad("<" + std::string(name) + "> comes twice", child.offset_debug());
      out.nodes_[at] = child;
    }
    return out;
  }

  const pugi::xml_node& license() const { return license_; }
  // Empty where the licence has none.
  const pugi::xml_node& operator[](std::string_view name) const { return nodes_[place_of(name)]; }

 private:
  static constexpr std::array<std::string_view, 18> kNames = {
      "application",     "name",
      "family",          "edition",
      "channel",         "licenseFamily",
      "dependsOn",       "keyGroup",
      "rearms",          "requiredClientCount",
      "activationLimit", "operatingSystemSku",
      "evaluationEnd",   "upgradeOnly",
      "processorUrl",    "machineUrl",
      "productKeyUrl",   "useLicenseUrl"};

  explicit Elements(const pugi::xml_node& license) : license_(license) {}
  static std::size_t place_of(std::string_view name) {
    return static_cast<std::size_t>(std::find(kNames.begin(), kNames.end(), name) - kNames.begin());
  }

  pugi::xml_node license_;
  std::array<pugi::xml_node, kNames.size()> nodes_;
};

Result<> load(pugi::xml_document& document, std::string_view xml) {
  if (xml.empty()) return fail(HResult::kEInvalidarg, "the licence is empty");
  if (xml.size() > kMaxLicenseBytes) return bad("the licence is longer than 1 MiB");
  const auto parsed = document.load_buffer(xml.data(), xml.size(), kOptions);
  if (!parsed) return bad(parsed.description(), parsed.offset);
  for (const pugi::xml_node& child : document.children())
    if (child.type() == pugi::node_doctype)
      return bad("a DTD is not allowed", child.offset_debug());
  const pugi::xml_node root = document.document_element();
  SL_CHECK(check_attributes(root));
  if (name_of(root).empty())
    return bad("the namespace is not urn:slwmi:license:1", root.offset_debug());
  return {};
}

Result<std::string> text_of(const Elements& elements, const char* name, bool required) {
  const pugi::xml_node& node = elements[name];
  const std::string_view text = node.text().as_string();
  if (required && text.empty())
    return bad(std::string("<") + name + "> is missing or empty",
               elements.license().offset_debug());
  if (!is_xml_text(text))
    return bad(std::string("<") + name + "> has a character that XML has not", node.offset_debug());
  return std::string(text);
}

Result<std::uint32_t> number_of(const Elements& elements, const char* name, std::uint32_t limit,
                                std::uint32_t fallback) {
  const pugi::xml_node& node = elements[name];
  if (!node) return fallback;
  const std::string_view text = node.text().as_string();
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > limit)
    return bad(std::string("<") + name + "> is no number up to " + std::to_string(limit),
               node.offset_debug());
  return number;
}

Result<Product> read(const pugi::xml_node& license) {
  SL_CHECK(check_attributes(license));
  if (name_of(license) != "license")
    return bad("the element is not <license>", license.offset_debug());
  SL_TRY(const Elements elements, Elements::of(license));
  Product product;
  const auto sku = parse_guid(license.attribute("product").value());
  if (!sku) return bad("the attribute product is no GUID", license.offset_debug());
  product.sku = *sku;
  SL_TRY(product.application, text_of(elements, "application", true));
  SL_TRY(product.name, text_of(elements, "name", true));
  SL_TRY(product.family, text_of(elements, "family", true));
  SL_TRY(product.edition, text_of(elements, "edition", true));
  SL_TRY(const std::string channel, text_of(elements, "channel", true));
  const auto parsed = parse_channel(channel);
  if (!parsed) return bad(parsed.error().message, elements["channel"].offset_debug());
  product.channel = *parsed;
  SL_TRY(product.license_family, text_of(elements, "licenseFamily", true));
  SL_TRY(product.depends_on, text_of(elements, "dependsOn", false));
  SL_TRY(const std::uint32_t group, number_of(elements, "keyGroup", 0xFFFF, 0));
  product.key_group = static_cast<std::uint16_t>(group);
  SL_TRY(const std::uint32_t rearms, number_of(elements, "rearms", 255, kUsualRearms));
  product.rearms = static_cast<std::uint8_t>(rearms);
  SL_TRY(product.required_client_count, number_of(elements, "requiredClientCount", 1000, 0));
  SL_TRY(product.activation_limit,
         number_of(elements, "activationLimit", 0xFFFFFFFF, kUsualActivations));
  SL_TRY(product.operating_system_sku, number_of(elements, "operatingSystemSku", 0xFFFFFFFF, 0));
  if (const pugi::xml_node& end = elements["evaluationEnd"]) {
    const auto time = parse_iso8601(end.text().as_string());
    if (!time) return bad("<evaluationEnd> is no ISO 8601 time", end.offset_debug());
    product.evaluation_end = *time;
  }
  product.upgrade_only = static_cast<bool>(elements["upgradeOnly"]);
  SL_TRY(product.processor_url, text_of(elements, "processorUrl", false));
  SL_TRY(product.machine_url, text_of(elements, "machineUrl", false));
  SL_TRY(product.product_key_url, text_of(elements, "productKeyUrl", false));
  SL_TRY(product.use_license_url, text_of(elements, "useLicenseUrl", false));
  return complete(std::move(product));
}

void add(std::string& out, std::string_view name, std::string_view text) {
  if (!text.empty()) append_xml_element(out, name, text);
}

// What is left out counts as `usual`.
void add(std::string& out, std::string_view name, std::uint32_t number, std::uint32_t usual) {
  if (number != usual) append_xml_element(out, name, std::to_string(number));
}

}  // namespace

Result<Product> parse_license(std::string_view xml) {
  pugi::xml_document document;
  SL_CHECK(load(document, xml));
  return read(document.document_element());
}

Result<std::vector<Product>> parse_package(std::string_view xml) {
  pugi::xml_document document;
  if (auto loaded = load(document, xml); !loaded) {
    Error error = std::move(loaded).error();
    if (error.code == HResult::kSlEInvalidLicense) error.code = HResult::kSlEInvalidPackage;
    return fail(std::move(error));
  }
  const pugi::xml_node root = document.document_element();
  if (name_of(root) != "licensePackage")
    return fail(HResult::kSlEInvalidPackage, "the element is not <licensePackage>");
  std::vector<Product> products;
  for (const pugi::xml_node& child : root.children()) {
    if (child.type() != pugi::node_element) continue;
    if (products.size() == kMaxPackageLicenses)
      return fail(HResult::kSlEInvalidPackage, "the package holds more than 256 licences");
    SL_TRY(Product product, read(child));
    products.push_back(std::move(product));
  }
  if (products.empty()) return fail(HResult::kSlEInvalidPackage, "the package holds no licence");
  return products;
}

std::string to_document(const Product& product) {
  std::string out;
  out.reserve(1024);
  out.append("<license xmlns=\"").append(kLicenseNamespace).append("\" product=\"");
  out.append(format_guid(product.sku)).append("\">");
  add(out, "application", product.application);
  add(out, "name", product.name);
  add(out, "family", product.family);
  add(out, "edition", product.edition);
  add(out, "channel", channel_token(product.channel));
  add(out, "licenseFamily", product.license_family);
  add(out, "dependsOn", product.depends_on);
  add(out, "keyGroup", product.key_group, 0);
  add(out, "rearms", product.rearms, kUsualRearms);
  add(out, "requiredClientCount", product.required_client_count, 0);
  add(out, "activationLimit", product.activation_limit, kUsualActivations);
  add(out, "operatingSystemSku", product.operating_system_sku, 0);
  if (product.evaluation_end != FileTime{})
    add(out, "evaluationEnd", format_iso8601(product.evaluation_end));
  if (product.upgrade_only) out += "<upgradeOnly/>";
  add(out, "processorUrl", product.processor_url);
  add(out, "machineUrl", product.machine_url);
  add(out, "productKeyUrl", product.product_key_url);
  add(out, "useLicenseUrl", product.use_license_url);
  out += "</license>";
  return out;
}

}  // namespace slwmi::licensing
