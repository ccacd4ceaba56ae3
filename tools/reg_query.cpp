// `slwmi reg query`: values and subkeys as reg.exe prints them, or as rows. Sources: REG QUERY /?
// (patterns, /v without a name), Wine's programs/reg/tests/query.c (empty lines), outputs that
// users published (/v with wildcards or /t ends like a search; /k with /t prints values).
#include <optional>

#include "policy/targeting.hpp"
#include "tools/reg_keys.hpp"
#include "tools/reg_values.hpp"

namespace slwmi::tools {
namespace {

struct Filter {
  bool search = false;  // /f
  std::string pattern;
  bool keys = true, values = true, contents = true;
  bool match_case = false;
  std::optional<std::string> value_name;  // /v, /ve; a pattern
  std::optional<reg::ValueType> type;

  bool matches(std::string_view text) const {
    return policy::matches_pattern(pattern, text, match_case);
  }
  // `key_matches`: the search found the key's name, so its values need no match of their own.
  bool takes(const reg::ValueEntry& entry, std::string_view separator, bool key_matches) const {
    if (type && entry.data.type() != *type) return false;
    if (value_name && !policy::matches_pattern(*value_name, entry.name)) return false;
    if (!search || key_matches) return true;
    if (values && matches(entry.name)) return true;
    return contents && matches(reg_data_text(entry.data.view(), separator));
  }
  bool is_one_value() const {
    return value_name && value_name->find_first_of("*?") == std::string::npos && !search && !type;
  }
  bool narrows() const { return search || value_name || type; }
};

class Query {
 public:
  Query(Invocation& in, Filter filter, std::string separator)
      : in_(in),
        filter_(std::move(filter)),
        separator_(std::move(separator)),
        numeric_types_(in.has("z")),
        recursive_(in.has("s")),
        rows_(in.out(), in.row_style()) {
    if (in.row_style().chosen) printer_ = &rows_;
  }

  Outcome run(const reg::Registry& registry, const std::string& path) {
    SL_TRY(const reg::Key key, open_key(registry, path, reg::access::kRead));
    if (filter_.is_one_value() && !recursive_) return one_value(key, path);
    first_line();
    SL_CHECK(visit(key, path, false));
    return finish();
  }

 private:
  static std::string shown_name(const std::string& name) {
    return name.empty() ? "(Default)" : name;
  }

  std::string shown_type(reg::ValueType type) const {
    std::string text = reg_type_text(type);
    if (numeric_types_) text += " (" + std::to_string(static_cast<std::uint32_t>(type)) + ")";
    return text;
  }

  void print_value(const std::string& path, const reg::ValueEntry& entry) {
    if (printer_ != nullptr) {
      printer_->add({{"Key", path},
                     {"Name", entry.name},
                     {"Type", reg_type_text(entry.data.type())},
                     {"Data", reg_data_cell(entry.data.view())}});
      return;
    }
    const std::string data =
        printable(reg_data_text(entry.data.view(), separator_), in_.around().out_is_terminal);
    in_.out() << "    " << printable(shown_name(entry.name), true) << "    "
              << shown_type(entry.data.type()) << "    " << data << '\n';
  }

  void first_line() {
    if (printer_ == nullptr) in_.out() << '\n';
  }

  // A key alone. Several make a list without empty lines.
  void print_key(const std::string& path) {
    if (printer_ != nullptr) {
      printer_->add({{"Key", path}, {"Name", Cell()}, {"Type", Cell()}, {"Data", Cell()}});
      return;
    }
    in_.out() << printable(path, true) << '\n';
    in_list_ = true;
  }
  void end_list() {
    if (in_list_) in_.out() << '\n';
    in_list_ = false;
  }

  // A key with values and an empty line below them.
  void print_block(const std::string& path, const std::vector<reg::ValueEntry>& entries) {
    end_list();
    if (printer_ == nullptr || entries.empty()) print_key(path);
    for (const reg::ValueEntry& entry : entries) print_value(path, entry);
    if (printer_ == nullptr) end_list();
  }

