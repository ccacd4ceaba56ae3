#include <bit>
#include <functional>
#include <limits>
#include <map>
#include <unordered_map>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "schema/image_format.hpp"
#include "schema/repository.hpp"
#include "schema/schema_image.hpp"

namespace slwmi::cim {
namespace {

using namespace image;

class ImageWriter {
 public:
  Bytes write(const std::map<std::string, Repository::Namespace, IgnoreCaseLess>& spaces) {
    out_.zeros(kHeaderBytes);
    struct Tables {
      std::uint32_t name, classes, class_offset, tables, table_offset;
    };
    std::vector<Tables> rows;
    for (const auto& [name, space] : spaces) {
      Tables row{string(name), count_of(space.classes), 0, count_of(space.instances), 0};
      std::vector<std::uint32_t> entries;
      for (const auto& [class_name, cls] : space.classes) {
        const bool derived = cls != nullptr && cls->superclass() != nullptr;
        entries.push_back(string(cls == nullptr ? class_name : cls->name()));
        entries.push_back(derived ? string(cls->superclass()->name()) : kNoString);
        entries.push_back(cls == nullptr ? 0 : here());
        if (cls != nullptr) write_class(*cls);
      }
      row.class_offset = table(entries);
      entries.clear();
      for (const auto& [class_name, instances] : space.instances) {
        entries.push_back(string(class_name));
        entries.push_back(static_cast<std::uint32_t>(instances->rows().size()));
        entries.push_back(here());
        write_instances(*instances);
      }
      row.table_offset = table(entries);
      rows.push_back(row);
    }
    out_.align(4);
    const std::uint32_t namespaces = here();
    for (const Tables& row : rows) {
      for (const std::uint32_t word :
           {row.name, row.classes, row.class_offset, row.tables, row.table_offset})
        out_.u32(word);
    }
    finish(static_cast<std::uint32_t>(rows.size()), namespaces);
    return out_.take();
  }

 private:
  template <class Map>
  static std::uint32_t count_of(const Map& map) {
    return static_cast<std::uint32_t>(map.size());
  }
  std::uint32_t here() const { return static_cast<std::uint32_t>(out_.position()); }

  std::uint32_t table(const std::vector<std::uint32_t>& words) {
    out_.align(4);
    const std::uint32_t offset = here();
    for (const std::uint32_t word : words) out_.u32(word);
    return offset;
  }

  void finish(std::uint32_t namespace_count, std::uint32_t namespaces) {
    const std::uint32_t offsets = here();
    std::uint32_t end = 0;
    for (const std::string_view text : strings_) {
      out_.u32(end);
      end += static_cast<std::uint32_t>(text.size());
    }
    out_.u32(end);
    const std::uint32_t text_offset = here();
    for (const std::string_view text : strings_) out_.bytes(text);
    out_.patch_u32(0, kMagic);
    out_.patch_u32(4, kVersion);
    out_.patch_u32(16, static_cast<std::uint32_t>(strings_.size()));
    out_.patch_u32(20, offsets);
    out_.patch_u32(24, text_offset);
    out_.patch_u32(28, namespace_count);
    out_.patch_u32(32, namespaces);
    out_.patch_u32(36, here());
    const std::uint64_t hash = hash64(out_.data().subspan(kHashedFrom));
    out_.patch_u32(8, static_cast<std::uint32_t>(hash));
    out_.patch_u32(12, static_cast<std::uint32_t>(hash >> 32));
  }

  // --- pieces ---
  std::uint32_t string(std::string_view text) {
    const auto next = static_cast<std::uint32_t>(strings_.size());
    const auto [it, fresh] = ids_.try_emplace(std::string(text), next);
    if (fresh) strings_.push_back(it->first);
    return it->second;
  }
  void signed_varint(std::int64_t number) {
    out_.varint((static_cast<std::uint64_t>(number) << 1) ^
                static_cast<std::uint64_t>(number >> 63));
  }
  void put_string(std::string_view text) { out_.varint(string(text)); }
  void put_type(Type type) { out_.u8(static_cast<std::uint8_t>(type)); }

