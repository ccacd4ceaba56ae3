#include "registry/security.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "registry/growing_array.hpp"

namespace slwmi::reg {
namespace {

constexpr std::size_t kHeaderSize = 20;
constexpr std::size_t kAclHeaderSize = 8;
constexpr std::uint8_t kInheritFlags = kObjectInherit | kContainerInherit;

Access map_generic(Access mask) {
  using namespace access;
  Access out = mask & ~(kGenericAll | kGenericExecute | kGenericWrite | kGenericRead);
  if (mask & kGenericAll) out |= kAllAccess;
  if (mask & (kGenericRead | kGenericExecute)) out |= kRead;
  if (mask & kGenericWrite) out |= kWrite;
  return out;
}

// --- binary form ---

void write_acl(ByteWriter& out, const Acl& acl) {
  std::size_t size = kAclHeaderSize;
  for (const Ace& ace : acl) size += 8 + sid_size(ace.sid);
  out.u8(2);
  out.u8(0);
  out.u16(static_cast<std::uint16_t>(size));
  out.u16(static_cast<std::uint16_t>(acl.size()));
  out.u16(0);
  for (const Ace& ace : acl) {
    out.u8(static_cast<std::uint8_t>(ace.type));
    out.u8(ace.flags);
    out.u16(static_cast<std::uint16_t>(8 + sid_size(ace.sid)));
    out.u32(ace.mask);
    write_sid(out, ace.sid);
  }
}

tl::unexpected<Error> bad_descriptor(const char* what, std::size_t offset) {
  return fail(HResult::kErrorInvalidData, what, SourcePos{offset});
}

Result<Ace> read_ace(ByteReader& in) {
  const std::size_t start = in.position();
  Ace ace;
  const std::uint8_t type = in.u8();
  if (type > static_cast<std::uint8_t>(AceType::kAlarm)) {
    return bad_descriptor("an ACE is of a kind that keys do not carry", start);
  }
  ace.type = static_cast<AceType>(type);
  ace.flags = in.u8();
  const std::size_t size = in.u16();
  ace.mask = in.u32();
  const std::optional<Sid> sid = read_sid(in);
  if (!in.ok() || !sid) return bad_descriptor("an ACE is cut off or its SID is bad", start);
  if (in.position() - start > size) return bad_descriptor("an ACE is longer than it says", start);
  ace.sid = *sid;
  in.seek(start + size);
  return ace;
}

Result<Acl> read_acl(ByteSpan bytes, std::size_t offset) {
  ByteReader in(bytes);
  in.seek(offset);
  const std::uint8_t revision = in.u8();
  in.u8();
  const std::size_t size = in.u16();
  const std::size_t count = in.u16();
  in.u16();
  if (!in.ok() || (revision != 2 && revision != 4) || size < kAclHeaderSize ||
      size > bytes.size() - offset) {
    return bad_descriptor("an ACL's header is bad", offset);
  }
  ByteReader body(bytes.first(offset + size));
  body.seek(offset + kAclHeaderSize);
  Acl acl;
  for (std::size_t i = 0; i < count; ++i) {
    SL_TRY(Ace ace, read_ace(body));
    if (!body.ok()) return bad_descriptor("an ACL is cut off", offset);
    acl.push_back(ace);
  }
  return acl;
}

Result<std::optional<Sid>> read_sid_at(ByteSpan bytes, std::size_t offset) {
  if (offset == 0) return std::optional<Sid>{};
  ByteReader in(bytes);
  in.seek(offset);
  const std::optional<Sid> sid = in.ok() ? read_sid(in) : std::nullopt;
  if (!sid) return bad_descriptor("a SID is bad", offset);
  return sid;
}

// --- inheritance ---

// Appends what a key below gets of one entry of its parent.
void hand_down(const Ace& from, const Sid& owner, const Sid& group, Acl& to) {
  const bool on = (from.flags & kNoPropagateInherit) == 0;
  const auto kept =
      static_cast<std::uint8_t>((from.flags & ~(kInheritOnly | kNoPropagateInherit)) | kInherited);
  const auto alone = static_cast<std::uint8_t>((kept & ~kInheritFlags));
  if ((from.flags & kContainerInherit) == 0) {
    if ((from.flags & kObjectInherit) != 0 && on) {
      to.push_back(
          {from.type, static_cast<std::uint8_t>(kept | kInheritOnly), from.mask, from.sid});
    }
    return;
  }
  Ace effective = from;
  if (from.sid == sids::kCreatorOwner) effective.sid = owner;
  if (from.sid == sids::kCreatorGroup) effective.sid = group;
  effective.mask = map_generic(from.mask);
  const bool same = effective.sid == from.sid && effective.mask == from.mask;
  effective.flags = same && on ? kept : alone;
  to.push_back(effective);
  if (!same && on) {
    to.push_back({from.type, static_cast<std::uint8_t>(kept | kInheritOnly), from.mask, from.sid});
  }
}

Acl hand_down(const Acl& from, const Sid& owner, const Sid& group) {
  Acl to;
  for (const Ace& ace : from) {
    if ((ace.flags & kInheritFlags) != 0) hand_down(ace, owner, group, to);
  }
  return to;
}

SecurityDescriptor inherit_as(const SecurityDescriptor& parent, const Sid& owner,
                              const Sid& group) {
  SecurityDescriptor child;
  child.control = kSelfRelative | kDaclPresent | kDaclAutoInherited;
  child.owner = owner;
  child.group = group;
  if (parent.dacl) child.dacl = hand_down(*parent.dacl, owner, group);
  if (!child.dacl || child.dacl->empty()) {  // what a token hands out by itself
    child.dacl = Acl{{AceType::kAllow, 0, access::kAllAccess, owner},
                     {AceType::kAllow, 0, access::kAllAccess, sids::kSystem}};
    child.control = kSelfRelative | kDaclPresent;
  }
  if (parent.sacl) {
    Acl sacl = hand_down(*parent.sacl, owner, group);
    if (!sacl.empty()) {
      child.sacl = std::move(sacl);
      child.control |= kSaclPresent | kSaclAutoInherited;
    }
  }
  return child;
}

// --- interning ---

class Descriptors {
 public:
  Descriptors() { entries_.append(nullptr); }

