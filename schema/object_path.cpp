#include "schema/object_path.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "schema/class.hpp"

namespace slwmi::cim {
namespace {

constexpr bool is_slash(char c) { return c == '\\' || c == '/'; }
constexpr bool starts_name(char c) {
  return is_ascii_alpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool in_name(char c) { return starts_name(c) || is_digit(c); }

// The namespace with single backslashes; empty when a name between the slashes is.
std::string join_namespace(std::string_view text) {
  std::string out;
  bool empty_name = true;
  for (const char c : text) {
    if (is_slash(c) && empty_name) return {};
    empty_name = is_slash(c);
    out += empty_name ? '\\' : c;
  }
  return empty_name ? std::string() : out;
}

}  // namespace

// Reads one path; the first failure keeps its offset and sentence.
class PathParser {
 public:
  PathParser(std::string_view text, HResult code) : text_(text), code_(code) {}

  // As GetObject reads it.
  Result<ObjectPath> parse() {
    if (text_.empty()) return error("the path is empty");
    SL_CHECK(server());
    if (at_ > 0 && at_ == text_.size() && is_slash(text_[at_ - 1]))
      return error("expected a namespace");
    return the_rest(false);
  }

  // As IWbemPath does, which takes less than a path, too: a server with a slash behind it, a
  // namespace with one before it, a slash alone, nothing.
  Result<ObjectPath> parse_part(bool single_name_is_namespace) {
    if (is_slash(peek()) && is_slash(peek(1)) && peek() != peek(1))
      return error("two slashes before a server are alike");
    SL_CHECK(server());
    if (at_ == 0 && is_slash(peek())) ++at_;
    return the_rest(single_name_is_namespace);
  }

 private:
  Result<ObjectPath> the_rest(bool single_name_is_namespace) {
    if (text_.size() > ObjectPath::kMaxBytes) return error("the path is too long");
    SL_CHECK(name_space(single_name_is_namespace));
    if (at_ < text_.size()) SL_CHECK(object());
    return std::move(out_);
  }

  tl::unexpected<Error> error(std::string message) const {
    std::size_t end = at_;
    if (end < text_.size()) next_code_point(text_, end);
    return fail(code_, std::move(message), {at_, 0, 0}, std::string(text_.substr(at_, end - at_)));
  }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  Result<> server() {
    if (!is_slash(peek()) || !is_slash(peek(1))) return {};
    at_ += 2;
    const std::size_t start = at_;
    while (at_ < text_.size() && !is_slash(peek())) ++at_;
    out_.server_ = std::string(text_.substr(start, at_ - start));
    if (out_.server_.empty()) return error("the path names no server");
    if (at_ < text_.size()) ++at_;
    return {};
  }

  // Up to the colon, or all that is left when no object follows.
  Result<> name_space(bool single_name_is_namespace) {
    if (at_ == text_.size()) return {};
    const std::string_view rest = text_.substr(at_);
    const std::size_t special = rest.find_first_of(":=\"'");
    const bool before_object = special != std::string_view::npos && rest[special] == ':';
    const bool alone =
        special == std::string_view::npos && (!out_.server_.empty() || single_name_is_namespace ||
                                              rest.find_first_of("\\/") != std::string_view::npos);
    if (!before_object && !alone) {
      return out_.server_.empty() ? Result<>() : error("expected a namespace and a colon");
    }
    const std::string_view name = rest.substr(0, alone ? rest.size() : special);
    out_.ns_ = join_namespace(name);
    if (out_.ns_.empty()) return error("a name of the namespace is empty");
    if (const std::size_t bad = name.find_first_of(" \t\r\n"); bad != std::string_view::npos) {
      at_ += bad;
      return error("a namespace has no blanks");
    }
    at_ += name.size() + (alone ? 0 : 1);
    if (before_object && at_ == text_.size()) return error("expected a class");
    return {};
  }

