// `slwmi query`, `get`, `put`, `call` and `delete`: what a session does, from words.
#include <algorithm>
#include <iterator>
#include <limits>

#include "base/text.hpp"
#include "query/parser.hpp"
#include "query/plan.hpp"
#include "registry/path.hpp"
#include "schema/object_path.hpp"
#include "tools/cli/parse.hpp"
#include "tools/cli/query_text.hpp"
#include "tools/cli/values.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/all_machines.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

constexpr const char* kSystemProperties[] = {
    "__PATH",    "__NAMESPACE", "__SERVER",     "__DERIVATION", "__PROPERTY_COUNT",
    "__RELPATH", "__DYNASTY",   "__SUPERCLASS", "__CLASS",      "__GENUS"};

Field system_field(const wql::Row& row, std::string_view name) {
  return {std::string(name), cell_of(row.system(name))};
}

// A class shows what it is called and what it derives from.
constexpr const char* kClassProperties[] = {"__CLASS", "__SUPERCLASS", "__DYNASTY"};

// A row of a query: what it selects, in its order.
Record record_of_row(const wql::Row& row, bool with_system, bool select_all) {
  Record record;
  if (with_system) {
    for (const char* name : kSystemProperties) record.push_back(system_field(row, name));
  }
  if (row.is_class() && select_all) {
    for (const char* name : kClassProperties) {
      if (!with_system) record.push_back(system_field(row, name));
    }
    return record;
  }
  record.reserve(record.size() + row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (with_system && cim::is_system_property(row.name(i))) continue;
    record.push_back({row.name(i), cell_of(row.value(i))});
  }
  return record;
}

Record record_of_instance(const cim::Instance& instance, const world::Session& session,
                          bool with_system) {
  Record record;
  if (with_system) {
    for (const char* name : kSystemProperties) {
      record.push_back(
          {name, cell_of(cim::system_property(instance, name, session.server(), session.ns()))});
    }
  }
  for (Field& field : record_of(instance)) record.push_back(std::move(field));
  return record;
}

// What record_of_row calls the columns of a query, in a result without rows; nothing where only
// rows say it.
template <class AnySession>
Result<std::vector<std::string>> header_of(AnySession& session, const std::string& wql,
                                           const wql::Query& query, bool with_system, bool whose) {
  std::vector<std::string> header;
  if (query.form != wql::Form::kSelect) return header;
  if (with_system) header.assign(std::begin(kSystemProperties), std::end(kSystemProperties));
  if (query.schema) {
    if (!with_system) header.assign(std::begin(kClassProperties), std::end(kClassProperties));
    return header;
  }
  SL_TRY(std::vector<std::string> columns, session.columns(wql));
  for (std::string& name : columns)
    if (!with_system || !cim::is_system_property(name)) header.push_back(std::move(name));
  if (whose && std::find(header.begin(), header.end(), "__SERVER") == header.end())
    header.insert(header.begin(), "__SERVER");
  return header;
}

// Rows or plan of a query in a session with one machine or with all; of all, each row begins with
// whose it is.
template <class AnySession>
Outcome query_with(Invocation& in, const std::string& wql, AnySession& session, bool whose) {
  SL_TRY(const std::uint64_t limit, in.number("limit", std::numeric_limits<std::uint64_t>::max()));
  if (in.has("explain")) {
    const auto plan = session.explain(wql);
    if (!plan) return fail_with_query(plan.error(), wql);
    print_plan(in, wql, *plan);
    return kDone;
  }
  const bool with_system = in.has("system");
  const auto parsed = wql::parse(wql);
  const bool select_all = !parsed || parsed->form != wql::Form::kSelect || parsed->select_all;
  RowPrinter rows = in.rows();
  const auto done = session.query_rows(wql, [&](const wql::Row& row) {
    if (rows.count() >= limit) return false;
    Record record = record_of_row(row, with_system, select_all);
    const bool named = std::any_of(record.begin(), record.end(),
                                   [](const Field& field) { return field.name == "__SERVER"; });
    if (whose && !named && !row.is_class())
      record.insert(record.begin(), {"__SERVER", Cell(row.server())});
    rows.add(std::move(record));
    return rows.count() < limit;
  });
  if (!done) return fail_with_query(done.error(), wql);
  std::vector<std::string> header;
  if (rows.count() == 0 && in.row_style().format == Format::kCsv) {
    SL_TRY(header, header_of(session, wql, *parsed, with_system, whose));
  }
  rows.finish(header);
  if (rows.count() == 0 && in.around().err_is_terminal && !in.json()) in.note("no rows");
  return kDone;
}

