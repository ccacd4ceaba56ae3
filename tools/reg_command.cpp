// `slwmi reg`: the grammar and the output of reg.exe over a simulated machine's registry, in UTF-8
// and with line feeds.
#include <algorithm>
#include <functional>
#include <optional>

#include "base/text.hpp"
#include "registry/path.hpp"
#include "registry/registry.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/reg_values.hpp"
#include "world/machine.hpp"

namespace slwmi::tools {
namespace {

constexpr std::string_view kSuccess = "The operation completed successfully.\n";

// A key as the command line names it: \\MACHINE\HKLM\... reaches another machine.
struct KeyName {
  std::string machine;  // empty: the one of -m
  std::string path;     // with the root in its long spelling
};

tl::expected<KeyName, Failure> parse_key_name(std::string_view text) {
  KeyName name;
  if (text.substr(0, 2) == "\\\\") {
    const std::size_t end = text.find('\\', 2);
    if (end == std::string_view::npos)
      return usage("\"" + std::string(text) + "\" names a machine and no key");
    name.machine = text.substr(2, end - 2);
    text.remove_prefix(end + 1);
    if (name.machine == ".") name.machine.clear();
  }
  const auto parsed = reg::parse_path(text);
  if (!parsed) {
    return usage("\"" + std::string(text) +
                 "\" is no key; it begins with HKLM, HKCU, HKCR, HKU or HKCC");
  }
  name.path = reg::long_name(parsed->root);
  for (const std::string_view component : parsed->components)
    name.path += "\\" + std::string(component);
  return name;
}

Result<reg::Registry> open_registry(Invocation& in, const KeyName& name) {
  SL_TRY(const Principal principal, in.caller());
  if (name.machine.empty()) {
    SL_TRY(const world::Machine machine, in.machine());
    return machine.registry(principal);
  }
  SL_TRY(const world::Machine machine, in.machine(name.machine));
  return machine.registry(principal);
}

tl::expected<void, Failure> check_view(Invocation& in) {
  const std::string view = in.value("reg", "64");
  if (view == "64") return {};
  return usage(view == "32" ? "/reg:32: the machines here have the 64-bit view only"
                            : "/reg takes 64, not \"" + view + "\"");
}

Error for_key(Error error, const std::string& path) {
  if (error.code == HResult::kErrorFileNotFound) {
    error.message = "there is no key " + path;
  } else if (error.code == HResult::kEAccessdenied) {
    error.message = "the caller may not open " + path + " that way";
  }
  return error;
}

Result<reg::Key> open_key(const reg::Registry& registry, const std::string& path,
                          reg::Access want) {
  auto key = registry.open(path, want);
  if (!key) return fail(for_key(key.error(), path));
  return key;
}

// --- query ---

struct Filter {
  bool search = false;  // /f
  std::string data;
  bool keys = true, values = true, contents = true;
  bool match_case = false, exact = false;
  std::optional<std::string> value_name;  // /v, /ve
  bool any_value = false;                 // /v without a name: with /f only in names
  std::optional<reg::ValueType> type;

  bool matches(std::string_view text) const {
    if (exact) return match_case ? text == data : equal_ignore_case(text, data);
    if (match_case) return text.find(data) != std::string_view::npos;
    return fold(text).find(fold(data)) != std::string::npos;
  }
  bool takes(const reg::ValueEntry& entry, std::string_view separator) const {
    if (type && entry.data.type() != *type) return false;
    if (value_name && !equal_ignore_case(entry.name, *value_name)) return false;
    if (!search) return true;
    if (values && matches(entry.name)) return true;
    return contents && matches(reg_data_text(entry.data.view(), separator));
  }
  bool narrows() const { return search || value_name || type; }
};

class Query {
 public:
  Query(Invocation& in, Filter filter)
      : in_(in),
        filter_(std::move(filter)),
        separator_(in.value("se", "\\0")),
        numeric_types_(in.has("z")),
        recursive_(in.has("s")),
        rows_(in.out(), in.row_style()) {
    if (in.row_style().chosen) printer_ = &rows_;
  }

