// Compiles MOF files into one schema image and writes it as a C++ source, so that no process parses
// MOF when it starts. Usage: slwmi_mofc NAMESPACE::FUNCTION OUTPUT.cpp FILE.mof...
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "schema/mof_compiler.hpp"
#include "schema/repository.hpp"
#include "schema/schema_image.hpp"

namespace {

int complain(const std::string& file, const slwmi::Error& error) {
  std::cerr << file;
  if (error.at) std::cerr << ':' << error.at->line << ':' << error.at->column;
  std::cerr << ": " << error.message << " (" << slwmi::to_hex(error.code) << ")\n";
  return 1;
}

void write_source(std::ostream& out, const std::string& function, slwmi::ByteSpan bytes) {
  const std::size_t split = function.rfind("::");
  out << "// Made by slwmi_mofc.\n#include \"base/bytes.hpp\"\n\nnamespace "
      << function.substr(0, split) << " {\nnamespace {\nconstexpr unsigned char kBytes[] = {";
  char text[8];
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::snprintf(text, sizeof text, "%u,", static_cast<unsigned>(bytes[i]));
    out << (i % 32 == 0 ? "\n" : "") << text;
  }
  out << "\n};\n}  // namespace\n\nByteSpan " << function.substr(split + 2) << "();\nByteSpan "
      << function.substr(split + 2)
      << "() { return std::as_bytes(std::span(kBytes)); }\n}  // namespace "
      << function.substr(0, split) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || std::string(argv[1]).find("::") == std::string::npos) {
    std::cerr << "usage: slwmi_mofc NAMESPACE::FUNCTION OUTPUT.cpp FILE.mof...\n";
    return 2;
  }
  slwmi::cim::Repository repository;
  slwmi::cim::mof::CompileOptions options;
  options.create_namespaces = true;
  for (const char* ns : {"root", "root\\cimv2", "root\\default"}) {
    if (const auto made = repository.create_namespace(ns); !made) return complain(ns, made.error());
  }
  for (int i = 3; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file) {
      std::cerr << argv[i] << ": cannot be read\n";
      return 1;
    }
    if (const auto done = slwmi::cim::mof::compile(text, repository, options); !done)
      return complain(argv[i], done.error());
  }
  std::ofstream out(argv[2], std::ios::binary);
  write_source(out, argv[1], slwmi::cim::encode(repository));
  out.close();
  if (!out) std::cerr << argv[2] << ": cannot be written\n";
  return out ? 0 : 1;
}