Outcome run_query(Invocation& in) {
  SL_TRY(const std::string wql, query_argument(in));
  if (!in.has("all-machines")) {
    SL_TRY(world::Session session, in.session());
    return query_with(in, wql, session, false);
  }
  SL_TRY(world::World * world, in.world());
  SL_TRY(const Principal caller, in.caller());
  SL_TRY(world::AllMachines session, world::AllMachines::connect(*world, caller, in.name_space()));
  return query_with(in, wql, session, true);
}

// A class name alone, without a key: letters, digits and underscores.
bool is_bare_class(std::string_view path) {
  return !path.empty() && std::all_of(path.begin(), path.end(), [](char c) {
    return is_ascii_alpha(c) || is_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  });
}

// The path of the one instance of a class. With none or several, WBEM_E_NOT_FOUND and the paths to
// choose from.
tl::expected<std::string, Failure> only_instance(world::Session& session, const std::string& name) {
  std::vector<std::string> paths;
  SL_CHECK(session.query("SELECT * FROM " + name, [&](const world::Row& row) {
    paths.push_back(row.relpath());
    return paths.size() < 12;
  }));
  if (paths.size() == 1) return paths.front();
  if (paths.empty()) return fail(HResult::kWbemENotFound, name + " has no instance");
  Failure failure(Error{
      HResult::kWbemENotFound, name + " has several instances; name one by its path", {}, {}});
  for (const std::string& path : paths) failure.detail += "  " + printable(path, true) + "\n";
  if (paths.size() >= 12) failure.detail += "  ...\n";
  return tl::make_unexpected(std::move(failure));
}

// The path to work on: the one given, or for a class with one instance that instance.
tl::expected<std::string, Failure> instance_path(world::Session& session, const std::string& path) {
  if (!is_bare_class(path)) return path;
  const auto cls = session.get_class(path);
  if (!cls) return fail(cls.error());
  return only_instance(session, path);
}

Failure unknown_property(const cim::Class& cls, const std::string& name) {
  Failure failure(
      Error{HResult::kWbemENotFound, cls.name() + " has no property " + name, {}, name});
  std::vector<std::string_view> names;
  for (const cim::Property& property : cls.properties()) names.push_back(property.name);
  if (const std::string_view near = nearest(name, names); !near.empty()) {
    failure.error.message += "; did you mean " + std::string(near) + "?";
  }
  return failure;
}

Outcome run_get(Invocation& in) {
  SL_TRY(world::Session session, in.session());
  SL_TRY(const std::string path, instance_path(session, in.value("PATH")));
  SL_TRY(const cim::Instance instance, session.get(path));
  Record record;
  if (in.values("PROPERTY").empty()) {
    record = record_of_instance(instance, session, in.has("system"));
  }
  for (const std::string& name : in.values("PROPERTY")) {
    if (cim::is_system_property(name)) {
      record.push_back(
          {name, cell_of(cim::system_property(instance, name, session.server(), session.ns()))});
      continue;
    }
    const cim::Property* property = instance.cls()->find_property(name);
    if (property == nullptr) return tl::make_unexpected(unknown_property(*instance.cls(), name));
    record.push_back({property->name, cell_of(instance.at(property->slot))});
  }
  if (in.has("value")) {
    for (const Field& field : record) in.out() << printable(plain_text(field.value), false) << '\n';
    return kDone;
  }
  RowPrinter rows(in.out(), list_by_default(in));
  rows.add(std::move(record));
  rows.finish();
  return kDone;
}

// The words "Name=Value" by name, several for the same name together.
struct Given {
  std::string name;
  std::vector<std::string> words;
};
tl::expected<std::vector<Given>, Failure> assignments(const std::vector<std::string>& words) {
  std::vector<Given> out;
  for (const std::string& word : words) {
    auto assignment = parse_assignment(word);
    if (!assignment) return usage(assignment.error().message);
    const auto same = std::find_if(out.begin(), out.end(), [&](const Given& given) {
      return equal_ignore_case(given.name, assignment->name);
    });
    if (same == out.end()) {
      out.push_back({assignment->name, {assignment->text}});
    } else {
      same->words.push_back(assignment->text);
    }
  }
  return out;
}

Error named(Error error, const std::string& what) {
  error.message =
      what + ": " + (error.message.empty() ? std::string(text_of(error.code)) : error.message);
  return error;
}

