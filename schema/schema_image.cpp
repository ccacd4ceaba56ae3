#include "schema/schema_image.hpp"

#include <algorithm>
#include <bit>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "schema/image_format.hpp"
#include "schema/repository.hpp"

namespace slwmi::cim {

using namespace image;

namespace {

bool is_type(Type type) {
  return is_integer(type) || is_real(type) || is_text(type) || type == Type::kBoolean ||
         type == Type::kObject || type == Type::kChar16;
}

}  // namespace

// Reads the body of one class or table. What is malformed makes the reader fail and yields zeros,
// so that one check at the end is enough.
class ImageReader {
 public:
  ImageReader(const SchemaImage& image, std::string_view ns, std::size_t offset)
      : image_(image), ns_(ns), in_(image.bytes_) {
    in_.seek(offset);
  }

  ClassPtr read_class(std::string_view name, std::string_view superclass) {
    ClassPtr above;
    if (!superclass.empty()) {
      above = find_class(superclass);
      if (above == nullptr) return nullptr;
    }
    ClassBuilder builder{std::string(name), std::move(above)};
    const QualifierSet own = qualifiers();
    for (const Qualifier& qualifier : own) builder.qualifier(qualifier);
    for (std::size_t left = count(); left > 0; --left) {
      Property property;
      member(property);
      property.array_size = static_cast<std::uint32_t>(in_.varint());
      builder.property(std::move(property));
    }
    for (std::size_t left = count(); left > 0; --left) builder.method(method());
    if (!in_.ok()) return nullptr;
    auto built = builder.build();
    return built ? *std::move(built) : nullptr;
  }

  InstanceTablePtr read_table(std::string_view class_name, std::uint32_t rows) {
    const ClassPtr cls = find_class(class_name);
    if (cls == nullptr) return nullptr;
    std::vector<int> slots;
    for (std::size_t left = count(); left > 0; --left) slots.push_back(cls->find_slot(string()));
    auto table = std::make_shared<InstanceTable>(cls);
    if (rows <= in_.remaining()) table->reserve(rows);
    for (std::uint32_t row = 0; row < rows && in_.ok(); ++row) {
      Instance instance(cls);
      for (const int slot : slots) assign(instance, slot, value());
      if (!in_.ok() || !table->put(std::move(instance))) break;
    }
    return in_.ok() ? table : nullptr;
  }

 private:
  ClassPtr find_class(std::string_view name) const {
    if (const ClassPtr* own = image_.find_class(Repository::home_of(ns_, name), name)) return *own;
    return image_.base_ == nullptr ? nullptr : image_.base_->find_class(ns_, name);
  }

