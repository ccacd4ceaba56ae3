#include "schema/class.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>

#include "base/text.hpp"

namespace slwmi::cim {
namespace {

constexpr std::size_t kMaxProperties = 16384;  // of one class, inherited ones included

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// A qualifier of the superclass as its subclass sees it.
std::optional<Qualifier> inherited(const Qualifier& qualifier) {
  if (!has(qualifier.flavor, Flavor::kToSubclass)) return std::nullopt;
  Qualifier out = qualifier;
  out.propagated = true;
  return out;
}

Result<> merge_qualifiers(QualifierSet& own, const QualifierSet& above, std::string_view where) {
  QualifierSet merged;
  for (const Qualifier& qualifier : above) {
    if (auto copy = inherited(qualifier)) merged.set(*std::move(copy));
  }
  for (const Qualifier& qualifier : own) {
    const Qualifier* old = merged.find(qualifier.name);
    if (old != nullptr && has(old->flavor, Flavor::kNotOverridable) &&
        !(old->value == qualifier.value)) {
      return fail(
          HResult::kWbemEOverrideNotAllowed,
          "qualifier " + qualifier.name + " of " + std::string(where) + " may not be overridden");
    }
    merged.set(qualifier);
  }
  own = std::move(merged);
  return {};
}

// What the Key qualifier's documentation asks: types that a path can name, and all keys in one
// class of a line.
Result<> check_keys(const Class& cls) {
  const Class* above = cls.superclass().get();
  const bool keyed_above = above != nullptr && !above->key_slots().empty();
  for (const int slot : cls.key_slots()) {
    const Property& property = cls.properties()[static_cast<std::size_t>(slot)];
    if (property.is_array || property.type == Type::kObject || is_real(property.type)) {
      return fail(HResult::kWbemECannotBeKey,
                  "an array, real or object such as " + property.name + " cannot be a key");
    }
    if (keyed_above && cls.key_slots().size() != above->key_slots().size()) {
      return fail(HResult::kWbemECannotChangeKeyInheritance,
                  above->name() + " has keys, " + cls.name() + " cannot add others");
    }
  }
  return {};
}

}  // namespace

const Qualifier* QualifierSet::find(std::string_view name) const {
  const auto it = std::find_if(items_.begin(), items_.end(),
                               [&](const Qualifier& q) { return equal_ignore_case(q.name, name); });
  return it == items_.end() ? nullptr : &*it;
}

bool QualifierSet::is_true(std::string_view name) const {
  const Qualifier* q = find(name);
  return q != nullptr && !q->value.is_null() &&
         (q->value.type() != Type::kBoolean || q->value.as_boolean());
}

std::string_view QualifierSet::text(std::string_view name) const {
  const Qualifier* q = find(name);
  return q == nullptr ? std::string_view{} : q->value.as_text();
}

void QualifierSet::set(Qualifier qualifier) {
  const auto it = std::find_if(items_.begin(), items_.end(), [&](const Qualifier& q) {
    return equal_ignore_case(q.name, qualifier.name);
  });
  if (it == items_.end()) {
    items_.push_back(std::move(qualifier));
  } else {
    *it = std::move(qualifier);
  }
}

int Method::find_parameter(std::string_view wanted) const {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (equal_ignore_case(parameters[i].name, wanted)) return static_cast<int>(i);
  }
  return -1;
}

