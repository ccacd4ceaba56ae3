// `slwmi reg`: the grammar and the output of reg.exe over a simulated machine's registry, in UTF-8
// and with line feeds.
#include <algorithm>
#include <optional>
#include <span>

#include "base/text.hpp"
#include "registry/formats/reg_file.hpp"
#include "registry/path.hpp"
#include "registry/registry.hpp"
#include "tools/cli/files.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "tools/reg_keys.hpp"
#include "tools/reg_values.hpp"
#include "world/machine.hpp"

namespace slwmi::tools {
namespace {

constexpr std::string_view kSuccess = "The operation completed successfully.\n";

// --- add, delete, copy ---

Outcome run_add(Invocation& in) {
  SL_TRY(const KeyName name, parse_key_name(in.value("KEY")));
  if (auto view = check_view(in); !view) return tl::make_unexpected(view.error());
  if (in.has("v") && in.has("ve")) return usage("/v and /ve exclude each other");
  SL_TRY(const std::optional<reg::ValueType> given_type, type_option(in));
  const reg::ValueType type = given_type.value_or(reg::ValueType::kSz);
  SL_TRY(const std::string separator, separator_option(in, "s"));
  const std::string value_name = in.value("v");  // without /v the default value's
  const auto data = parse_reg_data(type, in.value("d"), separator);
  if (!data) return usage("/d: " + data.error().message);
  SL_TRY(reg::Registry registry, open_registry(in, name));
  if (!in.has("f")) {
    const auto key = registry.open(name.path, reg::access::kRead);
    if (key && key->get(value_name)) {
      return fail(HResult::kErrorAlreadyExists,
                  name.path + " has a value " + (value_name.empty() ? "(Default)" : value_name) +
                      " already; /f overwrites it");
    }
  }
  if (auto done = registry.set(name.path, value_name, *data); !done)
    return fail(for_key(done.error(), name.path));
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

// --- import, export ---

Outcome run_import(Invocation& in) {
  const std::string path = in.value("FILE");
  SL_TRY(const std::string text, read_file(path, in.around()));
  reg::RegOptions options;
  options.strict = in.has("strict");
  const auto file = reg::read_reg(std::as_bytes(std::span(text.data(), text.size())), options);
  if (!file) {
    Error error = file.error();
    const bool has_line = error.at && error.at->line > 0;
    error.message =
        path + ":" + (has_line ? std::to_string(error.at->line) + ":" : "") + " " + error.message;
    return fail(std::move(error));
  }
  SL_TRY(reg::Registry registry, open_registry(in, KeyName{}));
  SL_TRY(const std::vector<reg::RegProblem> refused,
         reg::import_reg(registry, *file, options.strict));
  const auto report = [&](const reg::RegProblem& problem) {
    in.note(path + ":" + std::to_string(problem.line) + ": " + problem.message);
  };
  for (const reg::RegProblem& problem : file->problems) report(problem);
  for (const reg::RegProblem& problem : refused) report(problem);
  if (!refused.empty()) return kFailed;
  in.out() << kSuccess;
  return kDone;
}

Outcome run_export(Invocation& in) {
  SL_TRY(const KeyName name, parse_key_name(in.value("KEY")));
  if (auto view = check_view(in); !view) return tl::make_unexpected(view.error());
  const std::string path = in.value("FILE");
  SL_TRY(const reg::Registry registry, open_registry(in, name));
  const auto bytes = reg::export_reg(registry, name.path);
  if (!bytes) return fail(for_key(bytes.error(), name.path));
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  if (path == "-") {
    in.out() << text;
    return kDone;
  }
  if (!in.has("y") && is_there(path)) {
    return fail(HResult::kErrorAlreadyExists, path + " is there already; /y overwrites it");
  }
  SL_CHECK(write_file(path, text));
  in.out() << kSuccess;
  return kDone;
}

constexpr Argument kKey[] = {
    {"KEY", "HKLM\\..., HKCU\\..., \\\\MACHINE\\HKLM\\...; long root names too"}};
constexpr Option kQueryOptions[] = {
    {"--v", "[NAME]",
     "values of this name only, which may have * and ?; with /f and no name: search "
     "in value names only"},
    {"--ve", "", "the default value only"},
    {"--s", "", "all keys below, too"},
    {"--f", "TEXT",
     "search for a text in key names, value names and data; * is any text, ? any "
     "character"},
    {"--k", "", "search in key names only"},
    {"--d", "", "search in data only"},
    {"--c", "", "search case-sensitively"},
    {"--e", "", "what is found is the whole name or data"},
    {"--t", "TYPE", "values of this type only, such as REG_DWORD"},
    {"--z", "", "show the number of each type, too"},
    {"--se", "CHARACTER", "what stands between the texts of a REG_MULTI_SZ (default: \\0)"},
    {"--reg", "64", "accepted: the machines have the 64-bit view only"},
};
constexpr Option kAddOptions[] = {
    {"--v", "NAME", "the value's name"},
    {"--ve", "", "the default value, which is meant without /v, too"},
    {"--t", "TYPE",
     "REG_SZ (the default), REG_EXPAND_SZ, REG_MULTI_SZ, REG_DWORD, REG_QWORD, REG_BINARY, "
     "REG_NONE"},
    {"--s", "CHARACTER", "what separates the texts in /d of a REG_MULTI_SZ (default: \\0)"},
    {"--d", "DATA",
     "the data: a text (for REG_NONE, too), a number in decimal or after 0x, hex digits; left out "
     "it is empty, for REG_QWORD 0"},
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

constexpr Argument kFile[] = {{"FILE", "a .reg file; \"-\" is standard input"}};
constexpr Option kImportOptions[] = {
    {"--strict", "", "refuse the whole file at its first bad line"},
    {"--reg", "64", "accepted: the machines have the 64-bit view only"},
};
constexpr Argument kKeyAndFile[] = {{"KEY", "the key"},
                                    {"FILE", "the file to write; \"-\" is standard output"}};
constexpr Option kExportOptions[] = {
    {"--y", "", "overwrite the file"},
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
     "slwmi reg query HKLM\\\\SOFTWARE /s /f 'VL*' /e /v\n"
     "slwmi reg query HKLM\\\\SOFTWARE /s /f kms /d --json",
     run_reg_query, true},
    {"add", "set a value; the key is made", kKey, kAddOptions,
     "As with reg.exe, a key cannot be made alone: it gets an empty default value.",
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
    {"import", "do what a .reg file says", kFile, kImportOptions,
     "Version 5 in UTF-16 or UTF-8, REGEDIT4, and REGEDIT of Windows 3.1. As with regedit, a bad "
     "line is passed over; each "
     "is reported. What the file does is one transaction. Exit code 1 when a key or value could "
     "not "
     "be written.",
     "slwmi reg import kms.reg\nslwmi -m PC2 reg import kms.reg /strict", run_import, true},
    {"export", "write a key and all below it as a .reg file", kKeyAndFile, kExportOptions,
     "The file is regedit's, byte by byte: version 5, UTF-16 with a byte-order mark, CR LF.",
     "slwmi reg export 'HKLM\\SOFTWARE\\Contoso' contoso.reg /y\n"
     "slwmi reg export 'HKLM\\SOFTWARE\\Contoso' - | iconv -f UTF-16 -t UTF-8",
     run_export, true},
};

}  // namespace

constexpr Group kReg{"reg", "reg.exe: query, add, delete, copy, import and export", kCommands};

}  // namespace slwmi::tools
