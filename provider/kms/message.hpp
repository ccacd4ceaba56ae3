// The KMS request and response of the simulated world: the field layout and sizes that VA2 Appendix
// 1 ("KMS RPC Messages") documents, with a version number and a MAC of our own that real software
// refuses. Messages exist only as buffers and files; nothing here opens a connection.
// docs/formats.md has the byte tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/datetime.hpp"
#include "base/guid.hpp"
#include "base/result.hpp"
#include "provider/kms/question.hpp"

namespace slwmi::licensing::kms {

// No real protocol version has zero in its high half: real versions are major << 16 | minor with
// major 4 to 6.
inline constexpr std::uint32_t kMessageVersion = 0x00005357;
inline constexpr std::size_t kRequestSize = 252;
inline constexpr std::size_t kResponseFixedSize = 60;  // and the PID
inline constexpr std::size_t kMachineNameBytes = 128;  // UTF-16LE with its terminator: 63 units
inline constexpr std::size_t kMaxPidBytes = 256;
inline constexpr std::size_t kMacSize = 16;  // the end of both

struct Request {
  bool virtual_machine = false;
  std::uint32_t license_status = 0;      // 0..5, SoftwareLicensingProduct.LicenseStatus
  std::uint32_t binding_expiration = 0;  // minutes
  Guid application_id;
  Guid activation_id;  // of the product
  Guid kms_id;         // which host keys may answer
  Guid client_machine_id;
  std::uint32_t required_client_count = 0;  // N-policy
  FileTime client_time;
  Guid previous_client_machine_id;
  std::string machine_name;  // fully qualified, at most 63 UTF-16 units
  bool operator==(const Request&) const = default;
};

struct Response {
  std::string kms_pid;  // extended product ID of the host
  Guid client_machine_id;
  FileTime client_time;  // as the request said
  std::uint32_t count = 0;
  std::uint32_t activation_interval = 0;  // minutes
  std::uint32_t renewal_interval = 0;     // minutes
  bool operator==(const Response&) const = default;
};

// The KMS ID of released and of beta software; only equal ones serve each other.
Guid release_id(bool prerelease);

// A question as the message that would carry it; the rest is what the question only numbers.
Request request_of(const Question& question, const Guid& application_id, const Guid& activation_id,
                   std::string machine_name);
// The response to a question that got one.
Response response_of(const Question& question, const Reply& reply, std::string kms_pid);

// 252 bytes. E_INVALIDARG when the machine name is too long or has a NUL, or the status is above 5.
Result<Bytes> encode(const Request& request);
// 60 bytes and the PID (UTF-16LE with its terminator). E_INVALIDARG when the PID is too long or has
// a NUL.
Result<Bytes> encode(const Response& response);

// Makes version and MAC of bytes that somebody changed fit again; nothing to bytes that are shorter
// than these.
void seal(Bytes& message);

// ERROR_INVALID_DATA with the offset of the field that is wrong: size, version, an unterminated
// text, a status above 5, or a MAC that does not fit the bytes before it.
Result<Request> decode_request(ByteSpan bytes);
Result<Response> decode_response(ByteSpan bytes);

}  // namespace slwmi::licensing::kms
