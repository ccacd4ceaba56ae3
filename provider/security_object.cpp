// Security descriptors as the WMI objects that StdRegProv takes and gives.
#include <string>
#include <utility>

#include "provider/registry_class.hpp"
#include "schema/instance.hpp"

namespace slwmi::licensing {
namespace {

using cim::Instance;
using cim::Type;
using cim::Value;

Result<Instance> make(const ClassFinder& find_class, std::string_view name) {
  const cim::ClassPtr cls = find_class(name);
  if (cls == nullptr) return fail(HResult::kWbemEInvalidClass, std::string(name) + " is no class");
  return Instance(cls);
}

Value object_of(Instance instance) {
  return Value::object(std::make_shared<const Instance>(std::move(instance)));
}

Result<Value> trustee(const Sid& sid, const ClassFinder& find_class) {
  SL_TRY(Instance out, make(find_class, "__Trustee"));
  ByteWriter bytes;
  write_sid(bytes, sid);
  std::vector<Value> elements;
  for (const std::byte b : bytes.data())
    elements.push_back(Value::unsigned_integer(Type::kUint8, static_cast<std::uint8_t>(b)));
  SL_CHECK(out.set("SidLength", Value::uint32(static_cast<std::uint32_t>(elements.size()))));
  SL_CHECK(out.set("SID", Value::array(Type::kUint8, std::move(elements))));
  SL_CHECK(out.set("SIDString", Value::text(format_sid(sid))));
  return object_of(std::move(out));
}

Result<Value> acl_to_objects(const reg::Acl& acl, const ClassFinder& find_class) {
  std::vector<Value> entries;
  for (const reg::Ace& ace : acl) {
    SL_TRY(Instance out, make(find_class, "__ACE"));
    SL_CHECK(out.set("AccessMask", Value::uint32(ace.mask)));
    SL_CHECK(out.set("AceFlags", Value::uint32(ace.flags)));
    SL_CHECK(out.set("AceType", Value::uint32(static_cast<std::uint32_t>(ace.type))));
    SL_TRY(Value who, trustee(ace.sid, find_class));
    SL_CHECK(out.set("Trustee", who));
    entries.push_back(object_of(std::move(out)));
  }
  return Value::array(Type::kObject, std::move(entries));
}

tl::unexpected<Error> malformed(std::string why) {
  return fail(HResult::kErrorInvalidData, std::move(why));
}

Result<Sid> read_trustee(const Value& value) {
  if (value.is_null() || value.as_object() == nullptr) return malformed("a trustee is missing");
  const Instance& object = *value.as_object();
  const Value& text = object.get("SIDString");
  if (!text.is_null()) return parse_sid(text.as_text());
  ByteWriter bytes;
  for (const Value& element : object.get("SID").elements())
    bytes.u8(static_cast<std::uint8_t>(element.as_uint32()));
  ByteReader in(bytes.data());
  const auto sid = read_sid(in);
  if (!sid) return malformed("a trustee has neither SID nor SIDString");
  return *sid;
}

Result<reg::Acl> read_acl(const Value& list) {
  reg::Acl acl;
  for (const Value& element : list.elements()) {
    if (element.as_object() == nullptr)
      return malformed("an ACL holds something else than entries");
    const Instance& entry = *element.as_object();
    if (entry.get("AccessMask").is_null() || entry.get("AceType").is_null())
      return malformed("an entry of an ACL has no mask or no type");
    reg::Ace ace;
    const std::uint32_t type = entry.get("AceType").as_uint32();
    if (type > static_cast<std::uint32_t>(reg::AceType::kAlarm))
      return malformed("an entry of an ACL has an unknown type");
    ace.type = static_cast<reg::AceType>(type);
    ace.mask = entry.get("AccessMask").as_uint32();
    ace.flags = static_cast<std::uint8_t>(entry.get("AceFlags").as_uint32());
    SL_TRY(ace.sid, read_trustee(entry.get("Trustee")));
    acl.push_back(ace);
  }
  return acl;
}

}  // namespace

Result<Value> to_object(const reg::SecurityDescriptor& descriptor, const ClassFinder& find_class) {
  SL_TRY(Instance out, make(find_class, "__SecurityDescriptor"));
  SL_CHECK(out.set("ControlFlags", Value::uint32(descriptor.control)));
  if (descriptor.owner) {
    SL_TRY(const Value owner, trustee(*descriptor.owner, find_class));
    SL_CHECK(out.set("Owner", owner));
  }
  if (descriptor.group) {
    SL_TRY(const Value group, trustee(*descriptor.group, find_class));
    SL_CHECK(out.set("Group", group));
  }
  if (descriptor.dacl) {
    SL_TRY(const Value dacl, acl_to_objects(*descriptor.dacl, find_class));
    SL_CHECK(out.set("DACL", dacl));
  }
  if (descriptor.sacl) {
    SL_TRY(const Value sacl, acl_to_objects(*descriptor.sacl, find_class));
    SL_CHECK(out.set("SACL", sacl));
  }
  return object_of(std::move(out));
}

Result<reg::SecurityDescriptor> from_object(const Value& object) {
  if (object.is_null() || object.as_object() == nullptr) return malformed("there is no descriptor");
  const Instance& in = *object.as_object();
  reg::SecurityDescriptor out;
  if (const Value& flags = in.get("ControlFlags"); !flags.is_null())
    out.control = static_cast<std::uint16_t>(flags.as_uint32() | reg::kSelfRelative);
  if (!in.get("Owner").is_null()) {
    SL_TRY(out.owner, read_trustee(in.get("Owner")));
  }
  if (!in.get("Group").is_null()) {
    SL_TRY(out.group, read_trustee(in.get("Group")));
  }
  if (!in.get("DACL").is_null()) {
    SL_TRY(out.dacl, read_acl(in.get("DACL")));
    out.control |= reg::kDaclPresent;
  }
  if (!in.get("SACL").is_null()) {
    SL_TRY(out.sacl, read_acl(in.get("SACL")));
    out.control |= reg::kSaclPresent;
  }
  return out;
}

}  // namespace slwmi::licensing
