// The fields of KMS messages by the names of VA2's tables: what a message says, for people and
// programs, and how to set a field of one that is to be written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "provider/kms/message.hpp"

namespace slwmi::licensing::kms {

struct MessageField {
  std::string_view name;  // as VA2 has it: "BindingExpiration"
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string value;    // "2"; what set_field takes, where the field can be set
  std::string meaning;  // "OOB grace"; may be empty
  bool number = false;  // the value is one
};

struct MessageFields {
  bool is_request = true;
  std::vector<MessageField> fields;  // in the order of the bytes
};

// Tells request and response apart by the size; then as decode_request and decode_response.
Result<MessageFields> read_fields(ByteSpan bytes);
// Every field on a line of its own: offset, size, name, value and meaning.
std::string to_text(const MessageFields& message);

// Sets a field by its name, in any case. Version, PID Size and MAC follow from the rest and cannot
// be set. E_INVALIDARG lists the names, or says what is wrong with the value.
Result<> set_field(Request& message, std::string_view name, std::string_view value);
Result<> set_field(Response& message, std::string_view name, std::string_view value);

}  // namespace slwmi::licensing::kms
