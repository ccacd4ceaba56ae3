// CIM values at the command line: shown as cells, and made from words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"
#include "tools/cli/command.hpp"
#include "tools/cli/rows.hpp"

namespace slwmi::tools {

// uint64 and sint64 as text, as WMI's scripting gives them; datetimes and references as text;
// embedded objects by property.
Cell cell_of(const cim::Value& value);

// All properties in the order of the class; null ones too.
Record record_of(const cim::Instance& instance);

// Name and value of "Name=Value".
struct Assignment {
  std::string name;
  std::string text;
};
// E_INVALIDARG when there is no '='.
Result<Assignment> parse_assignment(std::string_view word);

// A moment in ISO or CIM form.
tl::expected<FileTime, Failure> time_of_word(const std::string& word);

// The words as a value of `type`: numbers in decimal or after 0x, TRUE and FALSE, datetimes in CIM
// or ISO form; an array from several words or from {a, b}. An empty word is null except for texts.
// WBEM_E_TYPE_MISMATCH names the word.
Result<cim::Value> value_of_words(const std::vector<std::string>& words, cim::Type type,
                                  bool array);

}  // namespace slwmi::tools
