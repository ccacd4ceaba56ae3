#include "tools/cli/errors.hpp"

#include "tools/cli/rows.hpp"

namespace slwmi::tools {
namespace {

void print_json(const Surroundings& around, Record error) {
  Cell object;
  object.kind = Cell::Kind::kObject;
  for (Field& field : error) {
    object.names.push_back(std::move(field.name));
    object.items.push_back(std::move(field.value));
  }
  around.err << json_text(Record{{"error", std::move(object)}}) << '\n';
}

}  // namespace

std::string error_line(const Error& error) {
  std::string line = "slwmi: error " + to_hex(error.code);
  const std::string_view symbol = symbol_of(error.code);
  if (!symbol.empty()) line += " (" + std::string(symbol) + ")";
  const std::string_view message =
      error.message.empty() ? text_of(error.code) : std::string_view(error.message);
  if (!message.empty()) line += ": " + std::string(message);
  return line;
}

void print_error(const Surroundings& around, const Error& error, bool json) {
  const std::string line = error_line(error);
  if (!json) {
    const bool color = around.err_is_terminal && around.environment("NO_COLOR") == nullptr;
    around.err << (color ? "\x1b[31m" : "") << printable(line, around.err_is_terminal)
               << (color ? "\x1b[0m" : "") << '\n';
    return;
  }
  const auto number_or_null = [](bool given, std::uint64_t n) {
    return given ? Cell::number(n) : Cell();
  };
  print_json(
      around,
      {{"hresult", to_hex(error.code)},
       {"symbol", symbol_of(error.code)},
       {"message", error.message},
       {"offset", number_or_null(error.at.has_value(), error.at ? error.at->offset : 0)},
       {"line", number_or_null(error.at && error.at->line > 0,
                               error.at ? static_cast<std::uint64_t>(error.at->line) : 0)},
       {"column", number_or_null(error.at && error.at->column > 0,
                                 error.at ? static_cast<std::uint64_t>(error.at->column) : 0)},
       {"token", error.token},
       {"text", line},
       {"exit", Cell::number(std::uint64_t{kFailed})}});
}

void print_usage_error(const Surroundings& around, std::string_view message,
                       const std::string& command, bool json) {
  const std::string line = "slwmi: " + std::string(message);
  if (json) {
    print_json(around, {{"hresult", Cell()},
                        {"symbol", ""},
                        {"message", message},
                        {"text", line},
                        {"exit", Cell::number(std::uint64_t{kUsage})}});
    return;
  }
  around.err << printable(line, around.err_is_terminal) << '\n'
             << "Help: slwmi " << command << (command.empty() ? "" : " ") << "--help\n";
}

}  // namespace slwmi::tools