  Result<std::string> name(const char* what) {
    const std::size_t start = at_;
    if (!starts_name(peek())) return error(std::string("expected ") + what);
    while (in_name(peek())) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  Result<> object() {
    SL_TRY(out_.class_name_, name("a class"));
    if (at_ == text_.size()) return {};
    if (peek() == '=' && peek(1) == '@' && at_ + 2 == text_.size()) {
      out_.singleton_ = true;
      return {};
    }
    if (peek() == '=') {
      ++at_;
      SL_TRY(Value value, key_value());
      out_.keys_.push_back({{}, std::move(value)});
      return at_ == text_.size() ? Result<>() : error("expected the end of the path");
    }
    if (peek() != '.') return error("expected '.' or '='");
    do {
      ++at_;
      SL_CHECK(named_key());
    } while (peek() == ',');
    return at_ == text_.size() ? Result<>() : error("expected ',' or the end of the path");
  }

  Result<> named_key() {
    const std::size_t start = at_;
    SL_TRY(std::string key, name("a key's name"));
    if (out_.find_key(key) != nullptr || out_.keys_.size() == ObjectPath::kMaxKeys) {
      at_ = start;
      return error("the key is named twice, or there are too many");
    }
    if (peek() != '=') return error("expected '='");
    ++at_;
    SL_TRY(Value value, key_value());
    out_.keys_.push_back({std::move(key), std::move(value)});
    return {};
  }

  Result<Value> key_value() {
    if (peek() == '"' || peek() == '\'') return quoted(peek());
    const std::size_t start = at_;
    while (in_name(peek()) || peek() == '-' || peek() == '+') ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    if (equal_ignore_case(word, "TRUE")) return Value::boolean(true);
    if (equal_ignore_case(word, "FALSE")) return Value::boolean(false);
    if (const auto number = parse_signed(word)) return Value::integer(Type::kSint64, *number);
    if (const auto number = parse_unsigned(word)) {
      return Value::unsigned_integer(
          *number > (~std::uint64_t{0} >> 1) ? Type::kUint64 : Type::kSint64, *number);
    }
    at_ = start;
    return error("expected a text in quotes, a whole number, TRUE or FALSE");
  }

  // A backslash before a quote or a backslash keeps the next character from its meaning; before
  // anything else it stands for itself.
  Result<Value> quoted(char quote) {
    const std::size_t start = at_++;
    std::string out;
    while (peek() != quote || at_ >= text_.size()) {
      if (at_ >= text_.size()) {
        at_ = start;
        return error("the text has no closing quote");
      }
      if (peek() == '\\' && (peek(1) == '\\' || peek(1) == '"' || peek(1) == '\'')) ++at_;
      out += text_[at_++];
    }
    ++at_;
    return Value::text(out);
  }

  std::string_view text_;
  HResult code_;
  std::size_t at_ = 0;
  ObjectPath out_;
};

Result<ObjectPath> ObjectPath::parse(std::string_view text) {
  return PathParser(text, HResult::kWbemEInvalidObjectPath).parse();
}

bool ObjectPath::is_local() const {
  return server_.empty() || server_ == "." || equal_ignore_case(server_, "localhost");
}

const Value* ObjectPath::find_key(std::string_view name) const {
  for (const Key& key : keys_) {
    if (key.name.empty() || equal_ignore_case(key.name, name)) return &key.value;
  }
  return nullptr;
}

Result<std::vector<Value>> ObjectPath::resolve(const Class& cls) const {
  const auto wrong = [&](const std::string& why) {
    return fail(HResult::kWbemEInvalidObjectPath, text(PathText::kRelativeOnly) + ": " + why);
  };
  if (singleton_) {
    if (!cls.is_singleton()) return wrong("class " + cls.name() + " is no singleton");
    return std::vector<Value>();
  }
  if (cls.is_singleton() && cls.key_slots().empty()) return wrong("a singleton is named by =@");
  if (keys_.empty() || keys_.size() != cls.key_slots().size()) {
    return wrong("class " + cls.name() + " has other keys");
  }
  std::vector<Value> out;
  out.reserve(keys_.size());
  for (const int slot : cls.key_slots()) {
    const Property& property = cls.properties()[static_cast<std::size_t>(slot)];
    const Value* value = find_key(property.name);
    if (value == nullptr) return wrong("key " + property.name + " is missing");
    auto cast = value->cast_to(property.type);
    if (!cast) return wrong("the value does not fit key " + property.name);
    out.push_back(*std::move(cast));
  }
  return out;
}

Result<std::string> ObjectPath::canonical_relpath(const Class& cls) const {
  SL_TRY(const std::vector<Value> keys, resolve(cls));
  return make_relpath(cls, keys);
}

std::string ObjectPath::text(PathText parts) const {
  const bool with_server =
      parts == PathText::kServerToo || parts == PathText::kServerAndNamespaceOnly;
  const bool with_object = parts == PathText::kServerToo || parts == PathText::kWithoutServer ||
                           parts == PathText::kRelativeOnly;
  std::string out;
  const bool empty = server_.empty() && ns_.empty() && class_name_.empty();
  if (with_server && !empty) out = "\\\\" + (server_.empty() ? std::string(".") : server_);
  if (parts != PathText::kRelativeOnly && !ns_.empty()) {
    if (with_server) out += '\\';
    out += ns_;
  }
  if (!with_object || class_name_.empty()) return out;
  if (!out.empty()) out += ':';
  out += class_name_;
  if (singleton_) return out + "=@";
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (!keys_[i].name.empty()) out += i == 0 ? '.' : ',';
    out += keys_[i].name;
    out += '=';
    append_key_value(out, keys_[i].value);
  }
  return out;
}

void append_key_value(std::string& out, const Value& value) {
  if (!is_text(value.type())) {
    out += value.to_display();
    return;
  }
  out += '"';
  for (const char c : value.as_text()) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

std::string make_relpath(const Class& cls, std::span<const Value> keys) {
  if (cls.is_singleton()) return cls.name() + "=@";
  std::string out = cls.name();
  char separator = '.';
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].is_null()) return {};
    out += separator;
    out += cls.properties()[static_cast<std::size_t>(cls.key_slots()[i])].name;
    out += '=';
    append_key_value(out, keys[i]);
    separator = ',';
  }
  return keys.empty() ? std::string() : out;
}