  SecurityId intern(const SecurityDescriptor& descriptor) {
    Bytes bytes = to_bytes(descriptor);
    const std::lock_guard lock(mutex_);
    const auto [it, added] = ids_.try_emplace(std::move(bytes), SecurityId::kInherited);
    if (added) {
      auto entry = std::make_unique<Entry>();
      entry->descriptor = descriptor;
      it->second = static_cast<SecurityId>(entries_.append(std::move(entry)));
    }
    return it->second;
  }
  const SecurityDescriptor& get(SecurityId id) const { return entries_[number(id)]->descriptor; }

  SecurityId below(SecurityId parent) {
    const Entry& entry = *entries_[number(parent)];
    std::uint32_t child = entry.child.load(std::memory_order_acquire);
    if (child == 0) {
      const SecurityDescriptor& from = entry.descriptor;
      child = number(intern(inherit_as(from, from.owner.value_or(sids::kAdministrators),
                                       from.group.value_or(sids::kSystem))));
      entry.child.store(child, std::memory_order_release);
    }
    return static_cast<SecurityId>(child);
  }

 private:
  struct Entry {
    SecurityDescriptor descriptor;
    mutable std::atomic<std::uint32_t> child{0};  // what it hands down, once asked for
  };
  std::mutex mutex_;
  std::map<Bytes, SecurityId> ids_;
  GrowingArray<std::unique_ptr<Entry>> entries_;
};

// Never destroyed, as the names.
Descriptors& descriptors() {
  static Descriptors& instance = *new Descriptors;
  return instance;
}

bool denies(const Principal& who, const Ace& ace) {
  if (is_member(who, ace.sid)) return true;
  // An unelevated administrator keeps the group for denying.
  return ace.sid == sids::kAdministrators && !who.elevated && who.user == sids::kAdministratorUser;
}

Access maximum_allowed(const SecurityDescriptor& descriptor, const Principal& who) {
  if (!descriptor.dacl) return access::kAllAccess;
  Access allowed = 0;
  Access denied = 0;
  if (descriptor.owner && is_member(who, *descriptor.owner)) {
    allowed = access::kReadControl | access::kWriteDac;
  }
  for (const Ace& ace : *descriptor.dacl) {
    if ((ace.flags & kInheritOnly) != 0) continue;
    const Access mask = map_generic(ace.mask) & access::kAllAccess;
    if (ace.type == AceType::kAllow && is_member(who, ace.sid)) allowed |= mask & ~denied;
    if (ace.type == AceType::kDeny && denies(who, ace)) denied |= mask & ~allowed;
  }
  return allowed;
}

}  // namespace

Result<SecurityDescriptor> parse_security(ByteSpan bytes) {
  ByteReader in(bytes);
  const std::uint8_t revision = in.u8();
  in.u8();
  SecurityDescriptor descriptor;
  descriptor.control = in.u16();
  const std::size_t owner = in.u32(), group = in.u32(), sacl = in.u32(), dacl = in.u32();
  if (!in.ok()) return bad_descriptor("a security descriptor is cut off", 0);
  if (revision != 1 || (descriptor.control & kSelfRelative) == 0) {
    return bad_descriptor("a security descriptor is not of revision 1 and self-relative", 0);
  }
  SL_TRY(descriptor.owner, read_sid_at(bytes, owner));
  SL_TRY(descriptor.group, read_sid_at(bytes, group));
  if ((descriptor.control & kDaclPresent) != 0 && dacl != 0) {
    SL_TRY(descriptor.dacl, read_acl(bytes, dacl));
  }
  if ((descriptor.control & kSaclPresent) != 0 && sacl != 0) {
    SL_TRY(descriptor.sacl, read_acl(bytes, sacl));
  }
  return descriptor;
}

std::vector<std::byte> to_bytes(const SecurityDescriptor& descriptor) {
  ByteWriter out;
  out.u8(1);
  out.u8(0);
  std::uint16_t control = descriptor.control | kSelfRelative;
  if (descriptor.dacl) control |= kDaclPresent;
  if (descriptor.sacl) control |= kSaclPresent;
  out.u16(control);
  out.zeros(kHeaderSize - 4);
  const auto mark = [&](std::size_t field) {
    out.patch_u32(field, static_cast<std::uint32_t>(out.position()));
  };
  if (descriptor.sacl) mark(12), write_acl(out, *descriptor.sacl);
  if (descriptor.dacl) mark(16), write_acl(out, *descriptor.dacl);
  if (descriptor.owner) mark(4), write_sid(out, *descriptor.owner);
  if (descriptor.group) mark(8), write_sid(out, *descriptor.group);
  return out.take();
}

std::optional<Access> check_access(const SecurityDescriptor& descriptor, const Principal& who,
                                   Access want) {
  using namespace access;
  want = map_generic(want & ~kWow64Flags);
  const bool maximum = (want & kMaximumAllowed) != 0;
  Access granted = want & ~kMaximumAllowed;
  if ((granted & kAccessSystemSecurity) != 0 && !who.elevated && who.user != sids::kSystem) {
    return std::nullopt;
  }
  Access remaining = granted & ~kAccessSystemSecurity;
  if (descriptor.dacl) {
    if (descriptor.owner && is_member(who, *descriptor.owner)) {
      remaining &= ~(kReadControl | kWriteDac);
    }
    for (const Ace& ace : *descriptor.dacl) {
      if (remaining == 0) break;
      if ((ace.flags & kInheritOnly) != 0) continue;
      const Access mask = map_generic(ace.mask);
      if (ace.type == AceType::kAllow && is_member(who, ace.sid)) remaining &= ~mask;
      if (ace.type == AceType::kDeny && (mask & remaining) != 0 && denies(who, ace)) break;
    }
    if (remaining != 0) return std::nullopt;
  }
  if (maximum) granted |= maximum_allowed(descriptor, who);
  if (granted == 0) return std::nullopt;
  return granted;
}

SecurityDescriptor inherit(const SecurityDescriptor& parent, const Principal& creator) {
  const Sid owner =
      is_member(creator, sids::kAdministrators) ? sids::kAdministrators : creator.user;
  return inherit_as(parent, owner, parent.group.value_or(sids::kSystem));
}

SecurityId intern_security(const SecurityDescriptor& descriptor) {
  return descriptors().intern(descriptor);
}

SecurityId intern_sddl(std::string_view sddl) {
  const Result<SecurityDescriptor> descriptor = parse_sddl(sddl);
  return descriptor ? intern_security(*descriptor) : SecurityId::kInherited;
}

const SecurityDescriptor& security_of(SecurityId id) { return descriptors().get(id); }
SecurityId handed_down(SecurityId parent) { return descriptors().below(parent); }

SecurityId machine_default() {
  static const SecurityId kId = intern_sddl(
      "O:BAG:SYD:(A;CI;KR;;;WD)(A;CI;KR;;;RC)(A;CI;KA;;;BA)(A;CI;KA;;;SY)(A;CIIO;KA;;;CO)");
  return kId;
}

SecurityId user_default(const Sid& user) {
  const std::string sid = format_sid(user);
  return intern_sddl("O:" + sid + "G:" + sid + "D:(A;CI;KA;;;" + sid +
                     ")(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;RC)");
}

SecurityId secure_key() {
  static const SecurityId kId =
      intern_sddl("O:BAG:SYD:P(A;CI;KA;;;BA)(A;CI;KA;;;SY)(A;CI;KR;;;BU)");
  return kId;
}

}  // namespace slwmi::reg
