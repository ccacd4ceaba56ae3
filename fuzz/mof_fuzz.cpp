// What compiles can be encoded, and decodes to the same bytes again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "schema/mof_compiler.hpp"
#include "schema/schema_image.hpp"

namespace cim = slwmi::cim;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  cim::mof::CompileOptions options;
  options.ns = "root";
  options.create_namespaces = true;
  cim::Repository repository;
  if (!repository.create_namespace("root")) std::abort();
  if (const auto done = cim::mof::compile(text, repository, options); !done) {
    const slwmi::Error& error = done.error();
    if (!slwmi::failed(error.code) || error.message.empty()) std::abort();
    return 0;
  }
  const slwmi::Bytes bytes = cim::encode(repository);
  const auto image = cim::SchemaImage::open(bytes);
  if (!image || cim::encode(cim::Repository(*image)) != bytes) std::abort();
  return 0;
}
