#include "policy/links.hpp"

#include "base/text.hpp"

namespace slwmi::policy {
namespace {

constexpr std::string_view kScheme = "LDAP://";
constexpr unsigned kDisabled = 1, kEnforced = 2;

tl::unexpected<Error> malformed(std::size_t offset, std::string message) {
  return fail(HResult::kErrorInvalidData, std::move(message),
              SourcePos{offset, 1, static_cast<int>(offset) + 1});
}

}  // namespace

Result<std::vector<PolicyLink>> parse_links(std::string_view text) {
  std::vector<PolicyLink> links;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    if (text[at] != '[') return malformed(at, "expected '[' before a link");
    const std::size_t end = text.find(']', at);
    if (end == std::string_view::npos) return malformed(at, "the link is not closed");
    std::string_view inside = text.substr(at + 1, end - at - 1);
    const std::size_t split = inside.rfind(';');
    if (split == std::string_view::npos)
      return malformed(end, "expected ';' and the link's options");
    const auto options = parse_unsigned(inside.substr(split + 1));
    if (!options) return malformed(at + 1 + split + 1, "the link's options are no number");
    inside = inside.substr(0, split);
    if (starts_with_ignore_case(inside, kScheme)) inside.remove_prefix(kScheme.size());
    if (inside.empty()) return malformed(at + 1, "the link names no object");
    PolicyLink link;
    link.object = inside;
    link.disabled = (*options & kDisabled) != 0;
    link.enforced = (*options & kEnforced) != 0;
    links.push_back(std::move(link));
    at = end + 1;
  }
  return links;
}

std::vector<std::string> application_order(std::string_view local,
                                           std::span<const Container> containers,
                                           FunctionRef<bool(std::string_view object)> applies) {
  std::size_t first_inherited = 0;
  for (std::size_t i = 0; i < containers.size(); ++i) {
    if (containers[i].blocks_inheritance) first_inherited = i;
  }
  std::vector<std::string> order;
  const auto append = [&](const Container& container, bool enforced) {
    for (const PolicyLink& link : container.links) {
      if (link.disabled || link.enforced != enforced || !applies(link.object)) continue;
      order.push_back(link.object);
    }
  };
  if (!local.empty() && applies(local)) order.emplace_back(local);
  for (std::size_t i = first_inherited; i < containers.size(); ++i) append(containers[i], false);
  for (std::size_t i = containers.size(); i > 0; --i) append(containers[i - 1], true);
  return order;
}

}  // namespace slwmi::policy
