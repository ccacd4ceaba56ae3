// What an error code means to the person who meets it: the activation types it belongs to, what
// usually causes it and what to do. The text is our own; the codes are those of VA2 Appendix 2 and
// the others that the classes can give.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hresult.hpp"
#include "provider/os_version.hpp"

namespace slwmi::licensing {

struct Explanation {
  HResult code = HResult::kSOk;
  std::string_view symbol;      // the Windows name; empty when there is none
  std::string meaning;          // one sentence; empty when the code is unknown
  std::string_view activation;  // "KMS client, MAK"; empty when the code is not about activation
  std::string_view causes;      // sentences; empty when nothing more is known
  std::string_view steps;       // sentences joined by line feeds
  bool known() const { return !meaning.empty(); }
};

// The meaning of `code` for that OS version: some codes changed theirs (docs/fidelity.md, "Error
// codes"). An information code is found under its error spelling too (0xC004F065 for 0x4004F065).
Explanation explain(HResult code, OsVersion os = {6, 0, 6001});

// A code as people write it: 0xC004F009, C004F009, 3221549065, -1073418231 (as scripts print it),
// a Win32 error below 65536, or a symbol.
std::optional<HResult> read_code(std::string_view text);
// The version of an operating system of the built-in catalogue by its id ("vista-rtm"); nothing for
// another.
std::optional<OsVersion> read_os(std::string_view name);

// Every code that has causes and steps, in ascending order.
std::vector<HResult> explained_codes();

// The codes of VA2 Appendix 2, in its order.
std::span<const HResult> appendix2_codes();

}  // namespace slwmi::licensing
