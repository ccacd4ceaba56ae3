// Registry.pol (PReg): the settings that Group Policy carries. The format is a header and a list of
// [key;value;type;size;data] in UTF-16LE; docs/formats.md has the bytes. Reading is strict and goes
// by the lengths, so that data may look like anything. Pure: no file access.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "registry/layer.hpp"
#include "registry/op.hpp"
#include "registry/value.hpp"

namespace slwmi::reg {

struct PolRecord {
  std::string key = {};    // below HKLM or HKCU
  std::string value = {};  // a name, "" for the default value, or a directive ("**del.Name")
  ValueData data = {};
  std::size_t offset = 0;  // of the record's '['
};

struct PolFile {
  std::vector<PolRecord> records;
};

struct PolLimits {
  std::size_t bytes = std::size_t{64} << 20;
  std::size_t records = 1'000'000;
};

// Something that a file may say but probably should not. It is taken as it stands.
struct PolLint {
  std::size_t offset = 0;  // of the record
  std::string message;
};

// Every byte must be in its place; what is accepted is written back byte by byte by write_pol.
// Errors, all with the offset: ERROR_BADDB for another signature (Group Policy skips such a file
// and goes on), ERROR_NOT_SUPPORTED for another version, ERROR_INVALID_DATA for all else,
// E_INVALIDARG over a limit.
Result<PolFile> read_pol(ByteSpan bytes, const PolLimits& limits = {});
std::vector<std::byte> write_pol(const PolFile& file);

std::vector<PolLint> lint_pol(const PolFile& file);

// What a record does, its directive understood.
enum class PolAction : std::uint8_t {
  kSetValue,
  kCreateKey,
  kDeleteValue,
  kDeleteValues,
  kDeleteAllValues,
  kDeleteKeys,
  kSecureKey,
  kSoftSetValue,
  kComment,
};
struct PolMeaning {
  PolAction action = PolAction::kSetValue;
  std::string_view name = {};  // kSetValue, kSoftSetValue, kDeleteValue
};
PolMeaning meaning_of(const PolRecord& record);

// The operations of a file below `root` (HKLM, or a user's hive), in the order of its records. A
// record whose key or value name no registry can hold is left out, as Windows leaves it out.
std::vector<Op> compile_pol(const PolFile& file, KeyId root);
inline LayerPtr layer_of(const PolFile& file, KeyId root) {
  return std::make_shared<const Layer>(compile_pol(file, root));
}

}  // namespace slwmi::reg
