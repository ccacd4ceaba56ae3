// The lines of `slwmi wql lint`. The rules are the query part's; here is only JSON.
#include "tools/wql_lint.hpp"

#include <fstream>
#include <istream>
#include <iterator>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "provider/embedded_schema.hpp"
#include "query/events.hpp"
#include "query/like.hpp"
#include "query/parser.hpp"
#include "query/plan.hpp"
#include "schema/mof_compiler.hpp"
#include "schema/object_path.hpp"
#include "schema/repository.hpp"

namespace slwmi::tools {
namespace {

using Json = nlohmann::json;

using Mode = LintOptions::Mode;

std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}
std::string json_string(std::string_view text) { return text_of(Json(text)); }

// JSON may escape half a surrogate pair, as Windows strings may hold one; the reader refuses that.
// Each half becomes U+FFFD, which has as many bytes in UTF-8, so offsets stay true.
std::string mend_lone_surrogates(std::string line) {
  const auto unit_at = [&](std::size_t i) {
    if (i + 6 > line.size() || line[i] != '\\' || line[i + 1] != 'u') return -1;
    int unit = 0;
    for (std::size_t k = i + 2; k < i + 6; ++k) {
      const int digit = hex_digit(line[k]);
      if (digit < 0) return -1;
      unit = unit * 16 + digit;
    }
    return unit;
  };
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] != '\\') continue;
    const int unit = unit_at(i);
    if (unit < 0xD800 || unit > 0xDFFF) {
      i += unit < 0 ? 1 : 5;
      continue;
    }
    const int next = unit_at(i + 6);
    if (unit < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF) {
      i += 11;
    } else {
      line.replace(i, 6, "\\ufffd");
      i += 5;
    }
  }
  return line;
}

// The object of a line; discarded when there is none.
Json read_object(const std::string& line) {
  Json row = Json::parse(line, nullptr, false);
  if (row.is_discarded() && line.find("\\u") != std::string::npos) {
    row = Json::parse(mend_lone_surrogates(line), nullptr, false);
  }
  if (!row.is_object()) return Json(Json::value_t::discarded);
  return row;
}

// The digits of a top-level "id" as they are written: a double does not hold all numbers.
class IdDigits final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return value({}); }
  bool boolean(bool) override { return value({}); }
  bool number_integer(number_integer_t number) override { return value(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& digits) override { return value(digits); }
  bool string(string_t&) override { return value({}); }
  bool binary(binary_t&) override { return value({}); }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (depth_ == 1) is_id_ = name == "id";
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }
  const std::string& digits() const { return digits_; }

 private:
  bool value(const std::string& digits) {
    if (depth_ == 1 && is_id_) digits_ = digits;
    return true;
  }
  bool open() {
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }
  int depth_ = 0;
  bool is_id_ = false;
  std::string digits_;
};

std::string id_of(const Json& row, const std::string& line) {
  const auto id = row.find("id");
  if (id == row.end()) return "null";
  if (id->is_number_float()) {
    IdDigits digits;
    if (Json::sax_parse(line, &digits)) return digits.digits();
  }
  return text_of(*id);
}

const std::string* string_member(const Json& row, const char* name) {
  const auto found = row.find(name);
  return found == row.end() ? nullptr : found->get_ptr<const std::string*>();
}

// The classes that --mof gives, in whatever namespace the text puts them. They may derive from
// built-in ones.
class MofClasses {
 public:
  // Says on `err` why a file was not taken.
  bool load(const std::string& file, std::ostream& err) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      err << "wql lint: cannot read " << file << '\n';
      return false;
    }
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    cim::mof::CompileOptions options;
    options.create_namespaces = true;
    for (const char* ns : {"root", "root\\cimv2"}) {
      if (!repository_.has_namespace(ns)) static_cast<void>(repository_.create_namespace(ns));
    }
    if (const auto done = cim::mof::compile(text, repository_, options); !done) {
      const Error& error = done.error();
      err << "wql lint: " << file << ':';
      if (error.at) err << error.at->line << ':' << error.at->column << ':';
      err << ' ' << error.message << " (" << to_hex(error.code) << ")\n";
      return false;
    }
    for (const auto& [ns, content] : repository_.layer()) {
      for (const auto& [name, cls] : content.classes) {
        if (cls != nullptr) declared_.emplace(name, cls);
      }
    }
    return true;
  }

  // nullptr when no file declares it.
  cim::ClassPtr find(std::string_view name) const {
    const auto found = declared_.find(name);
    return found == declared_.end() ? nullptr : found->second;
  }

 private:
  cim::Repository repository_{licensing::embedded_schema()};
  std::map<std::string, cim::ClassPtr, IgnoreCaseLess> declared_;
};

