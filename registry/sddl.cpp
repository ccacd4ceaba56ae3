// SDDL, the text form of security descriptors: O:owner G:group D:flags(ace)(ace) S:flags(ace).
#include <algorithm>
#include <cstdio>

#include "base/text.hpp"
#include "registry/security.hpp"

namespace slwmi::reg {
namespace {

struct Alias {
  std::string_view text;
  Sid sid;
};

constexpr Alias kAliases[] = {
    {"WD", sids::kEveryone},
    {"CO", sids::kCreatorOwner},
    {"CG", sids::kCreatorGroup},
    {"OW", {3, {4}}},
    {"NU", sids::kNetwork},
    {"IU", sids::kInteractive},
    {"SU", sids::kService},
    {"AN", sids::kAnonymous},
    {"ED", {5, {9}}},
    {"PS", {5, {10}}},
    {"AU", sids::kAuthenticatedUsers},
    {"RC", sids::kRestricted},
    {"WR", {5, {33}}},
    {"SY", sids::kSystem},
    {"LS", sids::kLocalService},
    {"NS", sids::kNetworkService},
    {"BA", sids::kAdministrators},
    {"BU", sids::kUsers},
    {"BG", {5, {32, 546}}},
    {"PU", sids::kPowerUsers},
    {"AO", {5, {32, 548}}},
    {"SO", {5, {32, 549}}},
    {"PO", {5, {32, 550}}},
    {"BO", sids::kBackupOperators},
    {"RE", {5, {32, 552}}},
    {"RU", {5, {32, 554}}},
    {"RD", {5, {32, 555}}},
    {"NO", {5, {32, 556}}},
    {"MU", {5, {32, 558}}},
    {"LU", {5, {32, 559}}},
    {"IS", {5, {32, 568}}},
    {"CY", {5, {32, 569}}},
};

struct RightsName {
  std::string_view text;
  Access mask;
};

// Whole masks first: they are tried before single letters when writing.
constexpr RightsName kWholeRights[] = {
    {"KA", access::kAllAccess}, {"KR", access::kRead}, {"KW", access::kWrite},
    {"KX", access::kRead},      {"FA", 0x001F01FF},    {"FR", 0x00120089},
    {"FW", 0x00120116},         {"FX", 0x001200A0},
};
constexpr RightsName kSingleRights[] = {
    {"CC", 0x0001},
    {"DC", 0x0002},
    {"LC", 0x0004},
    {"SW", 0x0008},
    {"RP", 0x0010},
    {"WP", 0x0020},
    {"DT", 0x0040},
    {"LO", 0x0080},
    {"CR", 0x0100},
    {"SD", access::kDelete},
    {"RC", access::kReadControl},
    {"WD", access::kWriteDac},
    {"WO", access::kWriteOwner},
    {"GA", access::kGenericAll},
    {"GR", access::kGenericRead},
    {"GW", access::kGenericWrite},
    {"GX", access::kGenericExecute},
};

struct FlagName {
  std::string_view text;
  std::uint8_t flag;
};
constexpr FlagName kAceFlags[] = {
    {"OI", kObjectInherit}, {"CI", kContainerInherit}, {"NP", kNoPropagateInherit},
    {"IO", kInheritOnly},   {"ID", kInherited},        {"SA", kAuditSuccess},
    {"FA", kAuditFailure},
};
constexpr std::string_view kAceTypes[] = {"A", "D", "AU", "AL"};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<SecurityDescriptor> parse() {
    SecurityDescriptor out;
    while (at_ < text_.size()) {
      const char part = ascii_upper(text_[at_]);
      if (at_ + 1 >= text_.size() || text_[at_ + 1] != ':') return bad("a part O:, G:, D: or S:");
      at_ += 2;
      if (part == 'O') {
        SL_TRY(out.owner, sid());
      } else if (part == 'G') {
        SL_TRY(out.group, sid());
      } else if (part == 'D') {
        SL_TRY(out.dacl,
               acl(out, kDaclPresent, kDaclProtected, kDaclAutoInheritReq, kDaclAutoInherited));
      } else if (part == 'S') {
        SL_TRY(out.sacl,
               acl(out, kSaclPresent, kSaclProtected, kSaclAutoInheritReq, kSaclAutoInherited));
      } else {
        at_ -= 2;
        return bad("a part O:, G:, D: or S:");
      }
    }
    return out;
  }

 private:
  tl::unexpected<Error> bad(const char* expected) const {
    return fail(HResult::kEInvalidarg, std::string("the SDDL text needs ") + expected,
                SourcePos{at_}, std::string(text_.substr(at_, 8)));
  }
  bool take(std::string_view word) {
    if (!starts_with_ignore_case(text_.substr(at_), word)) return false;
    at_ += word.size();
    return true;
  }

  Result<Sid> sid() {
    if (at_ + 1 < text_.size() && ascii_upper(text_[at_]) == 'S' && text_[at_ + 1] == '-') {
      const std::size_t end =
          std::min(text_.find_first_not_of("sS-0123456789xXabcdefABCDEF", at_), text_.size());
      // A part of the descriptor may follow at once: "...-544G:".
      std::size_t stop = end;
      while (stop > at_ && stop < text_.size() && text_[stop] == ':' &&
             !is_digit(text_[stop - 1])) {
        --stop;
      }
      const Result<Sid> parsed = parse_sid(text_.substr(at_, stop - at_));
      if (!parsed) return bad("a SID");
      at_ = stop;
      return *parsed;
    }
    for (const Alias& alias : kAliases) {
      if (take(alias.text)) return alias.sid;
    }
    return bad("a SID or one of its two-letter names");
  }

