// Policy documents: what is read can be written in the same syntax and reads back as an equal
// layer, and the look ahead sees the same nodes as the reader behind it. The first byte chooses the
// syntax.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "policy/document.hpp"

using namespace slwmi;
using namespace slwmi::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr Syntax kSyntaxes[] = {Syntax::kJson, Syntax::kInfo, Syntax::kXml, Syntax::kPol};
  const Syntax syntax = kSyntaxes[data[0] % 4];
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  const Limits limits{.bytes = 1 << 16, .depth = 16, .nodes = 2000};
  const Reading reading = read_document(bytes, syntax, "fuzz", "p", limits);
  for (const Finding& finding : reading.findings) {
    if (finding.message == "the document's form is not understood") std::abort();
  }
  if (!reading.document) {
    if (reading.findings.empty()) std::abort();
    return 0;
  }
  const auto compiled = compile(*reading.document);
  if (!compiled) std::abort();
  const auto text = write_document(*reading.document, syntax);
  if (!text) return 0;
  const Reading again = read_document(as_bytes(*text), syntax, "fuzz", "p", Limits{});
  if (!again.document) std::abort();
  const auto recompiled = compile(*again.document);
  if (!recompiled || recompiled->hash != compiled->hash) std::abort();
  return 0;
}
