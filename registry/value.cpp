#include "registry/value.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include "base/text.hpp"

namespace slwmi::reg {
namespace {

constexpr std::string_view kTypeNames[] = {
    "REG_NONE",
    "REG_SZ",
    "REG_EXPAND_SZ",
    "REG_BINARY",
    "REG_DWORD",
    "REG_DWORD_BIG_ENDIAN",
    "REG_LINK",
    "REG_MULTI_SZ",
    "REG_RESOURCE_LIST",
    "REG_FULL_RESOURCE_DESCRIPTOR",
    "REG_RESOURCE_REQUIREMENTS_LIST",
    "REG_QWORD",
};

template <class Number>
ValueData make_number(ValueType type, Number number) {
  std::array<std::byte, sizeof(Number)> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(number >> (8 * i));
  return {type, bytes};
}

ValueData make_text(ValueType type, std::string_view text) {
  Bytes bytes = to_utf16le(text);
  bytes.resize(bytes.size() + 2);
  return {type, bytes};
}

// The bytes up to the first NUL unit, or all whole units.
ByteSpan until_nul(ByteSpan data) {
  std::size_t end = 0;
  while (end + 1 < data.size() && (data[end] != std::byte{0} || data[end + 1] != std::byte{0})) {
    end += 2;
  }
  return data.first(end);
}

}  // namespace

std::string_view type_name(ValueType type) {
  const auto index = static_cast<std::uint32_t>(type);
  return index < std::size(kTypeNames) ? kTypeNames[index] : std::string_view{};
}

std::optional<ValueType> type_of(std::string_view name) {
  constexpr std::string_view kPrefix = "REG_";
  for (std::uint32_t i = 0; i < std::size(kTypeNames); ++i) {
    if (equal_ignore_case(name, kTypeNames[i]) ||
        equal_ignore_case(name, kTypeNames[i].substr(kPrefix.size()))) {
      return static_cast<ValueType>(i);
    }
  }
  return std::nullopt;
}

bool operator==(const ValueView& a, const ValueView& b) {
  return a.type == b.type && std::equal(a.data.begin(), a.data.end(), b.data.begin(), b.data.end());
}

struct ValueData::Shared {
  std::atomic<std::uint32_t> references{1};
  std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
};

ValueData::ValueData(ValueType type, ByteSpan data)
    : type_(type), size_(static_cast<std::uint32_t>(data.size())) {
  if (size_ <= kInline) {
    std::copy(data.begin(), data.end(), inline_);
  } else {
    shared_ = new (::operator new(sizeof(Shared) + size_)) Shared;
    std::memcpy(shared_->bytes(), data.data(), size_);
  }
}

ValueData::ValueData(const ValueData& other) : type_(other.type_), size_(other.size_) {
  std::memcpy(inline_, other.inline_, kInline);
  if (size_ > kInline) shared_->references.fetch_add(1, std::memory_order_relaxed);
}

ValueData::ValueData(ValueData&& other) noexcept
    : type_(other.type_), size_(std::exchange(other.size_, 0)) {
  std::memcpy(inline_, other.inline_, kInline);
}

ValueData& ValueData::operator=(ValueData other) noexcept {
  std::swap(type_, other.type_);
  std::swap(size_, other.size_);
  std::array<std::byte, kInline> bytes;
  std::memcpy(bytes.data(), inline_, kInline);
  std::memcpy(inline_, other.inline_, kInline);
  std::memcpy(other.inline_, bytes.data(), kInline);
  return *this;
}

ValueData::~ValueData() {
  if (size_ > kInline && shared_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    shared_->~Shared();
    ::operator delete(shared_);
  }
}

ByteSpan ValueData::data() const {
  return {size_ <= kInline ? static_cast<const std::byte*>(inline_) : shared_->bytes(), size_};
}

ValueData make_dword(std::uint32_t number) { return make_number(ValueType::kDword, number); }
ValueData make_qword(std::uint64_t number) { return make_number(ValueType::kQword, number); }
ValueData make_sz(std::string_view text) { return make_text(ValueType::kSz, text); }
ValueData make_expand_sz(std::string_view text) { return make_text(ValueType::kExpandSz, text); }
ValueData make_binary(ByteSpan data) { return {ValueType::kBinary, data}; }

ValueData make_multi_sz(std::span<const std::string> strings) {
  Bytes bytes;
  for (const std::string& text : strings) {
    const Bytes units = to_utf16le(text);
    bytes.insert(bytes.end(), units.begin(), units.end());
    bytes.resize(bytes.size() + 2);
  }
  bytes.resize(bytes.size() + 2);
  return {ValueType::kMultiSz, bytes};
}

std::optional<std::uint32_t> as_dword(const ValueView& value) {
  if (value.type != ValueType::kDword || value.data.size() != 4) return std::nullopt;
  return ByteReader(value.data).u32();
}

std::optional<std::uint64_t> as_qword(const ValueView& value) {
  if (value.type != ValueType::kQword || value.data.size() != 8) return std::nullopt;
  return ByteReader(value.data).u64();
}

std::optional<std::string> as_string(const ValueView& value) {
  if (value.type != ValueType::kSz && value.type != ValueType::kExpandSz) return std::nullopt;
  return from_utf16le(until_nul(value.data));
}

std::optional<std::vector<std::string>> as_multi_sz(const ValueView& value) {
  if (value.type != ValueType::kMultiSz) return std::nullopt;
  std::vector<std::string> strings;
  ByteSpan rest = value.data.first(value.data.size() & ~std::size_t{1});
  if (rest.size() >= 2 && until_nul(rest.last(2)).empty()) rest = rest.first(rest.size() - 2);
  while (!rest.empty()) {
    const ByteSpan text = until_nul(rest);
    strings.push_back(from_utf16le(text));
    rest = rest.subspan(std::min(text.size() + 2, rest.size()));
  }
  return strings;
}

}  // namespace slwmi::reg