Result<ObjectPath> parse_wbem_path(std::string_view text, unsigned mode) {
  const auto refuse = [](const char* why) {
    return fail(HResult::kWbemEInvalidParameter, why, SourcePos{0, 0, 0});
  };
  if ((mode & (kAcceptRelative | kAcceptAbsolute | kAcceptAll)) == 0)
    return refuse("the mode accepts no path");
  SL_TRY(ObjectPath out, PathParser(text, HResult::kWbemEInvalidParameter)
                             .parse_part((mode & kSingleNameIsNamespace) != 0));
  if ((mode & kAcceptAll) != 0) return out;
  if (out.ns().empty() && out.class_name().empty()) return refuse("the path is a part of one");
  if ((mode & kAcceptRelative) != 0) return out;
  if (out.server().empty() || out.ns().empty()) return refuse("the path is not absolute");
  return out;
}

Result<ConnectTarget> parse_connect(std::string_view text) {
  ConnectTarget out{".", {}};
  std::size_t at = 0;
  if (text.size() >= 2 && is_slash(text[0]) && is_slash(text[1])) {
    at = std::min(text.find_first_of("\\/", 2), text.size());
    out.server = std::string(text.substr(2, at - 2));
    if (out.server.empty() && at < text.size()) {
      return fail(HResult::kWbemEInvalidParameter, "the path names no server", SourcePos{2, 0, 0});
    }
    if (at == text.size()) {
      if (out.server.empty()) out.server = ".";
      return out;
    }
    ++at;
  }
  out.ns = join_namespace(text.substr(at));
  if (out.ns.empty()) {
    return fail(HResult::kWbemEInvalidNamespace, "a name of the namespace is empty",
                SourcePos{at, 0, 0});
  }
  return out;
}

Result<ConnectTarget> connect(std::string_view text, FunctionRef<bool(std::string_view)> has_host,
                              FunctionRef<bool(std::string_view)> has_namespace) {
  SL_TRY(ConnectTarget out, parse_connect(text));
  if (!has_host(out.server)) {
    return fail(HResult::kRpcSServerUnavailable, "there is no computer " + out.server,
                SourcePos{0, 0, 0}, out.server);
  }
  if (!has_namespace(out.ns)) {
    return fail(HResult::kWbemEInvalidNamespace, "there is no namespace " + out.ns,
                SourcePos{0, 0, 0}, out.ns);
  }
  return out;
}