  void scalar(const Value& value) {
    if (is_text(value.type())) {
      put_string(value.as_text());
    } else if (value.type() == Type::kObject) {
      const Instance& instance = *value.as_object();
      put_string(instance.cls()->name());
      out_.varint(instance.values().size());
      for (const Property& property : instance.cls()->properties()) {
        put_string(property.name);
        put_value(instance.at(property.slot));
      }
    } else if (is_real(value.type())) {
      out_.u64(std::bit_cast<std::uint64_t>(value.as_real()));
    } else if (is_signed_integer(value.type())) {
      signed_varint(value.as_sint64());
    } else {
      out_.varint(value.as_uint64());
    }
  }

  void put_value(const Value& value) {
    put_type(value.type());
    if (value.is_null()) {
      out_.u8(value.is_array() ? kNullArrayValue : kNullValue);
    } else if (value.is_array()) {
      out_.u8(kArrayValue);
      out_.varint(value.elements().size());
      for (const Value& element : value.elements()) scalar(element);
    } else {
      out_.u8(kScalarValue);
      scalar(value);
    }
  }

  // What a subclass inherits is not written: building the class adds it again.
  void put_qualifiers(const QualifierSet& set) {
    std::size_t own = 0;
    for (const Qualifier& qualifier : set) own += qualifier.propagated ? 0 : 1;
    out_.varint(own);
    for (const Qualifier& qualifier : set) {
      if (qualifier.propagated) continue;
      put_string(qualifier.name);
      out_.u8(static_cast<std::uint8_t>(qualifier.flavor));
      put_value(qualifier.value);
    }
  }

  template <class Member>
  void put_member(const Member& member, std::uint8_t flags) {
    put_string(member.name);
    put_type(member.type);
    flags = static_cast<std::uint8_t>(flags | (member.is_array ? kArrayFlag : 0) |
                                      (member.reference_class.empty() ? 0 : kClassFlag));
    out_.u8(flags);
    if (!member.reference_class.empty()) put_string(member.reference_class);
    put_value(member.default_value);
    put_qualifiers(member.qualifiers);
  }

  void write_class(const Class& cls) {
    put_qualifiers(cls.qualifiers());
    std::size_t own = 0;
    for (const Property& property : cls.properties()) own += property.local ? 1 : 0;
    out_.varint(own);
    for (const Property& property : cls.properties()) {
      if (!property.local) continue;
      put_member(property, 0);
      out_.varint(property.array_size);
    }
    own = 0;
    for (const Method& method : cls.methods()) own += method.local ? 1 : 0;
    out_.varint(own);
    for (const Method& method : cls.methods()) {
      if (method.local) write_method(method);
    }
  }

  void write_method(const Method& method) {
    put_string(method.name);
    put_type(method.return_type);
    out_.u8(method.returns_void ? kVoidFlag : 0);
    put_qualifiers(method.qualifiers);
    out_.varint(method.parameters.size());
    for (const Parameter& parameter : method.parameters) {
      put_member(parameter, static_cast<std::uint8_t>((parameter.in ? kInFlag : 0) |
                                                      (parameter.out ? kOutFlag : 0)));
      signed_varint(parameter.id);
    }
  }

  void write_instances(const InstanceTable& table) {
    const std::vector<Property>& properties = table.cls()->properties();
    out_.varint(properties.size());
    for (const Property& property : properties) put_string(property.name);
    for (const Instance& row : table.rows()) {
      for (const Value& value : row.values()) put_value(value);
    }
  }

  ByteWriter out_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<std::string_view> strings_;  // the keys of ids_
};

}  // namespace

Bytes encode(const Repository& repository) { return ImageWriter().write(repository.layer()); }

}  // namespace slwmi::cim
