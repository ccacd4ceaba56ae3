// Security descriptors of keys: owner, group, DACL and SACL, in SDDL text and in the self-relative
// binary form, and what Windows decides with them: who may open a key, and what a new key inherits.
// Descriptors are interned: equal ones share a SecurityId, which is a number of this process and
// stored nowhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "registry/value.hpp"

namespace slwmi::reg {

// Access rights of a key; also the masks of Windows' headers. KEY_WOW64_* are taken and ignored.
using Access = std::uint32_t;
namespace access {
constexpr Access kQueryValue = 0x0001;
constexpr Access kSetValue = 0x0002;
constexpr Access kCreateSubKey = 0x0004;
constexpr Access kEnumerateSubKeys = 0x0008;
constexpr Access kNotify = 0x0010;
constexpr Access kCreateLink = 0x0020;
constexpr Access kWow64Flags = 0x0300;
constexpr Access kDelete = 0x00010000;
constexpr Access kReadControl = 0x00020000;
constexpr Access kWriteDac = 0x00040000;
constexpr Access kWriteOwner = 0x00080000;
constexpr Access kAccessSystemSecurity = 0x01000000;
constexpr Access kMaximumAllowed = 0x02000000;
constexpr Access kGenericAll = 0x10000000;
constexpr Access kGenericExecute = 0x20000000;
constexpr Access kGenericWrite = 0x40000000;
constexpr Access kGenericRead = 0x80000000;
constexpr Access kRead = 0x00020019;
constexpr Access kWrite = 0x00020006;
constexpr Access kAllAccess = 0x000F003F;
}  // namespace access

enum class AceType : std::uint8_t { kAllow = 0, kDeny = 1, kAudit = 2, kAlarm = 3 };

enum AceFlags : std::uint8_t {
  kObjectInherit = 0x01,
  kContainerInherit = 0x02,
  kNoPropagateInherit = 0x04,
  kInheritOnly = 0x08,
  kInherited = 0x10,
  kAuditSuccess = 0x40,
  kAuditFailure = 0x80,
};

struct Ace {
  AceType type = AceType::kAllow;
  std::uint8_t flags = 0;
  Access mask = 0;
  Sid sid;
  bool operator==(const Ace&) const = default;
};

// Bits of SecurityDescriptor::control.
enum ControlFlags : std::uint16_t {
  kDaclPresent = 0x0004,
  kSaclPresent = 0x0010,
  kDaclAutoInheritReq = 0x0100,
  kSaclAutoInheritReq = 0x0200,
  kDaclAutoInherited = 0x0400,
  kSaclAutoInherited = 0x0800,
  kDaclProtected = 0x1000,
  kSaclProtected = 0x2000,
  kSelfRelative = 0x8000,
};

using Acl = std::vector<Ace>;

struct SecurityDescriptor {
  std::uint16_t control = kSelfRelative;
  std::optional<Sid> owner;
  std::optional<Sid> group;
  std::optional<Acl>
      dacl;  // absent, or present and null (kDaclPresent): everybody may do everything
  std::optional<Acl> sacl;
  bool operator==(const SecurityDescriptor&) const = default;
};

// SDDL. Rights are written as Windows writes them for keys (KA, KR, KW, KX where they fit, else
// letters or hex). E_INVALIDARG with the place when the text is not SDDL, or has an ACE of a kind
// that keys do not carry.
Result<SecurityDescriptor> parse_sddl(std::string_view text);
std::string to_sddl(const SecurityDescriptor& descriptor);

// The self-relative form. ERROR_INVALID_DATA with the offset when the bytes are not one.
Result<SecurityDescriptor> parse_security(ByteSpan bytes);
std::vector<std::byte> to_bytes(const SecurityDescriptor& descriptor);

// The rights granted when `who` asks for `want`; nothing when one of them is refused.
// kMaximumAllowed asks for all that there is. Deny entries count in their order; an unelevated
// administrator's Administrators group only denies; the owner always gets READ_CONTROL and
// WRITE_DAC.
std::optional<Access> check_access(const SecurityDescriptor& descriptor, const Principal& who,
                                   Access want);

// What a key created below a key with `parent` gets. An elevated administrator's keys belong to
// Administrators.
SecurityDescriptor inherit(const SecurityDescriptor& parent, const Principal& creator);

enum class SecurityId : std::uint32_t {
  kInherited = 0,  // none of its own: what the parent hands down, with the parent's owner and group
};
constexpr std::uint32_t number(SecurityId id) { return static_cast<std::uint32_t>(id); }

SecurityId intern_security(const SecurityDescriptor& descriptor);
// `sddl` must be right; for the descriptors written in the sources.
SecurityId intern_sddl(std::string_view sddl);
const SecurityDescriptor& security_of(
    SecurityId id);  // not for kInherited; lives as long as the process
// The descriptor that a key without one of its own has below a key with `parent`.
SecurityId handed_down(SecurityId parent);

// The documented defaults.
SecurityId machine_default();  // HKLM: read by all, written by Administrators and SYSTEM
SecurityId user_default(const Sid& user);  // HKU\<user>: by that user, SYSTEM and Administrators
SecurityId secure_key();  // **SecureKey: Administrators and SYSTEM full, users read

}  // namespace slwmi::reg
