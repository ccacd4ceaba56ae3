#include "base/principal.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace slwmi {
namespace {

constexpr std::uint64_t kMaxAuthority = (std::uint64_t{1} << 48) - 1;

struct Account {
  std::string_view name;
  Sid user;
  bool elevated;
  std::initializer_list<Sid> groups;
};

// Groups as the tokens of these accounts hold them. The anonymous token has no Everyone: Windows
// leaves it out unless EveryoneIncludesAnonymous says otherwise. An unelevated administrator's
// Administrators group is for denying only.
const Account kAccounts[] = {
    {"anonymous", sids::kAnonymous, false, {sids::kNetwork}},
    {"standard",
     sids::kStandardUser,
     false,
     {sids::kEveryone, sids::kUsers, sids::kInteractive, sids::kAuthenticatedUsers}},
    {"administrator",
     sids::kAdministratorUser,
     true,
     {sids::kEveryone, sids::kAdministrators, sids::kUsers, sids::kInteractive,
      sids::kAuthenticatedUsers}},
    {"administrator-unelevated",
     sids::kAdministratorUser,
     false,
     {sids::kEveryone, sids::kUsers, sids::kInteractive, sids::kAuthenticatedUsers}},
    {"network-service",
     sids::kNetworkService,
     false,
     {sids::kEveryone, sids::kUsers, sids::kService, sids::kAuthenticatedUsers}},
    {"local-service",
     sids::kLocalService,
     false,
     {sids::kEveryone, sids::kUsers, sids::kService, sids::kAuthenticatedUsers}},
    {"system",
     sids::kSystem,
     true,
     {sids::kEveryone, sids::kAdministrators, sids::kAuthenticatedUsers}},
};

constexpr std::string_view kNames[] = {
    "anonymous",       "standard",      "administrator", "administrator-unelevated",
    "network-service", "local-service", "system"};

const Account* find_account(std::string_view name) {
  const auto* account = std::find_if(
      std::begin(kAccounts), std::end(kAccounts),
      [name](const Account& candidate) { return equal_ignore_case(candidate.name, name); });
  return account == std::end(kAccounts) ? nullptr : account;
}

Principal make(const Account& account) {
  return {account.user, account.groups, account.elevated, {}, std::string(account.name)};
}

Principal make(const Sid& sid) {
  for (const Account& account : kAccounts) {
    if (account.user == sid) return make(account);  // the elevated form comes first
  }
  Principal principal = make(*find_account("standard"));
  principal.user = sid;
  principal.name = format_sid(sid);
  return principal;
}

// A decimal or "0x" number at `offset`, up to a dash or the end.
std::optional<std::uint64_t> next_number(std::string_view text, std::size_t& offset) {
  const std::size_t end = std::min(text.find('-', offset), text.size());
  const auto value = parse_unsigned(text.substr(offset, end - offset));
  if (value) offset = end;
  return value;
}

}  // namespace

std::string format_sid(const Sid& sid) {
  std::string out = "S-1-";
  if (sid.authority() <= 0xFFFFFFFFu) {
    out += std::to_string(sid.authority());
  } else {
    out += "0x";
    for (int shift = 44; shift >= 0; shift -= 4) {
      out.push_back("0123456789abcdef"[(sid.authority() >> shift) & 15]);
    }
  }
  for (const std::uint32_t sub : sid.sub_authorities()) out += "-" + std::to_string(sub);
  return out;
}

Result<Sid> parse_sid(std::string_view text) {
  const auto bad = [](std::size_t offset) {
    return fail(HResult::kEInvalidarg, "not a SID", SourcePos{offset, 0, 0});
  };
  constexpr std::string_view kPrefix = "S-1-";
  for (std::size_t i = 0; i < kPrefix.size(); ++i) {
    if (i >= text.size() || ascii_upper(text[i]) != kPrefix[i]) return bad(i);
  }
  std::size_t offset = kPrefix.size();
  const auto authority = next_number(text, offset);
  if (!authority || *authority > kMaxAuthority) return bad(kPrefix.size());
  Sid sid(*authority, {});
  while (offset < text.size()) {
    const std::size_t start = ++offset;  // past the dash
    const auto sub = next_number(text, offset);
    if (!sub || *sub > 0xFFFFFFFFu || sid.sub_authorities().size() == Sid::kMaxSubAuthorities) {
      return bad(start);
    }
    sid = sid.child(static_cast<std::uint32_t>(*sub));
  }
  if (sid.sub_authorities().empty()) return bad(text.size());
  return sid;
}

std::size_t sid_size(const Sid& sid) { return 8 + 4 * sid.sub_authorities().size(); }

void write_sid(ByteWriter& out, const Sid& sid) {
  out.u8(1);
  out.u8(static_cast<std::uint8_t>(sid.sub_authorities().size()));
  for (int shift = 40; shift >= 0; shift -= 8) {
    out.u8(static_cast<std::uint8_t>(sid.authority() >> shift));  // the authority is big-endian
  }
  for (const std::uint32_t sub : sid.sub_authorities()) out.u32(sub);
}

std::optional<Sid> read_sid(ByteReader& in) {
  if (!in.need(8)) return std::nullopt;
  const std::uint8_t revision = in.u8();
  const std::uint8_t count = in.u8();
  std::uint64_t authority = 0;
  for (int i = 0; i < 6; ++i) authority = authority << 8 | in.u8();
  if (revision != 1 || count > Sid::kMaxSubAuthorities || !in.need(std::size_t{4} * count)) {
    in.fail();
    return std::nullopt;
  }
  Sid sid(authority, {});
  for (int i = 0; i < count; ++i) sid = sid.child(in.u32());
  return sid;
}

bool is_member(const Principal& principal, const Sid& sid) {
  return principal.user == sid ||
         std::find(principal.groups.begin(), principal.groups.end(), sid) != principal.groups.end();
}

Result<Principal> find_principal(std::string_view name) {
  if (const Account* account = find_account(name)) return make(*account);
  if (starts_with_ignore_case(name, "S-")) {
    SL_TRY(const Sid sid, parse_sid(name));
    return make(sid);
  }
  std::string message = "unknown principal '" + std::string(name) + "'; known are ";
  for (const std::string_view known : kNames) message.append(known).append(", ");
  return fail(HResult::kEInvalidarg, message + "or a SID");
}

std::span<const std::string_view> principal_names() { return kNames; }

const Principal& network_service() {
  static const Principal kPrincipal = make(sids::kNetworkService);
  return kPrincipal;
}

const Principal& system_principal() {
  static const Principal kPrincipal = make(sids::kSystem);
  return kPrincipal;
}

}  // namespace slwmi
