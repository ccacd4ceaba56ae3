#include "world/simulation/story.hpp"

#include <algorithm>
#include <optional>

#include "base/duration.hpp"
#include "provider/event_chunk.hpp"
#include "world/event_logs.hpp"
#include "world/net/lookup.hpp"

namespace slwmi::world::simulation {
namespace {

using licensing::ExchangePart;
using licensing::KmsExchange;

constexpr std::string_view kStates[] = {"unlicensed",       "licensed",          "initial grace",
                                        "additional grace", "non-genuine grace", "notification"};

std::string state_name(std::uint8_t status) {
  return std::string(kStates[std::min<std::size_t>(status, std::size(kStates) - 1)]);
}

class Teller {
 public:
  Teller(WorldShared& world, MachineId machine) : world_(world), machine_(machine) {}

  Result<> tell(const KmsExchange& exchange, std::string_view server) {
    return exchange.client == machine_ ? asks(exchange, server) : serves(exchange);
  }
  std::vector<StoryLine> take() { return std::move(lines_); }

 private:
  Result<std::string> name_of(MachineId machine, FileTime at) {
    if (machine == 0) return std::string();
    SL_TRY(const MachineName name, world_.store().name_at(machine, at));
    return net::dns_name(name.name, name.domain);
  }

  Result<> asks(const KmsExchange& exchange, std::string_view server) {
    // The state had changed by itself since the last line said otherwise.
    if (state_ && *state_ != exchange.status)
      lines_.push_back({exchange.time,
                        state_name(exchange.status),
                        HResult::kSOk,
                        "by the passing of time",
                        {}});
    state_ = exchange.status;
    std::string host(server);
    if (host.empty()) {
      SL_TRY(host, name_of(exchange.host, exchange.time));
    }
    StoryLine line{exchange.time, "finds no KMS host", exchange.requested, {}, {}};
    if (!host.empty()) line.what = "asks " + host + ":" + std::to_string(exchange.port);
    line.detail = line.state = state_name(exchange.status);
    if (exchange.minutes != 0) line.detail += ", " + format_duration(exchange.minutes) + " left";
    if (exchange.has(ExchangePart::kProcessed)) {
      line.detail +=
          "; count " + std::to_string(exchange.count) + " of " + std::to_string(exchange.required) +
          ", again after " +
          format_duration(exchange.has(ExchangePart::kBound) ? exchange.renewal_interval
                                                             : exchange.activation_interval);
    }
    lines_.push_back(std::move(line));
    if (exchange.has(ExchangePart::kBound)) {
      const auto licensed = static_cast<std::uint8_t>(licensing::LicenseStatus::kLicensed);
      if (*state_ != licensed)
        lines_.push_back({exchange.time, state_name(licensed), HResult::kSOk, "for 180 days", {}});
      state_ = licensed;
    }
    return {};
  }

  Result<> serves(const KmsExchange& exchange) {
    if (!exchange.has(ExchangePart::kServed)) return {};
    SL_TRY(const std::string client, name_of(exchange.client, exchange.time));
    StoryLine line{exchange.time, "serves " + client, exchange.served, {}, {}};
    line.detail = line.state = state_name(exchange.status);
    if (exchange.has(ExchangePart::kVirtualMachine)) line.detail += ", a virtual machine";
    if (exchange.has(ExchangePart::kProcessed)) {
      line.detail += "; count " + std::to_string(exchange.count);
    } else if (!failed(exchange.served)) {
      line.detail += "; its response is lost";
    }
    lines_.push_back(std::move(line));
    return {};
  }

  WorldShared& world_;
  MachineId machine_;
  std::optional<std::uint8_t> state_;
  std::vector<StoryLine> lines_;
};

bool are_alike(const StoryLine& a, const StoryLine& b) {
  return a.what == b.what && a.result == b.result &&
         (failed(a.result) ? a.state == b.state : a.detail == b.detail);
}

}  // namespace

std::vector<StoryLine> folded(std::span<const StoryLine> lines) {
  std::vector<StoryLine> out;
  std::size_t begin = 0;  // of what a line may be counted with
  const StoryLine* before = nullptr;
  for (const StoryLine& line : lines) {
    const bool goes_on = before != nullptr && failed(before->result) && failed(line.result) &&
                         before->state == line.state;
    if (!goes_on) begin = out.empty() ? 0 : out.size() - 1;
    const auto same = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                                   [&](const StoryLine& told) { return are_alike(told, line); });
    if (same == out.end()) {
      if (!goes_on) begin = out.size();
      out.push_back(line);
    } else {
      ++same->times;
      same->until = line.at;
    }
    before = &line;
  }
  return out;
}

void Story::exchanged(const KmsExchange& exchange, std::string_view server) {
  if (exchange.client == machine_ || exchange.host == machine_)
    heard_.push_back({exchange, std::string(server)});
}

Result<std::vector<StoryLine>> Story::lines(WorldShared& world) {
  std::stable_sort(heard_.begin(), heard_.end(), [](const Heard& a, const Heard& b) {
    return a.exchange.time < b.exchange.time;
  });
  Teller teller(world, machine_);
  for (const Heard& heard : heard_) SL_CHECK(teller.tell(heard.exchange, heard.server));
  return teller.take();
}

Result<std::vector<StoryLine>> trace(WorldShared& world, MachineId machine) {
  Story story(machine);
  const EventQuery of_machine{.machine = machine};
  SL_CHECK(read_chunks(world.store(), of_machine, [&](const licensing::ChunkReader& reader) {
    reader.each_of(
        machine,
        [&](const KmsExchange& exchange) {
          story.exchanged(exchange, reader.server_name(exchange));
          return true;
        },
        [](const licensing::LogEntry&) { return true; });
  }));
  return story.lines(world);
}

}  // namespace slwmi::world::simulation