class Lint {
 public:
  Lint(const LintOptions& options, MofClasses& classes, std::ostream& out)
      : options_(options), classes_(classes), out_(out) {}

  void line(const std::string& text) {
    const Json row = read_object(text);
    if (row.is_discarded()) {
      unreadable_ = true;
      id_ = "null";
      refuse(Error{HResult::kEInvalidarg, "the line is not a JSON object in UTF-8", {}, {}});
      return;
    }
    id_ = id_of(row, text);
    switch (options_.mode) {
      case Mode::kWql:
        return query(row);
      case Mode::kLike:
        return like(row);
      case Mode::kPath:
        return path(row);
    }
  }

  int exit_code() const { return unreadable_ ? 2 : refused_ ? 1 : 0; }

 private:
  void query(const Json& row) {
    const std::string* text = string_member(row, "query");
    if (text == nullptr) {
      return refuse(
          Error{HResult::kWbemEInvalidParameter, "the line has no query that is a string", {}, {}});
    }
    const auto parsed = wql::parse(*text);
    if (!parsed) return refuse(parsed.error());
    if (!options_.mof_files.empty() && parsed->form == wql::Form::kSelect && !parsed->schema) {
      const cim::ClassPtr cls = classes_.find(parsed->str(parsed->from));
      if (cls != nullptr) {
        if (const auto fits = wql::check(*parsed, cls); !fits) return refuse(fits.error());
        const bool event = parsed->has_within || parsed->has_group;
        if (const auto fits = event ? wql::check_event(*parsed, *cls) : Result<>(); !fits)
          return refuse(fits.error());
      }
    }
    out_ << "{\"id\":" << id_
         << R"(,"ok":true,"hresult":"0x00000000","offset":null,"token":"","message":""})" << '\n';
  }

  void like(const Json& row) {
    const std::string* pattern = string_member(row, "pattern");
    const std::string* text = string_member(row, "text");
    if (pattern == nullptr || text == nullptr) {
      return refuse(Error{
          HResult::kWbemEInvalidParameter, "the line needs the strings pattern and text", {}, {}});
    }
    const bool match = wql::LikePattern(*pattern).matches(*text);
    out_ << "{\"id\":" << id_ << ",\"match\":" << (match ? "true" : "false") << "}\n";
  }

  void path(const Json& row) {
    const std::string* kind = string_member(row, "kind");
    const std::string* text = string_member(row, "path");
    const std::string* option = string_member(row, row.contains("flag") ? "flag" : "mode");
    if (kind == nullptr || text == nullptr) {
      return refuse(Error{
          HResult::kWbemEInvalidParameter, "the line needs the strings kind and path", {}, {}});
    }
    const cim::PathCheck check = cim::check_path(*kind, *text, option ? *option : std::string());
    if (failed(check.code)) return refuse(Error{check.code, check.message, {}, {}});
    out_ << "{\"id\":" << id_ << R"(,"hresult":"0x00000000","text":)" << json_string(check.text)
         << "}\n";
  }

  // A line that could not be checked, or failed its check.
  void refuse(const Error& error) {
    refused_ = true;
    const std::string hresult = to_hex(error.code);
    switch (options_.mode) {
      case Mode::kWql:
        out_ << "{\"id\":" << id_ << ",\"ok\":false,\"hresult\":\"" << hresult
             << "\",\"offset\":" << (error.at ? std::to_string(error.at->offset) : "null")
             << ",\"token\":" << json_string(error.token)
             << ",\"message\":" << json_string(error.message) << "}\n";
        break;
      case Mode::kLike:
        out_ << "{\"id\":" << id_ << ",\"match\":null,\"message\":" << json_string(error.message)
             << "}\n";
        break;
      case Mode::kPath:
        out_ << "{\"id\":" << id_ << ",\"hresult\":\"" << hresult << "\",\"text\":null}\n";
        break;
    }
  }

  const LintOptions& options_;
  MofClasses& classes_;
  std::ostream& out_;
  std::string id_;
  bool unreadable_ = false;
  bool refused_ = false;
};

}  // namespace

int wql_lint(const LintOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  MofClasses classes;
  for (const std::string& file : options.mof_files) {
    if (!classes.load(file, err)) return 2;
  }
  Lint lint(options, classes, out);
  std::string line;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) lint.line(line);
  }
  return lint.exit_code();
}

}  // namespace slwmi::tools
