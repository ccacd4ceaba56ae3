#include "provider/kms/message.hpp"

#include <algorithm>
#include <string_view>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing::kms {
namespace {

constexpr std::uint32_t kMaxLicenseStatus = 5;
constexpr std::string_view kMacPurpose = "simulated message, worthless outside its world";

// A plain hash, not a cryptographic MAC: it shows damage and means nothing to other software.
Hash128 mac_of(ByteSpan bytes) {
  Hash128 hash = hash128(bytes);
  hash.high = combine(hash.high, hash64(kMacPurpose));
  hash.low = combine(hash.low, hash.high);
  return hash;
}

void put_guid(ByteWriter& out, const Guid& guid) {
  for (const std::uint8_t byte : windows_bytes(guid)) out.u8(byte);
}

Guid get_guid(ByteReader& in) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::uint8_t& byte : bytes) byte = in.u8();
  return from_windows_bytes(bytes);
}

void put_mac(ByteWriter& out) {
  const Hash128 mac = mac_of(out.data());
  out.u64(mac.high);
  out.u64(mac.low);
}

Result<> check_mac(ByteSpan bytes) {
  const std::size_t at = bytes.size() - kMacSize;
  ByteReader in(bytes.subspan(at));
  const Hash128 given{in.u64(), in.u64()};
  if (given == mac_of(bytes.first(at))) return {};
  return fail(HResult::kErrorInvalidData, "the MAC does not fit the message", {at, 0, 0});
}

tl::unexpected<Error> bad(std::size_t offset, std::string message) {
  return fail(HResult::kErrorInvalidData, std::move(message), {offset, 0, 0});
}

Result<> check_version(ByteReader& in) {
  const std::size_t at = in.position();
  if (in.u32() == kMessageVersion) return {};
  return bad(at, "the version is not that of a simulated message");
}

// A NUL-terminated UTF-16LE text that fills its field; what follows the terminator must be zero.
Result<std::string> text_field(ByteSpan field, std::size_t offset, std::string_view what) {
  const std::string all = from_utf16le(field);
  const std::size_t end = all.find('\0');
  if (end == std::string::npos) return bad(offset, std::string(what) + " has no terminator");
  if (all.find_first_not_of('\0', end) != std::string::npos) {
    return bad(offset, std::string(what) + " has text behind its terminator");
  }
  return all.substr(0, end);
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

}  // namespace

Guid release_id(bool prerelease) {
  return guid_from_hash(hash128(prerelease ? "slwmi kms id beta" : "slwmi kms id released"));
}

Request request_of(const Question& question, const Guid& application_id, const Guid& activation_id,
                   std::string machine_name) {
  Request out;
  out.virtual_machine = question.virtual_machine;
  out.license_status = question.status;
  out.binding_expiration = question.minutes;
  out.application_id = application_id;
  out.activation_id = activation_id;
  out.kms_id = release_id(question.prerelease);
  out.client_machine_id = client_machine_id(question.client_id);
  out.required_client_count = question.required;
  out.client_time = question.client_time;
  if (question.previous_client_id != 0)
    out.previous_client_machine_id = client_machine_id(question.previous_client_id);
  out.machine_name = std::move(machine_name);
  return out;
}

Response response_of(const Question& question, const Reply& reply, std::string kms_pid) {
  return {std::move(kms_pid),        client_machine_id(question.client_id),
          question.client_time,      reply.count,
          reply.activation_interval, reply.renewal_interval};
}

Result<Bytes> encode(const Request& r) {
  if (has_nul(r.machine_name) || (utf16_length(r.machine_name) + 1) * 2 > kMachineNameBytes) {
    return fail(HResult::kEInvalidarg, "the machine name has more than 63 characters or a NUL");
  }
  if (r.license_status > kMaxLicenseStatus)
    return fail(HResult::kEInvalidarg, "no such licence status");
  ByteWriter out;
  out.u32(kMessageVersion);
  out.u32(r.virtual_machine ? 1 : 0);
  out.u32(r.license_status);
  out.u32(r.binding_expiration);
  put_guid(out, r.application_id);
  put_guid(out, r.activation_id);
  put_guid(out, r.kms_id);
  put_guid(out, r.client_machine_id);
  out.u32(r.required_client_count);
  out.u64(r.client_time.ticks);
  put_guid(out, r.previous_client_machine_id);
  const std::size_t name_at = out.position();
  out.bytes(to_utf16le(r.machine_name));
  out.zeros(kMachineNameBytes - (out.position() - name_at));
  put_mac(out);
  return out.take();
}

