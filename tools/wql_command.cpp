// `slwmi wql`: checking and explaining queries.
#include <istream>
#include <ostream>
#include <sstream>
#include <streambuf>

#include "tools/cli/invocation.hpp"
#include "tools/cli/query_text.hpp"
#include "tools/commands.hpp"
#include "tools/wql_lint.hpp"
#include "world/session.hpp"

namespace slwmi::tools {
namespace {

// A stream that ends in a Writer.
class WriterBuffer final : public std::streambuf {
 public:
  explicit WriterBuffer(Writer& out) : out_(out) {}

 protected:
  int_type overflow(int_type c) override {
    if (c != traits_type::eof()) out_ << static_cast<char>(c);
    return c;
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    out_ << std::string_view(text, static_cast<std::size_t>(size));
    return size;
  }

 private:
  Writer& out_;
};

Outcome run_lint(Invocation& in) {
  std::vector<const char*> words;
  for (const std::string& word : in.raw()) words.push_back(word.c_str());
  WriterBuffer out_buffer(in.out());
  WriterBuffer err_buffer(in.err());
  std::ostream out(&out_buffer);
  std::ostream err(&err_buffer);
  std::istringstream input(in.around().standard_input());
  return wql_lint_main(static_cast<int>(words.size()), words.data(), input, out, err);
}

Outcome run_explain_query(Invocation& in) {
  SL_TRY(const std::string wql, query_argument(in));
  SL_TRY(world::Session session, in.session());
  const auto plan = session.explain(wql);
  if (!plan) return fail_with_query(plan.error(), wql);
  if (in.row_style().chosen) {
    RowPrinter rows = in.rows();
    rows.add({{"Query", wql}, {"Plan", *plan}});
    rows.finish();
  } else {
    in.out() << *plan;
    if (!plan->empty() && plan->back() != '\n') in.out() << '\n';
  }
  return kDone;
}

constexpr Option kLintOptions[] = {
    {"--mof", "FILE", "check types against the classes of this MOF file"},
    {"--like", "", "the lines have a pattern and a text; answers whether they match"},
    {"--path", "", "the lines have a kind, a path and a mode or a flag; answers the path's text"},
};
constexpr Argument kWql[] = {{"WQL", "the query; \"-\" reads it from standard input"}};

constexpr Command kCommands[] = {
    {"lint",
     "check queries, one JSON object a line from standard input",
     {},
     kLintOptions,
     "Each line has \"query\" and may have \"id\". The answers come in the same order: id, ok, "
     "hresult, offset (UTF-8 "
     "bytes), token, message. Exit code 0 when all are right, 1 when some are not, 2 for a line "
     "that cannot be read.",
     "echo '{\"id\":1,\"query\":\"SELECT * FROM Win32_OperatingSystem\"}' | slwmi wql lint\n"
     "slwmi wql lint --mof classes.mof <queries.jsonl",
     run_lint,
     false,
     true},
    {"explain",
     "the plan of a query: what the provider is asked, what is checked afterwards",
     kWql,
     {},
     "",
     "slwmi wql explain \"SELECT Name FROM SoftwareLicensingProduct WHERE LicenseStatus = 1\"",
     run_explain_query},
};

}  // namespace

constexpr Group kWqlGroup{"wql", "check queries and explain their plans", kCommands};

}  // namespace slwmi::tools