  Outcome run(const reg::Registry& registry, const std::string& path) {
    SL_TRY(const reg::Key key, open_key(registry, path, reg::access::kRead));
    if (filter_.value_name && !recursive_ && !filter_.search) return one_value(key, path);
    SL_CHECK(visit(key, path));
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

  void print_key(const std::string& path) {
    if (printer_ != nullptr) {
      printer_->add({{"Key", path}, {"Name", Cell()}, {"Type", Cell()}, {"Data", Cell()}});
      return;
    }
    in_.out() << printable(path, true) << '\n';
  }

  Outcome one_value(const reg::Key& key, const std::string& path) {
    const std::string& name = *filter_.value_name;
    auto data = key.get(name);
    if (!data && data.error().code == HResult::kErrorFileNotFound && name.empty() &&
        printer_ == nullptr) {
      in_.out() << '\n'
                << printable(path, true) << "\n    (Default)    REG_SZ    (value not set)\n\n";
      return kDone;
    }
    if (!data || (filter_.type && data->type() != *filter_.type)) {
      Error error = data ? Error{HResult::kErrorFileNotFound, {}, {}, {}} : data.error();
      if (error.code == HResult::kErrorFileNotFound) {
        error.message = path + " has no value " + shown_name(name);
        if (data) error.message += " of type " + reg_type_text(*filter_.type);
      }
      return fail(std::move(error));
    }
    if (printer_ == nullptr) in_.out() << '\n' << printable(path, true) << '\n';
    print_value(path, {name, *data});
    if (printer_ == nullptr) in_.out() << '\n';
    rows_finish();
    return kDone;
  }

  // One key and, with /s, all below it. Without a filter: the values, then the subkeys.
  Result<> visit(const reg::Key& key, const std::string& path) {
    SL_TRY(const std::vector<reg::ValueEntry> values, key.values());
    SL_TRY(const std::vector<std::string> subkeys, key.subkeys());
    std::vector<const reg::ValueEntry*> taken;
    for (const reg::ValueEntry& entry : values) {
      if (filter_.takes(entry, separator_) &&
          (!filter_.search || filter_.values || filter_.contents)) {
        taken.push_back(&entry);
      }
    }
    const bool whole = !filter_.narrows();
    const bool head =
        !taken.empty() || (whole && (subkeys.empty() || (recursive_ && !values.empty())));
    if (head) {
      if (printer_ == nullptr) in_.out() << '\n';
      if (printer_ == nullptr || taken.empty()) print_key(path);
      for (const reg::ValueEntry* entry : taken) print_value(path, *entry);
      found_ += taken.size();
    }
    return visit_subkeys(key, path, subkeys, head);
  }

  Result<> visit_subkeys(const reg::Key& key, const std::string& path,
                         const std::vector<std::string>& subkeys, bool after_values) {
    const bool whole = !filter_.narrows();
    bool first = true;
    for (const std::string& name : subkeys) {
      const std::string subpath = path + "\\" + name;
      const bool named =
          filter_.search && filter_.keys && !filter_.value_name && filter_.matches(name);
      if (named) {
        if (printer_ == nullptr) in_.out() << '\n';
        print_key(subpath);
        ++found_;
      } else if (whole && !recursive_) {
        if (first && printer_ == nullptr) in_.out() << '\n';
        print_key(subpath);
      }
      first = false;
      if (!recursive_) continue;
      const auto subkey = key.open(name, reg::access::kRead);
      // What the caller may not read is passed over, as reg.exe does.
      if (subkey) SL_CHECK(visit(*subkey, subpath));
    }
    (void)after_values;
    return {};
  }

  void rows_finish() {
    if (printer_ != nullptr) printer_->finish();
  }

  Outcome finish() {
    rows_finish();
    if (!filter_.narrows()) return kDone;
    if (printer_ == nullptr)
      in_.out() << "\nEnd of search: " << std::to_string(found_) << " match(es) found.\n";
    return found_ == 0 ? kFailed : kDone;
  }

  Invocation& in_;
  Filter filter_;
  std::string separator_;
  bool numeric_types_;
  bool recursive_;
  RowPrinter rows_;
  RowPrinter* printer_ = nullptr;  // null: reg.exe's own format
  std::size_t found_ = 0;
};

tl::expected<std::optional<reg::ValueType>, Failure> type_option(Invocation& in) {
  if (!in.has("t")) return std::optional<reg::ValueType>();
  const std::string text = in.value("t");
  const auto type = reg::type_of(text);
  if (!type) {
    return usage("/t: there is no type " + text +
                 "; REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ, REG_DWORD, REG_QWORD, REG_BINARY and "
                 "REG_NONE are usual");
  }
  return type;
}

Outcome run_query(Invocation& in) {
  SL_TRY(const KeyName name, parse_key_name(in.value("KEY")));
  if (auto view = check_view(in); !view) return tl::make_unexpected(view.error());
  Filter filter;
  SL_TRY(filter.type, type_option(in));
  if (in.has("v") && in.has("ve")) return usage("/v and /ve exclude each other");
  if (in.has("v")) filter.value_name = in.value("v");
  if (in.has("ve")) filter.value_name = "";
  if (in.has("f")) {
    filter.search = true;
    filter.data = in.value("f");
    if (in.has("k") || in.has("d")) {
      filter.keys = in.has("k");
      filter.contents = in.has("d");
      filter.values = false;
    }
    filter.match_case = in.has("c");
    filter.exact = in.has("e");
  } else if (in.has("k") || in.has("d") || in.has("c") || in.has("e")) {
    return usage("/k, /d, /c and /e say how to search and need /f");
  }
  SL_TRY(const reg::Registry registry, open_registry(in, name));
  return Query(in, std::move(filter)).run(registry, name.path);
}

// --- add, delete, copy ---

Outcome run_add(Invocation& in) {
  SL_TRY(const KeyName name, parse_key_name(in.value("KEY")));
  if (auto view = check_view(in); !view) return tl::make_unexpected(view.error());
  if (in.has("v") && in.has("ve")) return usage("/v and /ve exclude each other");
  const bool with_value = in.has("v") || in.has("ve") || in.has("d") || in.has("t");
  SL_TRY(const std::optional<reg::ValueType> given_type, type_option(in));
  const reg::ValueType type = given_type.value_or(reg::ValueType::kSz);
  const std::string value_name = in.value("v");
  reg::ValueData data;
  if (with_value) {
    const bool number = type == reg::ValueType::kDword || type == reg::ValueType::kQword ||
                        type == reg::ValueType::kDwordBigEndian;
    if (number && !in.has("d")) return usage("/t " + reg_type_text(type) + " needs /d");
    auto parsed = parse_reg_data(type, in.value("d"), in.value("s", "\\0"));
    if (!parsed) return usage("/d: " + parsed.error().message);
    data = *std::move(parsed);
  }
  SL_TRY(reg::Registry registry, open_registry(in, name));
  if (with_value && !in.has("f")) {
    const auto key = registry.open(name.path, reg::access::kRead);
    if (key && key->get(value_name)) {
      return fail(HResult::kErrorAlreadyExists,
                  name.path + " has a value " + (value_name.empty() ? "(Default)" : value_name) +
                      " already; /f overwrites it");
    }
  }
  if (with_value) {
    if (auto done = registry.set(name.path, value_name, data); !done)
      return fail(for_key(done.error(), name.path));
  } else {
    auto key = registry.create(name.path, reg::access::kRead);
    if (!key) return fail(for_key(key.error(), name.path));
  }
  in.out() << kSuccess;
  return kDone;
}

// The path above the last component, and that component.
std::pair<std::string, std::string> split_last(const std::string& path) {
  const std::size_t at = path.rfind('\\');
  if (at == std::string::npos) return {path, {}};
  return {path.substr(0, at), path.substr(at + 1)};
}

Result<> delete_all_values(reg::Registry& registry, const std::string& path) {
  SL_TRY(reg::Key key, open_key(registry, path, reg::access::kQueryValue | reg::access::kSetValue));
  SL_TRY(const std::vector<reg::ValueEntry> values, key.values());
  SL_TRY(reg::Transaction transaction, registry.begin());
  for (const reg::ValueEntry& entry : values) SL_CHECK(key.remove_value(entry.name));
  SL_CHECK(transaction.commit());
  return {};
}

Result<> delete_tree(reg::Registry& registry, const std::string& path) {
  const auto [parent_path, name] = split_last(path);
  if (name.empty()) return fail(HResult::kEAccessdenied, "a root key cannot be deleted");
  SL_CHECK(open_key(registry, path, reg::access::kRead));
  SL_TRY(reg::Key parent, open_key(registry, parent_path, reg::access::kRead));
  SL_TRY(reg::Transaction transaction, registry.begin());
  SL_CHECK(parent.remove_tree(name));
  SL_CHECK(transaction.commit());
  return {};
}

Outcome run_delete(Invocation& in) {
  SL_TRY(const KeyName name, parse_key_name(in.value("KEY")));
  if (auto view = check_view(in); !view) return tl::make_unexpected(view.error());
  if (in.has("v") + in.has("ve") + in.has("va") > 1)
    return usage("/v, /ve and /va exclude each other");
  if (!in.has("f")) return usage("nothing is deleted without /f: nobody is asked here");
  SL_TRY(reg::Registry registry, open_registry(in, name));
  if (in.has("va")) {
    SL_CHECK(delete_all_values(registry, name.path));
  } else if (in.has("v") || in.has("ve")) {
    SL_TRY(reg::Key key, open_key(registry, name.path, reg::access::kSetValue));
    const std::string value_name = in.value("v");
    if (auto done = key.remove_value(value_name); !done) {
      if (done.error().code != HResult::kErrorFileNotFound) return fail(done.error());
      return fail(HResult::kErrorFileNotFound,
                  name.path + " has no value " + (value_name.empty() ? "(Default)" : value_name));
    }
  } else {
    SL_CHECK(delete_tree(registry, name.path));
  }
  in.out() << kSuccess;
  return kDone;
}

Result<> copy_key(const reg::Key& from, reg::Key& to, bool recursive, bool overwrite) {
  SL_TRY(const std::vector<reg::ValueEntry> values, from.values());
  for (const reg::ValueEntry& entry : values) {
    if (!overwrite && to.get(entry.name)) {
      return fail(HResult::kErrorAlreadyExists,
                  "the target has a value " + (entry.name.empty() ? "(Default)" : entry.name) +
                      " already; /f overwrites it");
    }
    SL_CHECK(to.set(entry.name, entry.data));
  }
  if (!recursive) return {};
  SL_TRY(const std::vector<std::string> subkeys, from.subkeys());
  for (const std::string& name : subkeys) {
    SL_TRY(const reg::Key source, from.open(name, reg::access::kRead));
    SL_TRY(reg::Key target, to.create(name));
    SL_CHECK(copy_key(source, target, recursive, overwrite));
  }
  return {};
}

Outcome run_copy(Invocation& in) {
  SL_TRY(const KeyName from, parse_key_name(in.value("KEY1")));
  SL_TRY(const KeyName to, parse_key_name(in.value("KEY2")));
  if (auto view = check_view(in); !view) return tl::make_unexpected(view.error());
  const std::string below = fold(from.path) + "\\";
  if (from.machine == to.machine && (fold(to.path) + "\\").substr(0, below.size()) == below) {
    return usage("a key cannot be copied into itself");
  }
  SL_TRY(const reg::Registry source_registry, open_registry(in, from));
  SL_TRY(const reg::Key source, open_key(source_registry, from.path, reg::access::kRead));
  SL_TRY(reg::Registry target_registry, open_registry(in, to));
  SL_TRY(reg::Transaction transaction, target_registry.begin());
  auto target = target_registry.create(to.path);
  if (!target) return fail(for_key(target.error(), to.path));
  SL_CHECK(copy_key(source, *target, in.has("s"), in.has("f")));
  SL_CHECK(transaction.commit());
  in.out() << kSuccess;
  return kDone;
}

constexpr Argument kKey[] = {
    {"KEY", "HKLM\\..., HKCU\\..., \\\\MACHINE\\HKLM\\...; long root names too"}};
constexpr Option kQueryOptions[] = {
    {"--v", "NAME", "this value only"},
    {"--ve", "", "the default value only"},
    {"--s", "", "all keys below, too"},
    {"--f", "TEXT", "search for a text in key names, value names and data"},
    {"--k", "", "search in key names only"},
    {"--d", "", "search in data only"},
    {"--c", "", "search case-sensitively"},
    {"--e", "", "search for the whole text"},
    {"--t", "TYPE", "values of this type only, such as REG_DWORD"},
    {"--z", "", "show the number of each type, too"},
    {"--se", "SEPARATOR", "what stands between the texts of a REG_MULTI_SZ (default: \\0)"},
    {"--reg", "64", "accepted: the machines have the 64-bit view only"},
};
constexpr Option kAddOptions[] = {
    {"--v", "NAME", "the value's name"},
    {"--ve", "", "the default value"},
    {"--t", "TYPE",
     "REG_SZ (the default), REG_EXPAND_SZ, REG_MULTI_SZ, REG_DWORD, REG_QWORD, REG_BINARY, "
     "REG_NONE"},
    {"--s", "SEPARATOR", "what separates the texts in /d of a REG_MULTI_SZ (default: \\0)"},
    {"--d", "DATA", "the data: a text, a number in decimal or after 0x, hex digits"},
    {"--f", "", "overwrite without asking"},
    {"--reg", "64", "accepted: the machines have the 64-bit view only"},
};
constexpr Option kDeleteOptions[] = {
    {"--v", "NAME", "this value only"},
    {"--ve", "", "the default value only"},
    {"--va", "", "all values of the key"},
    {"--f", "", "needed, because nobody is asked"},
    {"--reg", "64", "accepted: the machines have the 64-bit view only"},
};
constexpr Argument kTwoKeys[] = {{"KEY1", "the key to copy"}, {"KEY2", "where to; it is made"}};
constexpr Option kCopyOptions[] = {
    {"--s", "", "all keys below, too"},
    {"--f", "", "overwrite without asking"},
    {"--reg", "64", "accepted: the machines have the 64-bit view only"},
};

constexpr Command kCommands[] = {
    {"query", "print values and subkeys of a key", kKey, kQueryOptions,
     "The output is reg.exe's, in UTF-8 and with line feeds; --json gives a row for each value "
     "instead. A search ends "
     "with exit code 1 when it finds nothing.",
     "slwmi reg query 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL'\n"
     "slwmi reg query 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL' /v "
     "VLRenewalInterval\n"
     "slwmi reg query HKLM\\\\SOFTWARE /s /f kms /d --json",
     run_query, true},
    {"add", "make a key, or set a value", kKey, kAddOptions, "",
     "slwmi reg add 'HKLM\\SOFTWARE\\Contoso' /v Floor /t REG_DWORD /d 3 /f\n"
     "slwmi reg add 'HKLM\\SOFTWARE\\Contoso' /v Rooms /t REG_MULTI_SZ /d 'A\\0B' /f\n"
     "slwmi --as network-service reg add 'HKCU\\SOFTWARE\\Contoso'",
     run_add, true},
    {"delete", "delete a key with all below it, or values", kKey, kDeleteOptions, "",
     "slwmi reg delete 'HKLM\\SOFTWARE\\Contoso' /v Floor /f\nslwmi reg delete "
     "'HKLM\\SOFTWARE\\Contoso' /f",
     run_delete, true},
    {"copy", "copy a key", kTwoKeys, kCopyOptions, "",
     "slwmi reg copy 'HKLM\\SOFTWARE\\Contoso' 'HKLM\\SOFTWARE\\Fabrikam' /s /f\n"
     "slwmi reg copy 'HKLM\\SOFTWARE\\Contoso' '\\\\PC2\\HKLM\\SOFTWARE\\Contoso' /s /f",
     run_copy, true},
};

}  // namespace

constexpr Group kReg{"reg", "reg.exe: query, add, delete, copy, import and export", kCommands};

}  // namespace slwmi::tools