Outcome run_put(Invocation& in) {
  SL_TRY(const std::vector<Given> given, assignments(in.values("NAME=VALUE")));
  SL_TRY(world::Session session, in.session());
  cim::Instance instance;
  std::string before;  // the path of the instance that is changed
  if (in.has("new")) {
    SL_TRY(cim::ClassPtr cls, session.get_class(in.value("PATH")));
    instance = cim::Instance(std::move(cls));
  } else {
    SL_TRY(const std::string path, instance_path(session, in.value("PATH")));
    SL_TRY(instance, session.get(path));
    before = instance.relpath();
  }
  for (const Given& one : given) {
    const cim::Property* property = instance.cls()->find_property(one.name);
    if (property == nullptr)
      return tl::make_unexpected(unknown_property(*instance.cls(), one.name));
    auto value = value_of_words(one.words, property->type, property->is_array);
    if (!value) return fail(named(value.error(), property->name));
    instance.set(property->slot, *std::move(value));
  }
  const std::string put = instance.relpath();
  const bool there = session.get(put).has_value();
  SL_CHECK(session.put(instance));
  const bool copied = !there && !before.empty();
  in.note((there ? "updated " : "created ") + put +
          (copied ? "; " + before + " stays as it was" : std::string()));
  return kDone;
}

Outcome run_delete(Invocation& in) {
  SL_TRY(world::Session session, in.session());
  SL_CHECK(session.remove(in.value("PATH")));
  return kDone;
}

Failure unknown_method(const cim::Class& cls, const std::string& name) {
  Failure failure(
      Error{HResult::kWbemEInvalidMethod, cls.name() + " has no method " + name, {}, name});
  std::vector<std::string_view> names;
  for (const cim::Method& method : cls.methods()) names.push_back(method.name);
  if (const std::string_view near = nearest(name, names); !near.empty()) {
    failure.error.message += "; did you mean " + std::string(near) + "?";
  } else if (names.empty()) {
    failure.error.message += "; it has none";
  }
  return failure;
}

std::string signature_of(const cim::Method& method) {
  std::string text = "  " + method.name;
  for (const cim::Parameter& parameter : method.parameters) {
    if (!parameter.in) continue;
    text += " " + parameter.name + "=" + std::string(name_of(parameter.type)) +
            (parameter.is_array ? "[]" : "");
  }
  return text + "\n";
}

// What the words stand for. Words that do not fit the declaration go on as texts: whether the
// caller may call the method at all comes before what is wrong with his arguments.
world::Parameters parameters_of(const cim::Method& method, const std::vector<Given>& given) {
  world::Parameters out;
  for (const Given& one : given) {
    std::vector<std::string> words = one.words;
    const int index = method.find_parameter(one.name);
    if (index >= 0) {
      const cim::Parameter& parameter = method.parameters[static_cast<std::size_t>(index)];
      // StdRegProv's roots have names that nobody knows as numbers.
      if (equal_ignore_case(parameter.name, "hDefKey") && words.size() == 1) {
        if (const auto root = reg::root_of(words[0]))
          words[0] = std::to_string(reg::predefined_handle(*root));
      }
      if (auto value = value_of_words(words, parameter.type, parameter.is_array)) {
        out.emplace_back(parameter.name, *std::move(value));
        continue;
      }
    }
    auto texts = value_of_words(words, cim::Type::kString, words.size() > 1);
    out.emplace_back(one.name, texts.value_or(cim::Value::text(words.front())));
  }
  return out;
}

Outcome run_call(Invocation& in) {
  SL_TRY(const std::vector<Given> given, assignments(in.values("NAME=VALUE")));
  SL_TRY(world::Session session, in.session());
  std::string path = in.value("PATH");
  SL_TRY(const cim::ObjectPath parsed, cim::ObjectPath::parse(path));
  SL_TRY(const cim::ClassPtr cls, session.get_class(parsed.class_name()));
  const cim::Method* method = cls->find_method(in.value("METHOD"));
  if (method == nullptr) return tl::make_unexpected(unknown_method(*cls, in.value("METHOD")));
  if (!method->is_static()) {
    SL_TRY(path, instance_path(session, path));
  }
  const auto result = session.call(path, method->name, parameters_of(*method, given));
  if (!result) {
    Failure failure(result.error());
    if (failure.error.code == HResult::kWbemEInvalidMethodParameters)
      failure.detail = signature_of(*method);
    return tl::make_unexpected(std::move(failure));
  }
  Record record;
  if (!method->returns_void) record.push_back({"ReturnValue", cell_of(result->return_value)});
  for (const auto& [name, value] : result->out) record.push_back({name, cell_of(value)});
  RowPrinter rows(in.out(), list_by_default(in));
  rows.add(std::move(record));
  rows.finish();
  const bool refused = method->return_type == cim::Type::kUint32 &&
                       !result->return_value.is_null() && result->return_value.as_uint32() != 0;
  if (!refused) return kDone;
  const std::uint32_t code = result->return_value.as_uint32();
  Error error{code < 0x10000 ? hresult_from_win32(code) : static_cast<HResult>(code), {}, {}, {}};
  error.message = cls->name() + "." + method->name + " returned " + std::to_string(code);
  if (const std::string_view text = text_of(error.code); !text.empty())
    error.message += ": " + std::string(text);
  return fail(std::move(error));
}

