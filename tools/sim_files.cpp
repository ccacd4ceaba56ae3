#include "tools/sim_files.hpp"

#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "tools/listing.hpp"
#include "tools/sim_chart.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

using licensing::ExchangePart;
using licensing::KmsExchange;
namespace simulation = world::simulation;

Error trouble(const std::string& path) {
  return {HResult::kEAccessdenied, "cannot write " + path + ": " + std::strerror(errno), {}, {}};
}

}  // namespace

Result<> write_series(const std::string& path, std::span<const simulation::Sample> series) {
  Writer text;
  RowStyle style;
  const bool json = path.size() >= 5 && equal_ignore_case(path.substr(path.size() - 5), ".json");
  style.format = json ? Format::kJson : Format::kCsv;
  RowPrinter rows(text, style);
  for (const simulation::Sample& sample : series) rows.add(record_of(sample));
  rows.finish();
  return write_file(path, text.text());
}

ExchangeFile::ExchangeFile(std::string path, world::World& world, FileTime start)
    : path_(std::move(path)), names_(world.shared()), start_(start) {}

ExchangeFile::~ExchangeFile() {
  if (file_ != nullptr) std::fclose(file_);
}

Result<std::unique_ptr<ExchangeFile>> ExchangeFile::open(const std::string& path,
                                                         world::World& world, FileTime start) {
  std::unique_ptr<ExchangeFile> out(new ExchangeFile(path, world, start));
  out->file_ = std::fopen(path.c_str(), "wb");
  if (out->file_ == nullptr) return fail(trouble(path));
  std::fputs(
      "Time,Minute,Client,Server,Port,Requested,Processed,Bound,Status,Remaining,Count,Required,"
      "ActivationInterval,RenewalInterval,Served,VirtualMachine\n",
      out->file_);
  return out;
}

void ExchangeFile::exchanged(const KmsExchange& e, std::string_view server) {
  const auto flag = [&](ExchangePart part) { return e.has(part) ? "1" : "0"; };
  std::string line = format_iso8601(e.time) + ",";
  line += std::to_string(whole_minutes(e.time - start_)) + "," + names_.of(e.client) + ",";
  line += std::string(server) + "," + std::to_string(e.port) + "," + to_hex(e.requested) + ",";
  line += std::string(flag(ExchangePart::kProcessed)) + "," + flag(ExchangePart::kBound) + ",";
  line += std::to_string(e.status) + "," + std::to_string(e.minutes) + ",";
  line += std::to_string(e.count) + "," + std::to_string(e.required) + ",";
  line += std::to_string(e.activation_interval) + "," + std::to_string(e.renewal_interval) + ",";
  line += (e.has(ExchangePart::kServed) ? to_hex(e.served) : std::string()) + ",";
  line += std::string(flag(ExchangePart::kVirtualMachine)) + "\n";
  std::fputs(line.c_str(), file_);
}

Result<> ExchangeFile::close() {
  const bool good = std::ferror(file_) == 0;
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (!good || !closed) return fail(trouble(path_));
  return {};
}

Outcome print_story(Invocation& in, std::span<const simulation::StoryLine> lines) {
  if (in.row_style().chosen) {
    RowPrinter rows = in.rows();
    for (const simulation::StoryLine& line : lines) {
      rows.add({{"Time", Cell(format_iso8601(line.at))},
                {"What", Cell(line.what)},
                {"Result", Cell(to_hex(line.result))},
                {"Detail", Cell(line.detail)}});
    }
    rows.finish();
    return kDone;
  }
  std::vector<simulation::StoryLine> told(lines.begin(), lines.end());
  if (!in.has("all")) told = simulation::folded(lines);
  for (const simulation::StoryLine& line : told) {
    in.out() << format_iso8601(line.at) << "  " << printable(line.what, true);
    if (failed(line.result)) in.out() << ": " << to_hex(line.result) << ' ' << text_of(line.result);
    if (!line.detail.empty()) in.out() << " (" << line.detail << ')';
    if (line.times > 1)
      in.out() << ", " << std::to_string(line.times) << " times until "
               << format_iso8601(line.until);
    in.out() << '\n';
  }
  return kDone;
}

void print_totals(Invocation& in, const simulation::FuzzTotals& totals) {
  in.out() << count_of(totals.worlds, "world") << ", " << count_of(totals.machines, "machine")
           << ", " << count_of(totals.exchanges, "exchange") << ", "
           << count_of(totals.activations, "activation") << "; " << std::to_string(totals.compared)
           << " run by both drivers\n";
  for (const auto& [code, times] : totals.failures)
    in.out() << "  " << to_hex(code) << ' ' << std::to_string(times) << "  " << text_of(code)
             << '\n';
}

}  // namespace slwmi::tools
