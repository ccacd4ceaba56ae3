// `slwmi class` and `slwmi mof`: declarations shown, checked and loaded.
#include <algorithm>

#include "schema/mof_parser.hpp"
#include "tools/class_text.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/cli/parse.hpp"
#include "tools/cli/query_text.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

Outcome list_classes(Invocation& in, world::Session& session) {
  SL_TRY(const std::vector<cim::ClassPtr> classes, session.classes());
  if (!in.row_style().chosen) {
    for (const cim::ClassPtr& cls : classes) in.out() << cls->name() << '\n';
    return kDone;
  }
  RowPrinter rows = in.rows();
  for (const cim::ClassPtr& cls : classes) {
    rows.add(
        {{"Class", cls->name()},
         {"Superclass", cls->superclass() == nullptr ? Cell() : Cell(cls->superclass()->name())},
         {"Provider", cls->provider().empty() ? Cell() : Cell(cls->provider())},
         {"Properties", Cell::number(std::uint64_t{cls->properties().size()})},
         {"Methods", Cell::number(std::uint64_t{cls->methods().size()})},
         {"Description", cell_or_null(cls->qualifiers().text("Description"))}});
  }
  rows.finish();
  return kDone;
}

// WBEM_E_NOT_FOUND with the nearest name, where there is one.
Error unknown_class(world::Session& session, Error error, const std::string& name) {
  const auto classes = session.classes();
  if (!classes) return error;
  std::vector<std::string_view> names;
  for (const cim::ClassPtr& cls : *classes) names.push_back(cls->name());
  error.message = session.ns() + " has no class " + name;
  if (const std::string_view near = nearest(name, names); !near.empty()) {
    error.message += "; did you mean " + std::string(near) + "?";
  }
  return error;
}

Outcome run_class(Invocation& in) {
  SL_TRY(world::Session session, in.session());
  if (!in.has("NAME")) return list_classes(in, session);
  const std::string name = in.value("NAME");
  const auto cls = session.get_class(name);
  if (!cls) return fail(unknown_class(session, cls.error(), name));
  if (!in.row_style().chosen) {
    in.out() << class_text(**cls, session.ns());
    return kDone;
  }
  RowPrinter rows = in.rows();
  for (Record& row : class_rows(**cls)) rows.add(std::move(row));
  rows.finish();
  return kDone;
}

// The Failure of a file: "FILE:line:column: message" and the line with a mark.
tl::unexpected<Failure> fail_in_file(Error error, const std::string& file,
                                     const std::string& text) {
  if (error.at && error.at->line > 0) {
    error.message = file + ":" + std::to_string(error.at->line) + ":" +
                    std::to_string(error.at->column) + ": " + error.message;
  } else {
    error.message = file + ": " + error.message;
  }
  return fail_with_query(std::move(error), text);
}

Outcome run_compile(Invocation& in) {
  SL_TRY(world::World * world, in.world());
  for (const std::string& file : in.values("FILE")) {
    SL_TRY(const std::string text, read_file(file, in.around()));
    if (auto done = world->compile_mof(text, in.name_space()); !done)
      return fail_in_file(done.error(), file, text);
    in.note("compiled " + file);
  }
  return kDone;
}

Outcome run_check(Invocation& in) {
  for (const std::string& file : in.values("FILE")) {
    SL_TRY(const std::string text, read_file(file, in.around()));
    const auto document = cim::mof::parse(text);
    if (!document) return fail_in_file(document.error(), file, text);
    in.note(file + ": " + count_of(document->items.size(), "item"));
  }
  return kDone;
}

Outcome run_show(Invocation& in) {
  SL_TRY(world::Session session, in.session());
  const std::string path = in.value("PATH");
  if (path.find_first_of(".=") == std::string::npos) {
    const auto cls = session.get_class(path);
    if (!cls) return fail(unknown_class(session, cls.error(), path));
    in.out() << class_text(**cls, session.ns());
    return kDone;
  }
  SL_TRY(const cim::Instance instance, session.get(path));
  in.out() << instance.to_mof();
  return kDone;
}

constexpr Argument kName[] = {
    {"NAME", "the class; none lists all of the namespace", Count::kOptional}};
constexpr Argument kFiles[] = {{"FILE", "MOF files; \"-\" is standard input", Count::kMany}};
constexpr Argument kPath[] = {{"PATH", "an instance's path or a class's name"}};

constexpr Command kClassCommands[] = {
    {"",
     "list classes, or show what one declares",
     kName,
     {},
     "The declaration is MOF; its comments tell units, ranges, who may call a method, where a "
     "value lies in the "
     "registry, and the source. With --json, --csv or --table: a row for each property, method and "
     "parameter.",
     "slwmi class\n"
     "slwmi class SoftwareLicensingService\n"
     "slwmi -n 'root\\default' class StdRegProv\n"
     "slwmi class SoftwareLicensingService --json",
     run_class},
};
constexpr Command kMofCommands[] = {
    {"compile",
     "load classes and instances into the world",
     kFiles,
     {},
     "Without a namespace pragma in the file they go to the one of -n. All of a file is loaded, or "
     "nothing.",
     "slwmi mof compile assets.mof\nslwmi -n 'root\\contoso' mof compile assets.mof",
     run_compile},
    {"check",
     "check the grammar of files without loading them",
     kFiles,
     {},
     "",
     "slwmi mof check assets.mof",
     run_check},
    {"show",
     "an instance or a class as MOF",
     kPath,
     {},
     "",
     "slwmi mof show 'Win32_ComputerSystem.Name=\"PC1\"'\nslwmi mof show SoftwareLicensingProduct",
     run_show},
};

}  // namespace

constexpr Group kClass{"class", "list classes, or show what one declares", kClassCommands};
constexpr Group kMof{"mof", "load, check and show MOF", kMofCommands};

}  // namespace slwmi::tools