constexpr Argument kWql[] = {{"WQL", "the query; \"-\" reads it from standard input"}};
constexpr Option kQueryOptions[] = {
    {"--system", "", "the system properties too (__PATH, __CLASS, ...)"},
    {"--limit", "N", "stop after N rows"},
    {"--explain", "", "print the plan instead of the rows"},
    {"--all-machines", "", "ask every machine of the world; __SERVER says whose a row is"},
};
constexpr Command kQueryCommands[] = {
    {"", "run a WQL query and print its rows", kWql, kQueryOptions,
     "Data and schema queries, ASSOCIATORS OF and REFERENCES OF. No rows is no failure.",
     "slwmi query \"SELECT Name, LicenseStatus FROM SoftwareLicensingProduct WHERE "
     "PartialProductKey IS NOT NULL\"\n"
     "slwmi query \"SELECT * FROM SoftwareLicensingService\" --json\n"
     "slwmi -m KMS1 query \"SELECT KeyManagementServiceCurrentCount FROM "
     "SoftwareLicensingService\" --table\n"
     "slwmi query --all-machines \"SELECT Name FROM SoftwareLicensingProduct WHERE LicenseStatus "
     "<> 1 AND PartialProductKey IS NOT NULL\"\n"
     "slwmi query - <query.wql",
     run_query},
};

constexpr Argument kGetArguments[] = {
    {"PATH", "Class.Key=\"value\"; the class alone when it has one instance"},
    {"PROPERTY", "the properties wanted (default: all)", Count::kAny},
};
constexpr Option kGetOptions[] = {
    {"--value", "", "print the values alone, one a line"},
    {"--system", "", "the system properties too (__PATH, __CLASS, ...)"},
};
constexpr Command kGetCommands[] = {
    {"", "print one instance or some of its properties", kGetArguments, kGetOptions, "",
     "slwmi get SoftwareLicensingService\n"
     "slwmi get SoftwareLicensingService VLRenewalInterval --value\n"
     "slwmi get 'Win32_ComputerSystem.Name=\"PC1\"' Domain PartOfDomain",
     run_get},
};

constexpr Argument kPutArguments[] = {
    {"PATH", "the instance; with --new its class"},
    {"NAME=VALUE", "properties and their new values", Count::kMany},
};
constexpr Option kPutOptions[] = {{"--new", "", "make an instance of the class PATH"}};
constexpr Command kPutCommands[] = {
    {"", "change or make an instance of a class of yours", kPutArguments, kPutOptions,
     "For static instances of classes loaded with \"slwmi mof compile\". A property that is an "
     "array is given several "
     "times, or as {a, b}. As PutInstance does, it updates the instance that has the keys, and "
     "creates one where none has: a changed key makes another instance.",
     "slwmi put --new Asset Tag=A-17 Floor=3\n"
     "slwmi put 'Asset.Tag=\"A-17\"' Floor=4",
     run_put},
};

constexpr Argument kDeletePath[] = {{"PATH", "the instance"}};
constexpr Command kDeleteCommands[] = {
    {"",
     "delete a static instance",
     kDeletePath,
     {},
     "",
     "slwmi delete 'Asset.Tag=\"A-17\"'",
     run_delete},
};

constexpr Argument kCallArguments[] = {
    {"PATH",
     "Class.Key=\"value\"; the class alone when it has one instance or the method is static"},
    {"METHOD", "the method's name"},
    {"NAME=VALUE", "its parameters, in any order", Count::kAny},
};
constexpr Command kCallCommands[] = {
    {"",
     "call a method of an instance or a class",
     kCallArguments,
     {},
     "Values take the declared type: numbers in decimal or after 0x, TRUE and FALSE, texts as they "
     "are. An array is "
     "given several times, or as {a, b}. hDefKey takes HKLM, HKCU and the other roots by name. "
     "Exit code 1 also for a "
     "method that returns another number than 0.",
     "slwmi call SoftwareLicensingService SetVLRenewalInterval RenewalInterval=1440\n"
     "slwmi --as standard call SoftwareLicensingService SetKeyManagementServiceMachine "
     "MachineName=kms.contoso.com\n"
     "slwmi -n 'root\\default' call StdRegProv GetStringValue hDefKey=HKLM "
     "'sSubKeyName=SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' sValueName=ProductName",
     run_call},
};

}  // namespace

constexpr Group kQuery{"query", "run a WQL query", kQueryCommands};
constexpr Group kGet{"get", "print one instance or some of its properties", kGetCommands};
constexpr Group kPut{"put", "change or make an instance", kPutCommands};
constexpr Group kDelete{"delete", "delete an instance", kDeleteCommands};
constexpr Group kCall{"call", "call a method", kCallCommands};

}  // namespace slwmi::tools