Result<Bytes> encode(const Response& r) {
  Bytes pid = to_utf16le(r.kms_pid);
  pid.resize(pid.size() + 2);
  if (has_nul(r.kms_pid) || pid.size() > kMaxPidBytes) {
    return fail(HResult::kEInvalidarg, "the product ID has more than 127 characters or a NUL");
  }
  ByteWriter out;
  out.u32(kMessageVersion);
  out.u32(static_cast<std::uint32_t>(pid.size()));
  out.bytes(pid);
  put_guid(out, r.client_machine_id);
  out.u64(r.client_time.ticks);
  out.u32(r.count);
  out.u32(r.activation_interval);
  out.u32(r.renewal_interval);
  put_mac(out);
  return out.take();
}

void seal(Bytes& message) {
  if (message.size() < sizeof kMessageVersion + kMacSize) return;
  ByteWriter version;
  version.u32(kMessageVersion);
  std::copy(version.data().begin(), version.data().end(), message.begin());
  const std::size_t end = message.size() - kMacSize;
  ByteWriter mac;
  const Hash128 hash = mac_of(ByteSpan(message).first(end));
  mac.u64(hash.high);
  mac.u64(hash.low);
  std::copy(mac.data().begin(), mac.data().end(),
            message.begin() + static_cast<std::ptrdiff_t>(end));
}

Result<Request> decode_request(ByteSpan bytes) {
  if (bytes.size() != kRequestSize)
    return bad(std::min(bytes.size(), kRequestSize), "a request has 252 bytes");
  ByteReader in(bytes);
  SL_CHECK(check_version(in));
  Request r;
  r.virtual_machine = in.u32() != 0;
  r.license_status = in.u32();
  if (r.license_status > kMaxLicenseStatus) return bad(8, "no such licence status");
  r.binding_expiration = in.u32();
  r.application_id = get_guid(in);
  r.activation_id = get_guid(in);
  r.kms_id = get_guid(in);
  r.client_machine_id = get_guid(in);
  r.required_client_count = in.u32();
  r.client_time = FileTime{in.u64()};
  r.previous_client_machine_id = get_guid(in);
  const std::size_t name_at = in.position();
  SL_TRY(r.machine_name, text_field(in.span(kMachineNameBytes), name_at, "the machine name"));
  SL_CHECK(check_mac(bytes));
  return r;
}

Result<Response> decode_response(ByteSpan bytes) {
  if (bytes.size() < kResponseFixedSize)
    return bad(bytes.size(), "a response has at least 60 bytes");
  ByteReader in(bytes);
  SL_CHECK(check_version(in));
  const std::uint32_t pid_size = in.u32();
  if (pid_size > kMaxPidBytes || pid_size < 2 || pid_size % 2 != 0)
    return bad(4, "no possible size of a product ID");
  if (bytes.size() != kResponseFixedSize + pid_size)
    return bad(4, "the size of the product ID does not fit the message");
  Response r;
  SL_TRY(r.kms_pid, text_field(in.span(pid_size), 8, "the product ID"));
  if ((utf16_length(r.kms_pid) + 1) * 2 != pid_size)
    return bad(4, "the product ID is shorter than its size");
  r.client_machine_id = get_guid(in);
  r.client_time = FileTime{in.u64()};
  r.count = in.u32();
  r.activation_interval = in.u32();
  r.renewal_interval = in.u32();
  SL_CHECK(check_mac(bytes));
  return r;
}

}  // namespace slwmi::licensing::kms