  Result<std::optional<Acl>> acl(SecurityDescriptor& out, std::uint16_t present,
                                 std::uint16_t is_protected, std::uint16_t request,
                                 std::uint16_t inherited) {
    out.control |= present;
    for (;;) {
      if (take("NO_ACCESS_CONTROL")) return std::optional<Acl>{};
      if (take("AR")) {
        out.control |= request;
      } else if (take("AI")) {
        out.control |= inherited;
      } else if (take("P")) {
        out.control |= is_protected;
      } else {
        break;
      }
    }
    Acl acl;
    while (take("(")) {
      SL_TRY(Ace one, ace());
      acl.push_back(one);
    }
    return std::optional<Acl>(std::move(acl));
  }

  Result<> semicolon() {
    if (!take(";")) return bad("a semicolon");
    return {};
  }

  Result<Ace> ace() {
    Ace out;
    const std::size_t end = std::min(text_.find(';', at_), text_.size());
    const std::string_view type = text_.substr(at_, end - at_);
    const auto* row = std::find_if(std::begin(kAceTypes), std::end(kAceTypes),
                                   [&](std::string_view t) { return equal_ignore_case(t, type); });
    if (row == std::end(kAceTypes)) return bad("an ACE type A, D, AU or AL");
    out.type = static_cast<AceType>(row - std::begin(kAceTypes));
    at_ = end;
    SL_CHECK(semicolon());
    while (at_ < text_.size() && text_[at_] != ';') {
      const auto* flag = std::find_if(std::begin(kAceFlags), std::end(kAceFlags),
                                      [&](const FlagName& f) { return take(f.text); });
      if (flag == std::end(kAceFlags)) return bad("ACE flags");
      out.flags |= flag->flag;
    }
    SL_CHECK(semicolon());
    SL_TRY(out.mask, rights());
    SL_CHECK(semicolon());
    SL_CHECK(semicolon());  // keys have no object GUIDs
    SL_CHECK(semicolon());
    SL_TRY(out.sid, sid());
    if (!take(")")) return bad("a closing parenthesis");
    return out;
  }

  Result<Access> rights() {
    if (take("0x")) {
      const std::size_t end = std::min(text_.find(';', at_), text_.size());
      const auto number = parse_unsigned("0x" + std::string(text_.substr(at_, end - at_)));
      if (!number || *number > 0xFFFFFFFFu) return bad("a 32-bit hexadecimal number");
      at_ = end;
      return static_cast<Access>(*number);
    }
    Access mask = 0;
    while (at_ < text_.size() && text_[at_] != ';') {
      const auto take_one = [&](const RightsName& r) { return take(r.text); };
      const auto* one = std::find_if(std::begin(kSingleRights), std::end(kSingleRights), take_one);
      if (one == std::end(kSingleRights)) {
        one = std::find_if(std::begin(kWholeRights), std::end(kWholeRights), take_one);
        if (one == std::end(kWholeRights)) return bad("access rights");
      }
      mask |= one->mask;
    }
    return mask;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string sid_text(const Sid& sid) {
  for (const Alias& alias : kAliases) {
    if (alias.sid == sid) return std::string(alias.text);
  }
  return format_sid(sid);
}

std::string rights_text(Access mask) {
  for (const RightsName& whole : kWholeRights) {
    if (whole.mask == mask) return std::string(whole.text);
  }
  std::string out;
  Access rest = mask;
  for (const RightsName& one : kSingleRights) {
    if ((mask & one.mask) != 0) out += one.text, rest &= ~one.mask;
  }
  if (rest == 0) return out;
  char hex[12];
  std::snprintf(hex, sizeof hex, "0x%x", mask);
  return hex;
}

void append_acl(std::string& out, const std::optional<Acl>& acl, std::uint16_t control,
                std::uint16_t is_protected, std::uint16_t request, std::uint16_t inherited) {
  if ((control & is_protected) != 0) out += "P";
  if ((control & request) != 0) out += "AR";
  if ((control & inherited) != 0) out += "AI";
  if (!acl) {
    out += "NO_ACCESS_CONTROL";
    return;
  }
  for (const Ace& ace : *acl) {
    out += "(" + std::string(kAceTypes[static_cast<std::size_t>(ace.type)]) + ";";
    for (const FlagName& flag : kAceFlags) {
      if ((ace.flags & flag.flag) != 0) out += flag.text;
    }
    out += ";" + rights_text(ace.mask) + ";;;" + sid_text(ace.sid) + ")";
  }
}

}  // namespace

Result<SecurityDescriptor> parse_sddl(std::string_view text) { return Parser(text).parse(); }

std::string to_sddl(const SecurityDescriptor& descriptor) {
  std::string out;
  if (descriptor.owner) out += "O:" + sid_text(*descriptor.owner);
  if (descriptor.group) out += "G:" + sid_text(*descriptor.group);
  if (descriptor.dacl || (descriptor.control & kDaclPresent) != 0) {
    out += "D:";
    append_acl(out, descriptor.dacl, descriptor.control, kDaclProtected, kDaclAutoInheritReq,
               kDaclAutoInherited);
  }
  if (descriptor.sacl || (descriptor.control & kSaclPresent) != 0) {
    out += "S:";
    append_acl(out, descriptor.sacl, descriptor.control, kSaclProtected, kSaclAutoInheritReq,
               kSaclAutoInherited);
  }
  return out;
}

}  // namespace slwmi::reg