std::optional<Version> parse_version(std::string_view text) {
  std::uint32_t parts[4] = {};
  for (std::uint32_t& part : parts) {
    const auto r = std::from_chars(text.data(), text.data() + text.size(), part);
    if (r.ec != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(r.ptr - text.data()));
    if (text.empty()) return Version{parts[0], parts[1], parts[2], parts[3]};
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

bool available_in(const QualifierSet& qualifiers, const Version& version) {
  const auto since = parse_version(qualifiers.text("Since"));
  const auto until = parse_version(qualifiers.text("Until"));
  return !(since && version < *since) && !(until && version >= *until);
}

int Class::find_slot(std::string_view property) const {
  if (table_.empty()) return -1;
  const std::size_t mask = table_.size() - 1;
  for (std::size_t i = hash_ignore_case(property) & mask;; i = (i + 1) & mask) {
    const std::int16_t slot = table_[i];
    if (slot < 0) return -1;
    if (equal_ignore_case(properties_[static_cast<std::size_t>(slot)].name, property)) return slot;
  }
}

const Method* Class::find_method(std::string_view name) const {
  const auto it = std::find_if(methods_.begin(), methods_.end(),
                               [&](const Method& m) { return equal_ignore_case(m.name, name); });
  return it == methods_.end() ? nullptr : &*it;
}

bool Class::is_a(std::string_view name) const {
  for (const Class* c = this; c != nullptr; c = c->superclass_.get()) {
    if (equal_ignore_case(c->name_, name)) return true;
  }
  return false;
}

std::vector<std::string> Class::derivation() const {
  std::vector<std::string> out;
  for (const Class* c = superclass_.get(); c != nullptr; c = c->superclass_.get())
    out.push_back(c->name_);
  return out;
}

const std::string& Class::dynasty() const {
  const Class* c = this;
  while (c->superclass_ != nullptr) c = c->superclass_.get();
  return c->name_;
}

void Class::index() {
  serial_ = next_serial();
  abstract_ = qualifiers_.is_true("abstract");
  association_ = qualifiers_.is_true("association");
  singleton_ = qualifiers_.is_true("singleton");
  provider_ = std::string(qualifiers_.text("provider"));
  std::size_t size = 4;
  while (size < properties_.size() * 2 + 1) size *= 2;
  table_.assign(size, -1);
  key_slots_.clear();
  for (std::size_t slot = 0; slot < properties_.size(); ++slot) {
    Property& property = properties_[slot];
    property.slot = static_cast<int>(slot);
    property.key = property.qualifiers.is_true("key");
    if (property.key) key_slots_.push_back(property.slot);
    std::size_t i = hash_ignore_case(property.name) & (size - 1);
    while (table_[i] >= 0) i = (i + 1) & (size - 1);
    table_[i] = static_cast<std::int16_t>(slot);
  }
  std::sort(key_slots_.begin(), key_slots_.end(), [&](int a, int b) {
    return compare_ignore_case(properties_[static_cast<std::size_t>(a)].name,
                               properties_[static_cast<std::size_t>(b)].name) < 0;
  });
}

ClassBuilder::ClassBuilder(std::string name, ClassPtr superclass) : class_(new Class) {
  class_->name_ = std::move(name);
  class_->superclass_ = std::move(superclass);
}

ClassBuilder& ClassBuilder::qualifier(Qualifier qualifier) {
  qualifiers_.set(std::move(qualifier));
  return *this;
}

ClassBuilder& ClassBuilder::property(Property property) {
  properties_.push_back(std::move(property));
  return *this;
}

ClassBuilder& ClassBuilder::method(Method method) {
  methods_.push_back(std::move(method));
  return *this;
}

Result<ClassPtr> ClassBuilder::build() {
  Class& cls = *class_;
  cls.qualifiers_ = std::move(qualifiers_);
  if (const Class* above = cls.superclass_.get(); above != nullptr) {
    SL_CHECK(merge_qualifiers(cls.qualifiers_, above->qualifiers_, cls.name_));
    cls.properties_ = above->properties_;
    cls.methods_ = above->methods_;
    for (Property& p : cls.properties_) {
      p.local = false;
      QualifierSet none;
      SL_CHECK(merge_qualifiers(none, p.qualifiers, p.name));
      p.qualifiers = std::move(none);
    }
    for (Method& m : cls.methods_) {
      m.local = false;
      QualifierSet none;
      SL_CHECK(merge_qualifiers(none, m.qualifiers, m.name));
      m.qualifiers = std::move(none);
    }
  }
  for (Property& p : properties_) {
    const auto same = [&](const Property& other) { return equal_ignore_case(other.name, p.name); };
    const auto old = std::find_if(cls.properties_.begin(), cls.properties_.end(), same);
    if (old == cls.properties_.end()) {
      if (p.origin.empty()) p.origin = cls.name_;
      cls.properties_.push_back(std::move(p));
      continue;
    }
    if (old->local)
      return fail(HResult::kWbemEInvalidProperty, "property " + p.name + " is declared twice");
    if (old->type != p.type || old->is_array != p.is_array) {
      return fail(HResult::kWbemEOverrideNotAllowed,
                  "property " + p.name + " overrides one of another type");
    }
    SL_CHECK(merge_qualifiers(p.qualifiers, old->qualifiers, p.name));
    p.origin = old->origin;
    if (p.default_value.is_null()) p.default_value = old->default_value;
    *old = std::move(p);
  }
  for (Method& m : methods_) {
    const auto same = [&](const Method& other) { return equal_ignore_case(other.name, m.name); };
    const auto old = std::find_if(cls.methods_.begin(), cls.methods_.end(), same);
    if (old == cls.methods_.end()) {
      if (m.origin.empty()) m.origin = cls.name_;
      cls.methods_.push_back(std::move(m));
      continue;
    }
    if (old->local)
      return fail(HResult::kWbemEInvalidMethod, "method " + m.name + " is declared twice");
    SL_CHECK(merge_qualifiers(m.qualifiers, old->qualifiers, m.name));
    m.origin = old->origin;
    *old = std::move(m);
  }
  if (cls.properties_.size() > kMaxProperties) {
    return fail(HResult::kWbemEQuotaViolation, "class " + cls.name_ + " has too many properties");
  }
  cls.index();
  SL_CHECK(check_keys(cls));
  return std::move(class_);
}

}  // namespace slwmi::cim
