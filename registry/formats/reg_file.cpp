#include "registry/formats/reg_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "registry/formats/ansi.hpp"
#include "registry/registry.hpp"

namespace slwmi::reg {
namespace {

constexpr std::string_view kHeader3 = "REGEDIT";
constexpr std::string_view kHeader4 = "REGEDIT4";
constexpr std::string_view kHeader5 = "Windows Registry Editor Version 5.00";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view skip_blanks(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_blank(text[n])) ++n;
  return text.substr(n);
}

// Nothing, or a comment.
bool is_rest_empty(std::string_view text) {
  text = skip_blanks(text);
  return text.empty() || text.front() == ';';
}

bool is_string(ValueType type) {
  return type == ValueType::kSz || type == ValueType::kExpandSz || type == ValueType::kMultiSz;
}

// UTF-8 of little-endian UTF-16; runs of ASCII, the bulk of such files, go the short way.
std::string narrow(ByteSpan bytes) {
  std::string out;
  out.reserve(bytes.size() / 2);
  const std::size_t end = bytes.size() & ~std::size_t{1};
  std::size_t i = 0;
  const auto is_ascii = [&](std::size_t at) {
    return bytes[at + 1] == std::byte{0} && bytes[at] < std::byte{0x80};
  };
  while (i < end) {
    while (i < end && is_ascii(i)) {
      out.push_back(static_cast<char>(bytes[i]));
      i += 2;
    }
    const std::size_t start = i;
    while (i < end && !is_ascii(i)) i += 2;
    if (i > start) out += from_utf16le(bytes.subspan(start, i - start));
  }
  return out;
}

std::string decode(ByteSpan bytes) {
  const std::string_view text = as_text(bytes);
  if (text.substr(0, 2) == "\xFF\xFE") return narrow(bytes.subspan(2));
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    return std::string(text.substr(3));
  }
  if (skip_blanks(text).substr(0, kHeader3.size()) == kHeader3) return from_ansi(bytes);
  return find_invalid(text) ? from_ansi(bytes) : std::string(text);
}

class Reader {
 public:
  Reader(std::string text, bool strict) : text_(std::move(text)), strict_(strict) {}

  Result<RegFile> read() {
    SL_CHECK(header());
    if (file_.version == RegVersion::kOther) return std::move(file_);
    while (next_line()) {
      file_.version == RegVersion::k3 ? line_of_3(line_) : read_line(skip_blanks(line_));
      if (strict_ && !file_.problems.empty()) {
        const RegProblem& first = file_.problems.front();
        return fail(HResult::kErrorInvalidData, first.message,
                    SourcePos{start_, static_cast<int>(first.line), 1});
      }
    }
    return std::move(file_);
  }

 private:
  // The next line without its end (CR LF, LF or CR).
  bool next_line() {
    if (at_ >= text_.size()) return false;
    start_ = at_;
    const std::size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
    line_ = std::string_view(text_).substr(at_, end - at_);
    at_ = end + 1;
    if (end + 1 < text_.size() && text_[end] == '\r' && text_[end + 1] == '\n') ++at_;
    ++number_;
    return true;
  }
  void problem(const char* what) { file_.problems.push_back({number_, what}); }

  Result<> header() {
    next_line();
    const std::string_view first = skip_blanks(line_);
    if (first == kHeader5) {
      file_.version = RegVersion::k5;
    } else if (first == kHeader4) {
      file_.version = RegVersion::k4;
    } else if (first == kHeader3) {
      file_.version = RegVersion::k3;
    } else if (first.substr(0, kHeader3.size()) == kHeader3) {
      file_.version = RegVersion::kOther;
    } else {
      return fail(HResult::kErrorInvalidData, "the file has no header of a .reg file",
                  SourcePos{0, 1, 1}, std::string(first.substr(0, 40)));
    }
    return {};
  }

