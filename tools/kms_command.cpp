// `slwmi kms`: a KMS host from inside, and the messages of the Key Management Service as files.
// Their layout is the documented one; version and MAC are of this simulation, so real software
// refuses them.
#include <set>

#include "base/text.hpp"
#include "provider/kms/message_fields.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"
#include "tools/listing.hpp"
#include "world/kms.hpp"
#include "world/world.hpp"

namespace slwmi::tools {
namespace {

using licensing::kms::MessageField;
using licensing::kms::MessageFields;

std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// --- a host

Result<licensing::KmsStatus> host_of(Invocation& in) {
  SL_TRY(const world::Machine machine, in.machine());
  SL_TRY(licensing::KmsStatus status, world::kms_status(machine));
  if (status.enabled) return status;
  SL_TRY(const std::string name, machine.name());
  return fail(HResult::kSlEVlBindingServiceNotEnabled, name + " is no KMS host");
}

std::string record_text(const licensing::Publication& record) {
  return "_vlmcs._tcp." + record.domain + " " + record.host + ":" + std::to_string(record.port);
}

std::string start_text(HResult code) { return failed(code) ? to_hex(code) : "started"; }

Cell requests_by_status(const licensing::kms::Counters& counters) {
  constexpr const char* kNames[] = {"Unlicensed", "Licensed",        "OOBGrace",
                                    "OOTGrace",   "NonGenuineGrace", "Notification"};
  static_assert(std::size(kNames) == std::tuple_size_v<decltype(counters.by_status)>);
  Record out;
  for (std::size_t i = 0; i < counters.by_status.size(); ++i)
    out.push_back({kNames[i], Cell::number(std::uint64_t{counters.by_status[i]})});
  return object_of(std::move(out));
}

Outcome run_status(Invocation& in) {
  SL_TRY(const licensing::KmsStatus status, host_of(in));
  Cell records;
  records.kind = Cell::Kind::kArray;
  for (const auto& record : status.publications) records.items.emplace_back(record_text(record));
  const auto number = [](std::uint32_t value) { return Cell::number(std::uint64_t{value}); };
  RowPrinter rows(in.out(), list_by_default(in));
  rows.add({{"Activated", Cell::boolean(status.activated)},
            {"Service", start_text(status.start.service)},
            {"RenewalTimer", start_text(status.start.timer)},
            {"ListeningPort", number(status.listening_port)},
            {"Priority", status.low_priority ? "Low" : "Normal"},
            {"Count", number(status.count)},
            {"Capacity", number(status.capacity)},
            {"TotalRequests", number(status.state.counters.total())},
            {"FailedRequests", number(status.state.counters.failed)},
            {"RequestsByStatus", requests_by_status(status.state.counters)},
            {"VLActivationInterval", number(status.activation_interval)},
            {"VLRenewalInterval", number(status.renewal_interval)},
            {"DnsPublishing", Cell::boolean(status.dns_publishing)},
            {"Records", std::move(records)},
            {"Registered", status.registered ? Cell(record_text(*status.registered)) : Cell()},
            {"NextPublication",
             status.next_publication ? Cell(format_iso8601(*status.next_publication)) : Cell()}});
  rows.finish();
  return kDone;
}

Outcome run_clients(Invocation& in) {
  SL_TRY(const licensing::KmsStatus status, host_of(in));
  RowPrinter rows(in.out(), table_by_default(in));
  for (const licensing::kms::Client& client : status.state.clients) {
    const licensing::Minute forgotten = client.seen + licensing::kms::kMemoryMinutes;
    rows.add({{"ClientMachineID", format_guid(licensing::client_machine_id(client.id))},
              {"Seen", format_iso8601(licensing::time_of(client.seen))},
              {"ForgottenAt", format_iso8601(licensing::time_of(forgotten))}});
  }
  rows.finish();
  return kDone;
}

// --- messages

Outcome run_decode(Invocation& in) {
  SL_TRY(const std::string bytes, read_file(in.value("FILE"), in.around()));
  const auto read = licensing::kms::read_fields(std::as_bytes(std::span(bytes)));
  if (!read) {
    Error error = read.error();
    if (error.at) {
      error.message =
          in.value("FILE") + ":offset " + std::to_string(error.at->offset) + ": " + error.message;
    }
    return fail(std::move(error));
  }
  const MessageFields& message = *read;
  if (!in.row_style().chosen) {
    in.out() << (message.is_request ? "request" : "response") << ", "
             << std::to_string(bytes.size()) << " bytes\n"
             << printable(to_text(message), true);
    return kDone;
  }
  RowPrinter rows = in.rows();
  for (const MessageField& field : message.fields) {
    rows.add(
        {{"message", message.is_request ? "request" : "response"},
         {"offset", Cell::number(std::uint64_t{field.offset})},
         {"size", Cell::number(std::uint64_t{field.size})},
         {"field", field.name},
         {"value", field.number ? Cell::make(Cell::Kind::kNumber, field.value) : Cell(field.value)},
         {"meaning", cell_or_null(field.meaning)}});
  }
  rows.finish();
  return kDone;
}

// Sets what the words NAME=VALUE say and encodes.
template <class Message>
tl::expected<Bytes, Failure> build(Message message, const std::vector<std::string>& words) {
  std::set<std::string> names;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return usage("\"" + word + "\" is no NAME=VALUE");
    const std::string_view text = word;
    const std::string_view name = text.substr(0, equals);
    if (!names.insert(fold(name)).second) return usage(std::string(name) + " is given twice");
    auto set = set_field(message, name, text.substr(equals + 1));
    if (!set) return usage(std::move(set).error().message);
  }
  SL_TRY(Bytes bytes, encode(message));
  return bytes;
}

Outcome run_encode(Invocation& in) {
  const std::string kind = in.value("KIND");
  tl::expected<Bytes, Failure> bytes;
  if (kind == "request") {
    licensing::kms::Request request;
    request.kms_id = licensing::kms::release_id(false);
    bytes = build(std::move(request), in.values("FIELD"));
  } else if (kind == "response") {
    bytes = build(licensing::kms::Response{}, in.values("FIELD"));
  } else {
    return usage("a message is a request or a response, not \"" + kind + "\"");
  }
  if (!bytes) return tl::make_unexpected(std::move(bytes).error());
  SL_CHECK(write_file(in.value("FILE"), text_of(*bytes)));
  return kDone;
}

constexpr Argument kFile[] = {{"FILE", "the message; - for standard input"}};
constexpr Argument kEncodeArguments[] = {
    {"KIND", "request or response"},
    {"FILE", "where to write it"},
    {"FIELD", "NAME=VALUE, with the names and values that decode prints; the others are empty",
     Count::kAny},
};

constexpr Command kCommands[] = {
    {"status",
     "a KMS host from inside",
     {},
     {},
     "Whether it started and is activated, what it tells clients, its count and how many computers "
     "its table holds, requests by the status that clients reported, and its records in DNS: those "
     "that it wants, the one that it registered last, and when it next tries.",
     "slwmi kms status -m KMS1\nslwmi kms status -m KMS1 --json",
     run_status},
    {"clients",
     "the computers in the table of a KMS host",
     {},
     {},
     "Oldest first. A computer is forgotten 30 days after its last request; computers that were "
     "made of one image share an ID and are one row.",
     "slwmi kms clients -m KMS1\nslwmi kms clients -m KMS1 --csv",
     run_clients},
    {"decode",
     "show every field of a message",
     kFile,
     {},
     "A request has 252 bytes, a response 60 and the product ID of the KMS host. A message whose "
     "size, version, texts or MAC are wrong is refused with the offset of the field.",
     "slwmi kms decode request.bin\nslwmi kms decode response.bin --json",
     run_decode},
    {"encode",
     "write a message",
     kEncodeArguments,
     {},
     "Version and MAC are those of this simulation: nothing outside of it takes the message.",
     "slwmi kms encode request request.bin MachineName=pc1.contoso.com N-Policy=25 "
     "LicenseStatus=2\n"
     "slwmi kms encode response response.bin \"PID Data=70007-00140-000-000002-03-1033-6001.0000-"
     "0612008\" Count=25",
     run_encode},
};

}  // namespace

constexpr Group kKms{"kms", "Key Management Service: hosts and messages", kCommands};

}  // namespace slwmi::tools
