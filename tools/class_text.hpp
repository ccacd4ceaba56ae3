// A class for people: its declaration as MOF whose comments say what the qualifiers mean, and the
// same as rows.
#pragma once

#include <string>
#include <vector>

#include "schema/class.hpp"
#include "tools/cli/rows.hpp"

namespace slwmi::tools {

// `ns` names the namespace in the first comment.
std::string class_text(const cim::Class& cls, const std::string& ns);

// A row for each property, method and parameter.
std::vector<Record> class_rows(const cim::Class& cls);

}  // namespace slwmi::tools
