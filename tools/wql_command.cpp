// `slwmi wql`: checking and explaining queries.
#include <istream>
#include <ostream>
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

// Standard input as a stream. What was answered leaves before a read that may wait, so that a
// program can ask line by line.
class ReaderBuffer final : public std::streambuf {
 public:
  explicit ReaderBuffer(Invocation& in) : in_(in) {}

 protected:
  int_type underflow() override {
    in_.out().flush();
    piece_ = in_.around().standard_input();
    if (piece_.empty()) return traits_type::eof();
    setg(piece_.data(), piece_.data(), piece_.data() + piece_.size());
    return traits_type::to_int_type(piece_[0]);
  }

 private:
  Invocation& in_;
  std::string piece_;
};

Outcome run_lint(Invocation& in) {
  LintOptions options;
  options.mof_files = in.values("mof");
  if (in.has("like") + in.has("path") + in.has("mof") > 1)
    return usage("--mof, --like and --path exclude each other");
  if (in.has("like")) options.mode = LintOptions::Mode::kLike;
  if (in.has("path")) options.mode = LintOptions::Mode::kPath;
  ReaderBuffer in_buffer(in);
  WriterBuffer out_buffer(in.out());
  WriterBuffer err_buffer(in.err());
  std::istream input(&in_buffer);
  std::ostream out(&out_buffer);
  std::ostream err(&err_buffer);
  return wql_lint(options, input, out, err);
}

Outcome run_explain_query(Invocation& in) {
  SL_TRY(const std::string wql, query_argument(in));
  SL_TRY(world::Session session, in.session());
  const auto plan = session.explain(wql);
  if (!plan) return fail_with_query(plan.error(), wql);
  print_plan(in, wql, *plan);
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
     run_lint},
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