  Outcome one_value(const reg::Key& key, const std::string& path) {
    const std::string& name = *filter_.value_name;
    auto data = key.get(name);
    if (!data && data.error().code == HResult::kErrorFileNotFound && name.empty() &&
        printer_ == nullptr) {
      first_line();
      in_.out() << printable(path, true) << "\n    (Default)    REG_SZ    (value not set)\n\n";
      return kDone;
    }
    if (!data) {
      Error error = data.error();
      if (error.code == HResult::kErrorFileNotFound)
        error.message = path + " has no value " + shown_name(name);
      return fail(std::move(error));
    }
    first_line();
    print_block(path, {{name, *data}});
    rows_finish();
    return kDone;
  }

  // One key and, with /s, all below it. Without a filter: the values, then the subkeys.
  Result<> visit(const reg::Key& key, const std::string& path, bool key_matches) {
    SL_TRY(const std::vector<reg::ValueEntry> values, key.values());
    SL_TRY(const std::vector<std::string> subkeys, key.subkeys());
    std::vector<reg::ValueEntry> taken;
    for (const reg::ValueEntry& entry : values)
      if (filter_.takes(entry, separator_, key_matches)) taken.push_back(entry);
    const bool whole = !filter_.narrows();
    const bool head =
        !taken.empty() || (whole && (subkeys.empty() || (recursive_ && !values.empty())));
    if (head) print_block(path, taken);
    found_ += taken.size();
    return recursive_ || !key_matches ? visit_subkeys(key, path, subkeys) : Result<>{};
  }

  Result<> visit_subkeys(const reg::Key& key, const std::string& path,
                         const std::vector<std::string>& subkeys) {
    const bool whole = !filter_.narrows();
    for (const std::string& name : subkeys) {
      std::string subpath = path;
      subpath.append("\\").append(name);
      const bool named =
          filter_.search && filter_.keys && !filter_.value_name && filter_.matches(name);
      // With /t a key stands for its values of the type.
      const bool values_wanted = named && filter_.type;
      if (named && !values_wanted) {
        print_key(subpath);
        ++found_;
      } else if (whole && !recursive_) {
        print_key(subpath);
      }
      if (!recursive_ && !values_wanted) continue;
      const auto subkey = key.open(name, reg::access::kRead);
      // What the caller may not read is passed over, as reg.exe does.
      if (subkey) SL_CHECK(visit(*subkey, subpath, values_wanted));
    }
    return {};
  }

  void rows_finish() {
    if (printer_ != nullptr) printer_->finish();
  }

  Outcome finish() {
    rows_finish();
    if (!filter_.narrows()) return kDone;
    if (printer_ == nullptr) {
      end_list();
      in_.out() << "End of search: " << std::to_string(found_) << " match(es) found.\n";
    }
    return found_ == 0 ? kFailed : kDone;
  }

  Invocation& in_;
  Filter filter_;
  std::string separator_;
  bool numeric_types_;
  bool recursive_;
  RowPrinter rows_;
  RowPrinter* printer_ = nullptr;  // null: reg.exe's own format
  bool in_list_ = false;
  std::size_t found_ = 0;
};

}  // namespace

Outcome run_reg_query(Invocation& in) {
  SL_TRY(const KeyName name, parse_key_name(in.value("KEY")));
  if (auto view = check_view(in); !view) return tl::make_unexpected(view.error());
  Filter filter;
  SL_TRY(filter.type, type_option(in));
  if (in.has("v") && in.has("ve")) return usage("/v and /ve exclude each other");
  const bool in_names = in.has("v") && in.values("v").empty();
  if (in_names && !in.has("f")) return usage("/v needs a name, except with /f");
  if (in.has("v") && !in_names) filter.value_name = in.value("v");
  if (in.has("ve")) filter.value_name = "";
  if (in.has("f")) {
    filter.search = true;
    if (in_names || in.has("k") || in.has("d")) {
      filter.keys = in.has("k");
      filter.contents = in.has("d");
      filter.values = in_names;
    }
    filter.match_case = in.has("c");
    filter.pattern = in.has("e") ? in.value("f") : "*" + in.value("f") + "*";
  } else if (in.has("k") || in.has("d") || in.has("c") || in.has("e")) {
    return usage("/k, /d, /c and /e say how to search and need /f");
  }
  SL_TRY(std::string separator, separator_option(in, "se"));
  SL_TRY(const reg::Registry registry, open_registry(in, name));
  return Query(in, std::move(filter), std::move(separator)).run(registry, name.path);
}

}  // namespace slwmi::tools
