// `slwmi explain CODE` and its Windows spelling `slwmi slui 0x2a CODE`: what an error code means.
#include <optional>

#include "base/text.hpp"
#include "provider/explain.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"

namespace slwmi::tools {
namespace {

// `text` in lines of at most 88 columns behind two spaces.
void print_wrapped(Writer& out, std::string_view text) {
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    if (used != 0 && used + 1 + end > 86) {
      out << '\n';
      used = 0;
    }
    out << (used == 0 ? "  " : " ") << text.substr(0, end);
    used += end + (used == 0 ? 0 : 1);
    if (end < text.size() && text[end] == '\n') {
      out << '\n';
      used = 0;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out << '\n';
}

void print_explanation(Writer& out, const licensing::Explanation& known) {
  out << to_hex(known.code);
  if (!known.symbol.empty()) out << "  " << known.symbol;
  out << "\n\n";
  print_wrapped(out, known.meaning);
  if (!known.activation.empty()) out << "\nConcerns\n  " << known.activation << '\n';
  if (!known.causes.empty()) {
    out << "\nUsual causes\n";
    print_wrapped(out, known.causes);
  }
  if (!known.steps.empty()) {
    out << "\nWhat to do\n";
    print_wrapped(out, known.steps);
  }
}

Outcome explain_code(Invocation& in, const std::string& word) {
  const std::optional<HResult> code = licensing::read_code(word);
  if (!code) {
    return usage("\"" + word +
                 "\" is no error code; give 0xC004F009, -1073418231 or SL_E_GRACE_TIME_EXPIRED");
  }
  const std::string os_name = in.value("os", "vista-sp1");
  const auto os = licensing::read_os(os_name);
  if (!os) return usage("--os is vista-rtm, vista-sp1 or 2008, not \"" + os_name + "\"");
  const licensing::Explanation known = licensing::explain(*code, *os);
  if (in.json() || in.has("csv")) {
    const auto text = [](std::string_view s) { return s.empty() ? Cell() : Cell(s); };
    RowPrinter rows = in.rows();
    rows.add({{"hresult", to_hex(*code)},
              {"symbol", text(known.symbol)},
              {"meaning", text(known.meaning)},
              {"activation", text(known.activation)},
              {"causes", text(known.causes)},
              {"steps", text(known.steps)}});
    rows.finish();
  } else if (known.known()) {
    print_explanation(in.out(), known);
  }
  if (known.known()) return kDone;
  return fail(HResult::kErrorNotFound, "nothing is known about " + to_hex(*code));
}

Outcome run_explain(Invocation& in) { return explain_code(in, in.value("CODE")); }

Outcome run_slui(Invocation& in) {
  const auto action = parse_unsigned(in.value("ACTION"));
  if (!action || *action != 0x2A) {
    return usage("slui knows one action here: 0x2a CODE, which explains an error code");
  }
  return explain_code(in, in.value("CODE"));
}

constexpr Option kOptions[] = {
    {"--os", "NAME",
     "vista-rtm, vista-sp1 (the default) or 2008: some codes changed their meaning"},
};

constexpr Argument kExplainArguments[] = {
    {"CODE", "0xC004F074, the same number in decimal as scripts print it, or a symbol"},
};
constexpr Command kExplainCommands[] = {
    {"", "what an error code means, what causes it and what to do", kExplainArguments, kOptions, "",
     "slwmi explain 0xC004F038\n"
     "slwmi explain -1073418160\n"
     "slwmi explain SL_E_GRACE_TIME_EXPIRED --os vista-rtm\n"
     "slwmi explain 0x80070005 --json",
     run_explain},
};

constexpr Argument kSluiArguments[] = {
    {"ACTION", "0x2a"},
    {"CODE", "the error code"},
};
constexpr Command kSluiCommands[] = {
    {"", "the same as explain, as Windows spells it", kSluiArguments, kOptions, "",
     "slwmi slui 0x2a 0xC004F038", run_slui},
};

}  // namespace

constexpr Group kExplain{"explain", "what an error code means", kExplainCommands};
constexpr Group kSlui{"slui", "explain, as Windows spells it: slui 0x2a CODE", kSluiCommands};

}  // namespace slwmi::tools