  // A key of HKEY_CLASSES_ROOT up to a blank, and the text that is its default value: what follows
  // a '=' and one blank, or nothing. Other lines were comments.
  void line_of_3(std::string_view line) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    const Result<Path> path = parse_path(line.substr(0, end), {.short_roots = false});
    if (!path || path->root != Root::kClassesRoot) return;
    std::string_view value = skip_blanks(line.substr(end));
    if (!value.empty() && value.front() == '=') {
      value.remove_prefix(1);
      if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    }
    add_section(*path, false);
    section_->entries.push_back({.data = make_sz(value), .line = number_});
  }

  void add_section(const Path& path, bool deleted) {
    RegSection next{.root = path.root, .deleted = deleted, .line = number_};
    for (const std::string_view part : path.components) {
      if (!next.path.empty()) next.path += '\\';
      next.path += part;
    }
    file_.sections.push_back(std::move(next));
    section_ = &file_.sections.back();
  }

  void read_line(std::string_view line) {
    if (line.empty() || line.front() == ';' || line.front() == '#') return;
    if (line.front() == '[') return section(line.substr(1));
    if (line.front() != '@' && line.front() != '"')
      return problem("the line is no key, value or comment");
    if (section_ == nullptr) {
      if (!skipping_) problem("the value stands before any key");
      return;
    }
    const std::size_t started = number_;
    std::optional<RegEntry> entry = value_line(line);
    if (!entry) return;
    entry->line = started;
    if (section_->deleted) return problem("the value stands in a deleted key");
    section_->entries.push_back(*std::move(entry));
  }

  void section(std::string_view text) {
    section_ = nullptr;
    skipping_ = true;  // until the next key that is right
    const std::size_t end = text.rfind(']');
    if (end == std::string_view::npos) return problem("the key has no closing bracket");
    text = text.substr(0, end);
    const bool deleted = !text.empty() && text.front() == '-';
    if (deleted) text.remove_prefix(1);
    const Result<Path> path = parse_path(text, {.short_roots = false});
    if (!path) return problem("the key is no path from a root");
    if (deleted && path->components.empty()) return problem("a root cannot be deleted");
    add_section(*path, deleted);
  }

  std::optional<RegEntry> value_line(std::string_view line) {
    RegEntry entry;
    if (line.front() == '@') {
      line.remove_prefix(1);
    } else if (!quoted(line, entry.name)) {
      problem("the value's name has no closing quote");
      return std::nullopt;
    }
    line = skip_blanks(line);
    if (line.empty() || line.front() != '=') {
      problem("the value has no '='");
      return std::nullopt;
    }
    if (!value_data(skip_blanks(line.substr(1)), entry)) {
      problem("the value's data is not right");
      return std::nullopt;
    }
    if (!check_value_name(entry.name)) {
      problem("the value's name is too long");
      return std::nullopt;
    }
    return entry;
  }

  // Reads a quoted text and moves `line` past it.
  static bool quoted(std::string_view& line, std::string& out) {
    std::size_t i = 1;
    for (; i < line.size() && line[i] != '"'; ++i) {
      if (line[i] != '\\' || i + 1 == line.size()) {
        out += line[i];
        continue;
      }
      const char next = line[++i];
      if (next == 'n' || next == 'r') {
        out += next == 'n' ? '\n' : '\r';
      } else {
        if (next != '\\' && next != '"') out += '\\';
        out += next;
      }
    }
    if (i >= line.size()) return false;
    line.remove_prefix(i + 1);
    return true;
  }

  bool value_data(std::string_view text, RegEntry& entry) {
    if (!text.empty() && text.front() == '-') {
      entry.deleted = true;
      return is_rest_empty(text.substr(1));
    }
    if (!text.empty() && text.front() == '"') {
      std::string string;
      if (!quoted(text, string) || !is_rest_empty(text)) return false;
      entry.data = make_sz(string);
      return true;
    }
    if (starts_with_ignore_case(text, "dword:")) return dword(text.substr(6), entry);
    if (starts_with_ignore_case(text, "hex:"))
      return hex(text.substr(4), ValueType::kBinary, entry);
    if (starts_with_ignore_case(text, "hex(")) {
      const std::size_t end = text.find("):");
      if (end == std::string_view::npos) return false;
      const auto type = hex_number(text.substr(4, end - 4));
      return type && hex(text.substr(end + 2), static_cast<ValueType>(*type), entry);
    }
    return false;
  }

  // One to eight hex digits.
  static std::optional<std::uint32_t> hex_number(std::string_view digits) {
    if (digits.empty() || digits.size() > 8) return std::nullopt;
    std::uint32_t number = 0;
    for (const char c : digits) {
      if (hex_digit(c) < 0) return std::nullopt;
      number = number << 4 | static_cast<std::uint32_t>(hex_digit(c));
    }
    return number;
  }

  static bool dword(std::string_view text, RegEntry& entry) {
    text = skip_blanks(text);
    std::size_t n = 0;
    while (n < text.size() && hex_digit(text[n]) >= 0) ++n;
    const auto number = hex_number(text.substr(0, n));
    if (!number || !is_rest_empty(text.substr(n))) return false;
    entry.data = make_dword(*number);
    return true;
  }

  // Bytes between commas; a backslash after a comma goes on in the next line.
  bool hex(std::string_view text, ValueType type, RegEntry& entry) {
    bytes_.clear();
    bool more = false;
    if (!hex_line(text, more)) return false;
    while (more && next_line()) {
      const std::string_view line = skip_blanks(line_);
      if (line.empty() || line.front() == ';') continue;
      if (hex_digit(line.front()) < 0 || !hex_line(line, more)) return false;
    }
    if (is_string(type)) finish_string();
    entry.data = ValueData(type, bytes_);
    return true;
  }

  bool hex_line(std::string_view text, bool& more) {
    more = false;
    for (;;) {
      text = skip_blanks(text);
      if (text.empty() || text.front() == ';') return true;
      if (text.front() == '\\') {
        more = true;
        return is_rest_empty(text.substr(1));
      }
      std::size_t n = 0;
      while (n < text.size() && n < 3 && hex_digit(text[n]) >= 0) ++n;
      if (n == 0 || n > 2) return false;
      const int high = n == 2 ? hex_digit(text[0]) : 0;
      bytes_.push_back(static_cast<std::byte>(high * 16 + hex_digit(text[n - 1])));
      text = skip_blanks(text.substr(n));
      if (text.empty() || text.front() == ';') return true;
      if (text.front() != ',') return false;
      text.remove_prefix(1);
    }
  }

  // What RegSetValueEx does: REGEDIT4's bytes are ANSI, and a text without its NUL gets one.
  void finish_string() {
    if (file_.version == RegVersion::k4) bytes_ = to_utf16le(from_ansi(bytes_));
    const std::size_t size = bytes_.size();
    if (size < 2 || size % 2 != 0) return;
    if (bytes_[size - 1] != std::byte{0} || bytes_[size - 2] != std::byte{0})
      bytes_.resize(size + 2);
  }

  std::string text_;
  bool strict_;
  RegFile file_;
  RegSection* section_ = nullptr;
  bool skipping_ = false;
  std::string_view line_;
  std::size_t start_ = 0;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
  Bytes bytes_;
};

}  // namespace