namespace {

bool is_this_computer(std::string_view host) {
  return host == "." || equal_ignore_case(host, "localhost") || host == "127.0.0.1";
}
bool is_usual_namespace(std::string_view ns) {
  static constexpr std::string_view kUsual[] = {
      "root", "root\\cimv2", "root\\default", "root\\wmi", "root\\subscription", "root\\security"};
  return std::any_of(std::begin(kUsual), std::end(kUsual),
                     [&](std::string_view name) { return equal_ignore_case(name, ns); });
}

// "WBEMPATH_CREATE_ACCEPT_ALL", several joined by | or +, or numbers; nothing when unknown.
std::optional<unsigned> parse_mode(std::string_view option) {
  static constexpr struct {
    std::string_view name;
    unsigned bit;
  } kModes[] = {{"WBEMPATH_CREATE_ACCEPT_RELATIVE", kAcceptRelative},
                {"WBEMPATH_CREATE_ACCEPT_ABSOLUTE", kAcceptAbsolute},
                {"WBEMPATH_CREATE_ACCEPT_ALL", kAcceptAll},
                {"WBEMPATH_TREAT_SINGLE_IDENT_AS_NS", kSingleNameIsNamespace}};
  unsigned out = 0;
  while (!option.empty()) {
    const std::size_t end = std::min(option.find_first_of("|+"), option.size());
    std::string_view word = option.substr(0, end);
    word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
    word = word.substr(0, word.find_last_not_of(' ') + 1);
    const auto* const mode = std::find_if(std::begin(kModes), std::end(kModes),
                                          [&](const auto& row) { return row.name == word; });
    const auto number = parse_unsigned(word);
    if (mode == std::end(kModes) && !number) return std::nullopt;
    out |= mode == std::end(kModes) ? static_cast<unsigned>(*number) : mode->bit;
    option.remove_prefix(std::min(end + 1, option.size()));
  }
  return out;
}

std::optional<PathText> parse_parts(std::string_view option) {
  static constexpr struct {
    std::string_view name;
    PathText parts;
  } kParts[] = {{"0", PathText::kWithoutServer},
                {"", PathText::kWithoutServer},
                {"RELATIVE_ONLY", PathText::kRelativeOnly},
                {"SERVER_TOO", PathText::kServerToo},
                {"SERVER_AND_NAMESPACE_ONLY", PathText::kServerAndNamespaceOnly},
                {"NAMESPACE_ONLY", PathText::kNamespaceOnly}};
  if (option.starts_with("WBEMPATH_GET_")) option.remove_prefix(13);
  for (const auto& row : kParts) {
    if (row.name == option) return row.parts;
  }
  return std::nullopt;
}

PathCheck checked(const Result<ObjectPath>& path, PathText parts) {
  if (path) return {static_cast<HResult>(0), path->text(parts), {}, 0};
  const Error& error = path.error();
  return {error.code, {}, error.message, error.at ? error.at->offset : 0};
}

}  // namespace

PathCheck check_path(std::string_view kind, std::string_view path, std::string_view option) {
  PathCheck unknown{HResult::kEInvalidarg, {}, "unknown kind, mode or flag", 0};
  if (kind == "connect") {
    const auto target = connect(path, is_this_computer, is_usual_namespace);
    if (target) {
      return {static_cast<HResult>(0), "\\\\" + target->server + "\\" + target->ns, {}, 0};
    }
    const Error& error = target.error();
    return {error.code, {}, error.message, error.at ? error.at->offset : 0};
  }
  if (kind == "path" && option == "GetObject" && path.empty()) return {};  // an empty class
  if (kind == "path" && option == "GetObject")
    return checked(ObjectPath::parse(path), PathText::kRelativeOnly);
  if (kind == "path") {
    const auto mode = parse_mode(option);
    return mode ? checked(parse_wbem_path(path, *mode), PathText::kServerToo) : unknown;
  }
  if (kind == "path-normalise" && (option == "ORIGINAL" || option == "WBEMPATH_GET_ORIGINAL")) {
    PathCheck out = checked(parse_wbem_path(path, kAcceptAll), PathText::kServerToo);
    if (out.code == static_cast<HResult>(0)) out.text = path;
    return out;
  }
  if (kind == "path-normalise") {
    const auto parts = parse_parts(option);
    return parts ? checked(parse_wbem_path(path, kAcceptAll), *parts) : unknown;
  }
  return unknown;
}

}  // namespace slwmi::cim
