#include "base/hresult.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace slwmi {
namespace {

struct Row {
  HResult code;
  std::string_view symbol;
  std::string_view text;
};

constexpr Row kRows[] = {
#define SLWMI_ERROR(enumerator, value, symbol, text) {static_cast<HResult>(value), symbol, text},
#include "base/errors.def"
#undef SLWMI_ERROR
};

static_assert(std::is_sorted(std::begin(kRows), std::end(kRows),
                             [](const Row& a, const Row& b) { return a.code < b.code; }),
              "errors.def is sorted by value");

const Row* find(HResult code) {
  const Row* row = std::lower_bound(std::begin(kRows), std::end(kRows), code,
                                    [](const Row& r, HResult c) { return r.code < c; });
  return row != std::end(kRows) && row->code == code ? row : nullptr;
}

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

}  // namespace

std::string_view symbol_of(HResult code) {
  const Row* row = find(code);
  return row != nullptr ? row->symbol : std::string_view{};
}

std::string_view text_of(HResult code) {
  const Row* row = find(code);
  return row != nullptr ? row->text : std::string_view{};
}

std::string to_hex(HResult code) {
  std::array<char, 11> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "0x%08X", value_of(code));
  return buffer.data();
}

bool find_symbol(std::string_view symbol, HResult& code) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) {
    return std::equal(r.symbol.begin(), r.symbol.end(), symbol.begin(), symbol.end(),
                      [](char a, char b) { return upper(a) == upper(b); });
  });
  if (row == std::end(kRows)) return false;
  code = row->code;
  return true;
}

}  // namespace slwmi
