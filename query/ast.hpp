// What the parser makes of a query: spans into the text and flat arrays, no node on the heap for a
// query of ordinary size. A Query refers to the text it was parsed from and must not outlive it.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace slwmi::wql {

// A piece of the query text, in bytes.
struct Span {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  bool empty() const { return length == 0; }
};

// A growing array whose first N elements need no allocation. Elements are plain data.
template <class T, std::size_t N>
class SmallArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  SmallArray() noexcept {}  // not defaulted: the inline storage stays uninitialised
  SmallArray(const SmallArray& other) { assign(other); }
  SmallArray(SmallArray&& other) noexcept { take(other); }
  SmallArray& operator=(const SmallArray& other) {
    if (this != &other) {
      heap_.reset();
      capacity_ = N;
      assign(other);
    }
    return *this;
  }
  SmallArray& operator=(SmallArray&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }
  ~SmallArray() = default;

  void push_back(const T& value) {
    if (size_ == capacity_) grow(capacity_ * 2);
    std::memcpy(static_cast<void*>(data() + size_), &value, sizeof(T));
    ++size_;
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return heap_ ? heap_.get() : reinterpret_cast<T*>(inline_); }
  const T* data() const { return heap_ ? heap_.get() : reinterpret_cast<const T*>(inline_); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }
  const T& back() const { return data()[size_ - 1]; }

 private:
  void grow(std::size_t capacity) {
    std::unique_ptr<T[]> next(new T[capacity]);
    std::memcpy(static_cast<void*>(next.get()), data(), size_ * sizeof(T));
    heap_ = std::move(next);
    capacity_ = static_cast<std::uint32_t>(capacity);
  }
  void assign(const SmallArray& other) {
    size_ = 0;
    if (other.size_ > capacity_) grow(other.size_);
    std::memcpy(static_cast<void*>(data()), other.data(), other.size_ * sizeof(T));
    size_ = other.size_;
  }
  void take(SmallArray& other) {
    heap_ = std::move(other.heap_);
    size_ = other.size_;
    capacity_ = other.capacity_;
    if (!heap_) std::memcpy(inline_, other.inline_, size_ * sizeof(T));
    other.size_ = 0;
    other.capacity_ = N;
  }

  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = N;
  std::unique_ptr<T[]> heap_;
  alignas(T) unsigned char inline_[N * sizeof(T)];
};

enum class Op : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kLike,
  kIsNull,     // IS NULL and = NULL
  kIsNotNull,  // IS NOT NULL, <> NULL and != NULL
  kIsa,
};

enum class LiteralKind : std::uint8_t { kNull, kTrue, kFalse, kInteger, kReal, kString };

enum class NodeKind : std::uint8_t { kAnd, kOr, kNot, kPredicate };

// One node of the condition, in postfix order. kNot applies to the node before it. kAnd and kOr
// join the node at `left` with the node before themselves. A predicate reads `property op literal`
// even where the text had the constant on the left.
struct Node {
  NodeKind kind = NodeKind::kPredicate;
  Op op = Op::kEqual;
  LiteralKind literal_kind = LiteralKind::kNull;
  bool escaped = false;    // the string literal has backslashes to take out
  std::uint32_t left = 0;  // kAnd, kOr
  Span property;           // with its dots
  Span literal;            // of a string: what is between the quotes
};

enum class Form : std::uint8_t { kSelect, kAssociators, kReferences };

// What a query is for: rows, class definitions, associations, or a subscription to events. A SELECT
// without WITHIN and GROUP is kData, though a notification call takes it as well.
enum class QueryKind : std::uint8_t { kData, kSchema, kAssociators, kReferences, kEvent };

// The WHERE part of ASSOCIATORS OF and REFERENCES OF; an empty span: not given.
struct AssociationFilter {
  Span assoc_class;
  Span result_class;
  Span result_role;
  Span role;
  Span required_qualifier;
  Span required_assoc_qualifier;
  bool class_defs_only = false;
  bool keys_only = false;
  bool schema_only = false;
};

struct Query {
  std::string_view text;
  Form form = Form::kSelect;
  bool select_all = false;  // SELECT *
  bool schema = false;      // FROM meta_class
  bool has_within = false;
  bool has_group = false;  // GROUP WITHIN
  bool has_having = false;
  Op having_op = Op::kEqual;
  Span from;
  Span within;        // seconds, as written
  Span group_within;  // seconds, as written
  Span having;        // the number that NumberOfEvents is compared with
  Span path;          // between the braces of ASSOCIATORS OF and REFERENCES OF
  AssociationFilter filter;
  SmallArray<Span, 4> group_by;
  SmallArray<Span, 48> select;  // property names with their dots, in order, repetitions kept
  SmallArray<Node, 16> where;   // postfix; the root is the last; empty: no condition

  std::string_view str(Span span) const { return text.substr(span.offset, span.length); }
  QueryKind kind() const {
    if (form == Form::kAssociators) return QueryKind::kAssociators;
    if (form == Form::kReferences) return QueryKind::kReferences;
    if (schema) return QueryKind::kSchema;
    return has_within || has_group ? QueryKind::kEvent : QueryKind::kData;
  }
};

// The value of a string literal: the text between the quotes with \\, \" and \' replaced.
std::string unescape(std::string_view raw);

// The condition and the clauses as an S-expression, for tests and explanations:
// (select (a b) C (and (= x 1) (not (like y "z%")))).
std::string dump(const Query& query);

}  // namespace slwmi::wql