  std::int64_t signed_varint() {
    const std::uint64_t number = in_.varint();
    return static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1));
  }
  // Of things that take at least a byte each.
  std::size_t count() {
    const std::uint64_t out = in_.varint();
    if (out > in_.remaining()) in_.fail();
    return in_.ok() ? static_cast<std::size_t>(out) : 0;
  }
  std::string_view string() {
    const std::uint64_t id = in_.varint();
    if (id >= image_.string_count_) in_.fail();
    return in_.ok() ? image_.string(static_cast<std::uint32_t>(id)) : std::string_view{};
  }
  Type type() {
    const auto out = static_cast<Type>(in_.u8());
    if (out != Type::kEmpty && !is_type(out)) in_.fail();
    return out;
  }

  Value scalar(Type type) {
    if (is_text(type)) return Value::text(string(), type);
    if (type == Type::kObject) return object();
    if (is_real(type)) return Value::real(std::bit_cast<double>(in_.u64()), type);
    if (is_signed_integer(type)) return Value::integer(type, signed_varint());
    return Value::unsigned_integer(type, in_.varint());
  }

  Value object() {
    const ClassPtr cls = find_class(string());
    const std::size_t properties = count();
    if (cls == nullptr || ++depth_ > kMaxDepth) {
      in_.fail();
      return {};
    }
    auto out = std::make_shared<Instance>(cls);
    for (std::size_t left = properties; left > 0 && in_.ok(); --left) {
      const int slot = cls->find_slot(string());
      assign(*out, slot, value());
    }
    --depth_;
    return Value::object(std::move(out));
  }

  Value value() {
    const Type type = this->type();
    switch (in_.u8()) {
      case kNullValue:
        return Value::null(type);
      case kNullArrayValue:
        return Value::null(type, true);
      case kScalarValue:
        return scalar(type);
      case kArrayValue: {
        std::vector<Value> elements;
        for (std::size_t left = count(); left > 0 && in_.ok(); --left)
          elements.push_back(scalar(type));
        return Value::array(type, std::move(elements));
      }
      default:
        in_.fail();
        return {};
    }
  }

  // A class may have changed since: what it no longer has is dropped.
  static void assign(Instance& instance, int slot, Value value) {
    if (slot < 0) return;
    const Property& property = instance.cls()->properties()[static_cast<std::size_t>(slot)];
    if (value.type() == property.type && value.is_array() == property.is_array) {
      instance.set(slot, std::move(value));
    }
  }

  QualifierSet qualifiers() {
    QualifierSet out;
    for (std::size_t left = count(); left > 0 && in_.ok(); --left) {
      Qualifier qualifier;
      qualifier.name = std::string(string());
      qualifier.flavor = static_cast<Flavor>(in_.u8());
      qualifier.value = value();
      out.set(std::move(qualifier));
    }
    return out;
  }

  template <class Member>
  std::uint8_t member(Member& out) {
    out.name = std::string(string());
    out.type = type();
    const std::uint8_t flags = in_.u8();
    out.is_array = (flags & kArrayFlag) != 0;
    if ((flags & kClassFlag) != 0) out.reference_class = std::string(string());
    out.default_value = value();
    out.qualifiers = qualifiers();
    return flags;
  }

  Method method() {
    Method out;
    out.name = std::string(string());
    out.return_type = type();
    out.returns_void = (in_.u8() & kVoidFlag) != 0;
    out.qualifiers = qualifiers();
    for (std::size_t left = count(); left > 0 && in_.ok(); --left) {
      Parameter parameter;
      const std::uint8_t flags = member(parameter);
      parameter.in = (flags & kInFlag) != 0;
      parameter.out = (flags & kOutFlag) != 0;
      parameter.id = static_cast<int>(signed_varint());
      out.parameters.push_back(std::move(parameter));
    }
    return out;
  }

  const SchemaImage& image_;
  std::string_view ns_;
  ByteReader in_;
  int depth_ = 0;
};

Result<std::shared_ptr<const SchemaImage>> SchemaImage::open(ByteSpan bytes,
                                                             std::shared_ptr<const Repository> base,
                                                             std::shared_ptr<const void> owner,
                                                             Origin origin) {
  std::shared_ptr<SchemaImage> out(new SchemaImage);
  out->bytes_ = bytes;
  out->base_ = std::move(base);
  out->owner_ = std::move(owner);
  SL_CHECK(out->read_frame(origin));
  return out;
}

Result<> SchemaImage::read_frame(Origin origin) {
  const auto corrupt = [](std::size_t at, const char* why) {
    return fail(HResult::kErrorFileCorrupt, std::string("the schema image ") + why,
                SourcePos{at, 0, 0});
  };
  ByteReader in(bytes_);
  const bool magic = in.u32() == kMagic;
  const bool version = in.u32() == kVersion;
  const std::uint64_t hash = in.u64();
  string_count_ = in.u32();
  string_offsets_ = in.u32();
  const std::uint32_t text = in.u32();
  const std::uint32_t namespace_count = in.u32();
  const std::uint32_t namespaces = in.u32();
  const std::uint32_t size = in.u32();
  if (!in.ok() || !magic) return corrupt(0, "has no header");
  if (!version) return corrupt(4, "is of another version");
  if (size != bytes_.size()) return corrupt(36, "has another size than it says");
  if (origin == Origin::kOutside && hash != hash64(bytes_.subspan(kHashedFrom)))
    return corrupt(8, "has another hash");
  if (!in.seek(text)) return corrupt(24, "has no strings");
  text_ = as_text(in.span(in.remaining()));
  in = ByteReader(bytes_);
  if (!in.seek(string_offsets_) || in.remaining() / 4 <= string_count_)
    return corrupt(20, "has too few strings");
  if (!in.seek(namespaces) || in.remaining() / kNamespaceBytes < namespace_count)
    return corrupt(32, "has too few namespaces");
  namespaces_ = std::vector<Namespace>(namespace_count);
  for (Namespace& space : namespaces_) {
    space.name = string(in.u32());
    const std::uint32_t classes = in.u32();
    const std::uint32_t class_offset = in.u32();
    const std::uint32_t tables = in.u32();
    const std::uint32_t table_offset = in.u32();
    SL_CHECK(read_entries(space.classes, class_offset, classes));
    SL_CHECK(read_entries(space.tables, table_offset, tables));
  }
  return {};
}

