// A message that is read can be written again, and says the same then; an error points into it. The
// last 16 bytes are made to fit first, because no fuzzer guesses a MAC.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "provider/kms/message_fields.hpp"

namespace kms = slwmi::licensing::kms;

namespace {

template <class Message, class Decode>
void check(const Message& message, Decode decode) {
  const auto bytes = kms::encode(message);
  if (!bytes) std::abort();
  const auto again = decode(*bytes);
  if (!again || !(*again == message)) std::abort();
  const auto fields = kms::read_fields(*bytes);
  if (!fields || fields->fields.back().offset + fields->fields.back().size != bytes->size())
    std::abort();
  Message rebuilt = message;
  for (const kms::MessageField& field : fields->fields) {
    if (field.name == "Version" || field.name == "PID Size" || field.name == "MAC") continue;
    if (!kms::set_field(rebuilt, field.name, field.value)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const slwmi::ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  slwmi::Bytes sealed(bytes.begin(), bytes.end());
  kms::seal(sealed);
  for (const slwmi::ByteSpan given : {bytes, slwmi::ByteSpan(sealed)}) {
    const auto fields = kms::read_fields(given);
    if (!fields && (!fields.error().at || fields.error().at->offset > size)) std::abort();
    const auto request = kms::decode_request(given);
    if (request) check(*request, kms::decode_request);
    const auto response = kms::decode_response(given);
    if (response) check(*response, kms::decode_response);
  }
  return 0;
}