Result<RegFile> read_reg(ByteSpan bytes, const RegOptions& options) {
  if (bytes.size() > options.max_bytes) {
    return fail(HResult::kEInvalidarg, "the file is over the limit of bytes", SourcePos{0});
  }
  return Reader(decode(bytes), options.strict).read();
}

std::vector<Op> compile_reg(const RegFile& file, const Sid& caller) {
  OpBuilder ops;
  for (const RegSection& section : file.sections) {
    const KeyId root = resolve(section.root, caller);
    const auto parts = split_subkey(section.path);
    if (!parts) continue;
    if (section.deleted) {
      ops.delete_key(resolve(root, *parts));
      continue;
    }
    const std::vector<std::string> above = hive_path(section.root, caller);
    std::vector<std::string_view> all(above.begin(), above.end());
    all.insert(all.end(), parts->begin(), parts->end());
    const KeyId base = ops.create_key(hive_of(section.root), all);
    for (const RegEntry& entry : section.entries) {
      const SpellingId name = intern_name(entry.name).spelling;
      if (entry.deleted) {
        ops.delete_value(base, name);
      } else {
        ops.set_value(base, name, entry.data);
      }
    }
  }
  return ops.take();
}

namespace {

// Nothing there to delete is no failure.
Result<> unless_missing(Result<> result) {
  if (!result && result.error().code == HResult::kErrorFileNotFound) return {};
  return result;
}

Result<> import_section(Registry& registry, const RegSection& section, bool strict,
                        std::vector<RegProblem>& problems) {
  const std::string path =
      std::string(long_name(section.root)) + (section.path.empty() ? "" : "\\" + section.path);
  if (section.deleted) {
    SL_TRY(Key root, registry.open_root(section.root));
    return unless_missing(root.remove_tree(section.path));
  }
  Access want = section.entries.empty() ? access::kQueryValue : access::kSetValue;
  if (section.path.empty()) want = access::kMaximumAllowed;
  SL_TRY(Key key, registry.create(path, want));
  for (const RegEntry& entry : section.entries) {
    Result<> done = entry.deleted ? unless_missing(key.remove_value(entry.name))
                                  : key.set(entry.name, entry.data);
    if (done) continue;
    if (strict) return done;
    problems.push_back({entry.line, done.error().message});
  }
  return {};
}

}  // namespace

Result<std::vector<RegProblem>> import_reg(Registry& registry, const RegFile& file, bool strict) {
  std::vector<RegProblem> problems;
  SL_TRY(Transaction transaction, registry.begin());
  for (const RegSection& section : file.sections) {
    const Result<> done = import_section(registry, section, strict, problems);
    if (done) continue;
    if (strict) {
      Error error = done.error();
      error.at = SourcePos{0, static_cast<int>(section.line), 1};
      return fail(std::move(error));
    }
    problems.push_back({section.line, done.error().message});
  }
  SL_CHECK(transaction.commit());
  return problems;
}

}  // namespace slwmi::reg
