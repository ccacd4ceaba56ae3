#include "tools/cli/query_text.hpp"

#include <algorithm>

namespace slwmi::tools {

Result<std::string> query_argument(Invocation& in) {
  const std::string text = in.value("WQL");
  if (text == "-") return read_file("-", in.around());
  return text;
}

tl::unexpected<Failure> fail_with_query(Error error, const std::string& wql) {
  Failure failure(std::move(error));
  if (failure.error.at && !wql.empty() && failure.error.at->offset <= wql.size()) {
    const std::size_t offset = failure.error.at->offset;
    const std::size_t begin = offset == 0 ? 0 : wql.rfind('\n', offset - 1) + 1;
    const std::size_t end = std::min(wql.find('\n', offset), wql.size());
    // A long line is shown from 60 bytes before the place.
    std::size_t from = offset - begin > 60 ? offset - 60 : begin;
    while (from > begin && (static_cast<unsigned char>(wql[from]) & 0xC0) == 0x80) --from;
    const std::string_view text = wql;
    const std::string_view before = text.substr(from, offset - from);
    std::size_t length = std::min<std::size_t>(end - from, 100);
    while (length > 0 && from + length < wql.size() &&
           (static_cast<unsigned char>(wql[from + length]) & 0xC0) == 0x80) {
      --length;
    }
    failure.detail = "  " + printable(text.substr(from, length), true) + "\n  " +
                     std::string(display_width(printable(before, true)), ' ') + "^\n";
  }
  return tl::make_unexpected(std::move(failure));
}

void print_plan(Invocation& in, const std::string& wql, const std::string& plan) {
  if (in.row_style().chosen) {
    RowPrinter rows = in.rows();
    rows.add({{"Query", wql}, {"Plan", plan}});
    rows.finish();
  } else {
    in.out() << plan;
    if (!plan.empty() && plan.back() != '\n') in.out() << '\n';
  }
}

}  // namespace slwmi::tools
