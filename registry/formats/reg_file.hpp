// .reg files, read and written as regedit does it: version 5 (UTF-16LE; UTF-8 is read too) and
// REGEDIT4 (the ANSI code page 1252); those of Windows 3.1 are read. A line that is wrong is passed
// over and reported; strict reading refuses the whole file instead. docs/formats.md has the
// grammar, docs/fidelity.md the choices. Pure: no file access.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "registry/hive_view.hpp"
#include "registry/op.hpp"
#include "registry/path.hpp"
#include "registry/value.hpp"

namespace slwmi::reg {

class Registry;

enum class RegVersion : std::uint8_t {
  kOther,  // starts with REGEDIT but is no version known: regedit reports success and imports
           // nothing
  k3,      // REGEDIT, of Windows 3.1: default values below HKEY_CLASSES_ROOT
  k4,      // REGEDIT4
  k5,      // Windows Registry Editor Version 5.00
};

struct RegEntry {
  std::string name = {};  // "" is the default value
  ValueData data = {};
  bool deleted = false;
  std::size_t line = 0;
};

struct RegSection {
  Root root = Root::kLocalMachine;
  std::string path = {};  // below the root
  bool deleted = false;   // the key and all below it; has no entries
  std::size_t line = 0;
  std::vector<RegEntry> entries = {};
};

struct RegProblem {
  std::size_t line = 0;  // from 1
  std::string message;
};

struct RegFile {
  RegVersion version = RegVersion::k5;
  std::vector<RegSection> sections;
  std::vector<RegProblem> problems;  // what was passed over
};

struct RegOptions {
  bool strict = false;
  std::size_t max_bytes = std::size_t{1} << 30;
};

// ERROR_INVALID_DATA, with the line, when the file has no header of a .reg file or, when strict, at
// its first problem; E_INVALIDARG over the limit.
Result<RegFile> read_reg(ByteSpan bytes, const RegOptions& options = {});

// The operations of a file for an image or a layer; HKCU is `caller`'s.
std::vector<Op> compile_reg(const RegFile& file, const Sid& caller);

// Does what the file says, as one transaction, with the caller's rights. A key or value that
// refuses is passed over and returned, as regedit does it; when `strict`, it fails the whole import
// and nothing changes.
Result<std::vector<RegProblem>> import_reg(Registry& registry, const RegFile& file,
                                           bool strict = false);

// Writes a file key by key.
class RegWriter {
 public:
  explicit RegWriter(RegVersion version = RegVersion::k5);
  void key(std::string_view path);  // with its long root
  void value(std::string_view name, const ValueView& value);
  std::vector<std::byte> take();  // the whole file, in its encoding

 private:
  void hex(ByteSpan data, std::string_view tag, std::size_t column);
  RegVersion version_;
  std::string text_;
  bool in_key_ = false;
};

// A key and all below it, as regedit exports it: keys by upcased name, values in the order of their
// making. Below `path`, what the registry's caller may not read is left out; the view has no
// caller. ERROR_NOT_SUPPORTED for a key whose name has a line end, which no .reg file can hold.
Result<std::vector<std::byte>> export_reg(const Registry& registry, std::string_view path,
                                          RegVersion version = RegVersion::k5);
std::vector<std::byte> export_reg(const HiveView& view, KeyId top,
                                  RegVersion version = RegVersion::k5);

}  // namespace slwmi::reg
