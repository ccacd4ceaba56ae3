// What a parsed MOF text means to a repository: classes built, instances put, namespaces made. All
// or nothing.
#pragma once

#include <string>
#include <string_view>

#include "schema/mof_ast.hpp"
#include "schema/repository.hpp"

namespace slwmi::cim::mof {

struct CompileOptions {
  std::string ns = "root\\cimv2";  // until a #pragma namespace says another
  bool create_namespaces = false;  // a pragma may name a namespace that is not there yet
};

// WBEMMOF and WBEM codes with the position of the declaration that failed; `repository` is then
// unchanged. #pragma include is refused (WBEMMOF_E_ERROR_INVALID_INCLUDE_FILE): a parser opens no
// files.
Result<> compile(const Document& document, Repository& repository,
                 const CompileOptions& options = {});
// Parses and compiles.
Result<> compile(std::string_view text, Repository& repository, const CompileOptions& options = {});

}  // namespace slwmi::cim::mof
