// `slwmi kms`: the messages of the Key Management Service as files. Their layout is the documented
// one; version and MAC are of this simulation, so real software refuses them.
#include "provider/kms/message_fields.hpp"
#include "tools/cli/invocation.hpp"
#include "tools/commands.hpp"

namespace slwmi::tools {
namespace {

using licensing::kms::MessageField;
using licensing::kms::MessageFields;

std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Outcome run_decode(Invocation& in) {
  SL_TRY(const std::string bytes, read_file(in.value("FILE"), in.around()));
  SL_TRY(const MessageFields message, licensing::kms::read_fields(std::as_bytes(std::span(bytes))));
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
         {"meaning", field.meaning.empty() ? Cell() : Cell(field.meaning)}});
  }
  rows.finish();
  return kDone;
}

// Sets what the words NAME=VALUE say and encodes.
template <class Message>
tl::expected<Bytes, Failure> build(Message message, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return usage("\"" + word + "\" is no NAME=VALUE");
    const std::string_view text = word;
    auto set = set_field(message, text.substr(0, equals), text.substr(equals + 1));
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

constexpr Group kKms{"kms", "messages of the Key Management Service", kCommands};

}  // namespace slwmi::tools
