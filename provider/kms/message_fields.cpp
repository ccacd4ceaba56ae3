#include "provider/kms/message_fields.hpp"

#include <cstdio>
#include <span>

#include "base/text.hpp"

namespace slwmi::licensing::kms {
namespace {

struct Shown {
  std::string value;
  std::string meaning = {};
  bool number = false;
};

Shown number(std::uint32_t value, std::string_view meaning = {}) {
  return {std::to_string(value), std::string(meaning), true};
}
Shown minutes_shown(std::uint32_t value) { return number(value, "minutes"); }

std::string_view status_name(std::uint32_t status) {
  constexpr std::string_view kNames[] = {"Unlicensed", "Licensed",        "OOB grace",
                                         "OOT grace",  "NonGenuineGrace", "Notification"};
  return status < std::size(kNames) ? kNames[status] : std::string_view();
}

Result<> read_number(std::string_view text, std::uint32_t& out) {
  const auto value = parse_unsigned(text);
  if (!value || *value > 0xFFFFFFFFu)
    return fail(HResult::kEInvalidarg, "\"" + std::string(text) + "\" is no number of 32 bits");
  out = static_cast<std::uint32_t>(*value);
  return {};
}
Result<> read_guid(std::string_view text, Guid& out) {
  SL_TRY(out, parse_guid(text));
  return {};
}
Result<> read_time(std::string_view text, FileTime& out) {
  SL_TRY(out, parse_iso8601(text));
  return {};
}

// A row of VA2's tables. What a field shows is asked of the message and its bytes.
template <class Message>
struct Row {
  std::string_view name;
  std::size_t size;  // 0: that of the product ID
  Shown (*show)(const Message&, ByteSpan);
  Result<> (*set)(Message&, std::string_view) = nullptr;
};

template <class Message>
Shown show_version(const Message&, ByteSpan) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08X", kMessageVersion);
  return {text, "simulated"};
}
template <class Message>
Shown show_mac(const Message&, ByteSpan bytes) {
  return {to_hex(bytes.last(kMacSize)), "fits"};
}

constexpr Row<Request> kRequest[] = {
    {"Version", 4, show_version<Request>},
    {"VMInfo", 4,
     [](const Request& r, ByteSpan) {
       return number(r.virtual_machine ? 1 : 0, r.virtual_machine ? "virtual machine" : "");
     },
     [](Request& r, std::string_view text) -> Result<> {
       std::uint32_t value = 0;
       SL_CHECK(read_number(text, value));
       r.virtual_machine = value != 0;
       return {};
     }},
    {"LicenseStatus", 4,
     [](const Request& r, ByteSpan) {
       return number(r.license_status, status_name(r.license_status));
     },
     [](Request& r, std::string_view text) { return read_number(text, r.license_status); }},
    {"BindingExpiration", 4,
     [](const Request& r, ByteSpan) { return minutes_shown(r.binding_expiration); },
     [](Request& r, std::string_view text) { return read_number(text, r.binding_expiration); }},
    {"AppID", 16, [](const Request& r, ByteSpan) { return Shown{format_guid(r.application_id)}; },
     [](Request& r, std::string_view text) { return read_guid(text, r.application_id); }},
    {"ActID", 16, [](const Request& r, ByteSpan) { return Shown{format_guid(r.activation_id)}; },
     [](Request& r, std::string_view text) { return read_guid(text, r.activation_id); }},
    {"KMSID", 16,
     [](const Request& r, ByteSpan) {
       return Shown{format_guid(r.kms_id), r.kms_id == release_id(false)  ? "released"
                                           : r.kms_id == release_id(true) ? "beta"
                                                                          : ""};
     },
     [](Request& r, std::string_view text) { return read_guid(text, r.kms_id); }},
    {"CMID", 16, [](const Request& r, ByteSpan) { return Shown{format_guid(r.client_machine_id)}; },
     [](Request& r, std::string_view text) { return read_guid(text, r.client_machine_id); }},
    {"N-Policy", 4, [](const Request& r, ByteSpan) { return number(r.required_client_count); },
     [](Request& r, std::string_view text) { return read_number(text, r.required_client_count); }},
    {"ClientTime", 8,
     [](const Request& r, ByteSpan) { return Shown{format_iso8601(r.client_time)}; },
     [](Request& r, std::string_view text) { return read_time(text, r.client_time); }},
    {"CMID_prev", 16,
     [](const Request& r, ByteSpan) {
       return Shown{format_guid(r.previous_client_machine_id),
                    r.previous_client_machine_id == Guid{} ? "none" : ""};
     },
     [](Request& r, std::string_view text) {
       return read_guid(text, r.previous_client_machine_id);
     }},
    {"MachineName", kMachineNameBytes,
     [](const Request& r, ByteSpan) { return Shown{r.machine_name}; },
     [](Request& r, std::string_view text) -> Result<> {
       r.machine_name = text;
       return {};
     }},
    {"MAC", kMacSize, show_mac<Request>},
};

constexpr Row<Response> kResponse[] = {
    {"Version", 4, show_version<Response>},
    {"PID Size", 4,
     [](const Response&, ByteSpan bytes) {
       return number(static_cast<std::uint32_t>(bytes.size() - kResponseFixedSize), "bytes");
     }},
    {"PID Data", 0, [](const Response& r, ByteSpan) { return Shown{r.kms_pid}; },
     [](Response& r, std::string_view text) -> Result<> {
       r.kms_pid = text;
       return {};
     }},
    {"CMID", 16,
     [](const Response& r, ByteSpan) { return Shown{format_guid(r.client_machine_id)}; },
     [](Response& r, std::string_view text) { return read_guid(text, r.client_machine_id); }},
    {"ClientTime", 8,
     [](const Response& r, ByteSpan) { return Shown{format_iso8601(r.client_time)}; },
     [](Response& r, std::string_view text) { return read_time(text, r.client_time); }},
    {"Count", 4, [](const Response& r, ByteSpan) { return number(r.count); },
     [](Response& r, std::string_view text) { return read_number(text, r.count); }},
    {"VLActivationInterval", 4,
     [](const Response& r, ByteSpan) { return minutes_shown(r.activation_interval); },
     [](Response& r, std::string_view text) { return read_number(text, r.activation_interval); }},
    {"VLRenewalInterval", 4,
     [](const Response& r, ByteSpan) { return minutes_shown(r.renewal_interval); },
     [](Response& r, std::string_view text) { return read_number(text, r.renewal_interval); }},
    {"MAC", kMacSize, show_mac<Response>},
};

template <class Message>
std::vector<MessageField> fields_of(std::span<const Row<Message>> rows, const Message& message,
                                    ByteSpan bytes) {
  std::vector<MessageField> out;
  std::size_t at = 0;
  for (const Row<Message>& row : rows) {
    const std::size_t size = row.size != 0 ? row.size : bytes.size() - kResponseFixedSize;
    Shown shown = row.show(message, bytes);
    out.push_back(
        {row.name, at, size, std::move(shown.value), std::move(shown.meaning), shown.number});
    at += size;
  }
  return out;
}

template <class Message>
Result<> set_in(std::span<const Row<Message>> rows, Message& message, std::string_view name,
                std::string_view value) {
  std::string names;
  for (const Row<Message>& row : rows) {
    if (row.set == nullptr) continue;
    if (!equal_ignore_case(row.name, name)) {
      names += (names.empty() ? "" : ", ") + std::string(row.name);
      continue;
    }
    auto done = row.set(message, value);
    if (done) return done;
    Error error = std::move(done).error();
    return fail(HResult::kEInvalidarg, std::string(row.name) + ": " + error.message);
  }
  return fail(HResult::kEInvalidarg,
              "no field \"" + std::string(name) + "\" can be set; there are " + names);
}

}  // namespace

Result<MessageFields> read_fields(ByteSpan bytes) {
  // A product ID of 95 characters makes a response as long as a request; no message is both.
  const auto response = decode_response(bytes);
  if (response) return MessageFields{false, fields_of<Response>(kResponse, *response, bytes)};
  if (bytes.size() != kRequestSize) return fail(response.error());
  SL_TRY(const Request request, decode_request(bytes));
  return MessageFields{true, fields_of<Request>(kRequest, request, bytes)};
}

std::string to_text(const MessageFields& message) {
  std::string out = "offset size  field                value\n";
  for (const MessageField& field : message.fields) {
    char head[64];
    std::snprintf(head, sizeof head, "%6zu %4zu  %-20.*s ", field.offset, field.size,
                  static_cast<int>(field.name.size()), field.name.data());
    out += head;
    out += field.value;
    if (!field.meaning.empty()) out += " (" + field.meaning + ")";
    out += '\n';
  }
  return out;
}

Result<> set_field(Request& message, std::string_view name, std::string_view value) {
  return set_in<Request>(kRequest, message, name, value);
}

Result<> set_field(Response& message, std::string_view name, std::string_view value) {
  return set_in<Response>(kResponse, message, name, value);
}

}  // namespace slwmi::licensing::kms