template <class Pointer>
Result<> SchemaImage::read_entries(std::vector<Entry<Pointer>>& out, std::size_t offset,
                                   std::size_t count) {
  ByteReader in(bytes_);
  if (!in.seek(offset) || in.remaining() / kEntryBytes < count) {
    return fail(HResult::kErrorFileCorrupt, "a table of the schema image is cut",
                SourcePos{offset, 0, 0});
  }
  out = std::vector<Entry<Pointer>>(count);
  for (Entry<Pointer>& entry : out) {
    entry.name = in.u32();
    entry.extra = in.u32();
    entry.body = in.u32();
  }
  return {};
}

std::string_view SchemaImage::string(std::uint32_t id) const {
  if (id >= string_count_) return {};
  ByteReader in(bytes_);
  in.seek(string_offsets_ + std::size_t{4} * id);
  const std::uint32_t begin = in.u32();
  const std::uint32_t end = in.u32();
  return begin <= end && end <= text_.size() ? text_.substr(begin, end - begin)
                                             : std::string_view{};
}

const SchemaImage::Namespace* SchemaImage::find_namespace(std::string_view ns) const {
  const auto it = std::find_if(namespaces_.begin(), namespaces_.end(), [&](const Namespace& space) {
    return equal_ignore_case(space.name, ns);
  });
  return it == namespaces_.end() ? nullptr : &*it;
}

void SchemaImage::append_namespaces(std::vector<std::string>& out) const {
  for (const Namespace& space : namespaces_) out.emplace_back(space.name);
}

template <class Pointer>
const SchemaImage::Entry<Pointer>* SchemaImage::find(const std::vector<Entry<Pointer>>& entries,
                                                     std::string_view name) const {
  const auto it = std::lower_bound(entries.begin(), entries.end(), name,
                                   [&](const Entry<Pointer>& entry, std::string_view n) {
                                     return compare_ignore_case(string(entry.name), n) < 0;
                                   });
  return it != entries.end() && equal_ignore_case(string(it->name), name) ? &*it : nullptr;
}

const ClassPtr* SchemaImage::find_class(std::string_view ns, std::string_view name) const {
  const Namespace* space = find_namespace(ns);
  const Entry<ClassPtr>* entry = space == nullptr ? nullptr : find(space->classes, name);
  if (entry == nullptr || entry->decoded.load(std::memory_order_acquire))
    return entry == nullptr ? nullptr : &entry->value;
  const std::lock_guard lock(decoding_);
  if (!entry->decoded.load(std::memory_order_relaxed)) {
    // A class that is its own ancestor finds itself here, not yet decoded: it is nothing.
    if (entry->body != 0 && !entry->decoding) {
      entry->decoding = true;
      entry->value = ImageReader(*this, space->name, entry->body)
                         .read_class(string(entry->name), string(entry->extra));
      entry->decoding = false;
    } else if (entry->decoding) {
      static const ClassPtr kNothing;
      return &kNothing;
    }
    entry->decoded.store(true, std::memory_order_release);
  }
  return &entry->value;
}

void SchemaImage::each_class(std::string_view ns,
                             FunctionRef<void(std::string_view, std::string_view)> visit) const {
  const Namespace* space = find_namespace(ns);
  if (space == nullptr) return;
  for (const Entry<ClassPtr>& entry : space->classes)
    visit(string(entry.name), string(entry.extra));
}

InstanceTablePtr SchemaImage::instances(std::string_view ns, std::string_view class_name) const {
  const Namespace* space = find_namespace(ns);
  const Entry<InstanceTablePtr>* entry =
      space == nullptr ? nullptr : find(space->tables, class_name);
  if (entry == nullptr) return nullptr;
  if (entry->decoded.load(std::memory_order_acquire)) return entry->value;
  const std::lock_guard lock(decoding_);
  if (!entry->decoded.load(std::memory_order_relaxed)) {
    entry->value =
        ImageReader(*this, space->name, entry->body).read_table(string(entry->name), entry->extra);
    entry->decoded.store(true, std::memory_order_release);
  }
  return entry->value;
}

void SchemaImage::each_table(std::string_view ns, FunctionRef<void(std::string_view)> visit) const {
  const Namespace* space = find_namespace(ns);
  if (space == nullptr) return;
  for (const Entry<InstanceTablePtr>& entry : space->tables) visit(string(entry.name));
}

}  // namespace slwmi::cim
