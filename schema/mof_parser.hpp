// MOF text to its declarations: the grammar of DSP0004 and the WMI dialect (flavors after a colon,
// pragmas without parentheses, qualifiers on instances, default parameter values, embedded
// instances). Pure: no file access, no meaning; the compiler does that.
#pragma once

#include <string_view>

#include "schema/mof_ast.hpp"

namespace slwmi::cim::mof {

// `text` is UTF-8, or UTF-16 with a byte-order mark. The error has offset, line, column, token and
// the WBEMMOF code.
Result<Document> parse(std::string_view text, const Limits& limits = {});

}  // namespace slwmi::cim::mof
