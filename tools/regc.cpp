// Compiles registry/images for embedding: reads images.txt, the .reg files that it names and
// security.txt, and writes C++ tables of operations in their byte form. Run by the build; a process
// that uses an image parses no text.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "registry/formats/reg_file.hpp"
#include "registry/image_source.hpp"

namespace {

using slwmi::Result;

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return slwmi::fail(slwmi::HResult::kErrorFileNotFound, "cannot read " + path);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

void write_bytes(std::ostream& out, const std::string& name, const std::vector<std::byte>& bytes) {
  out << "constexpr unsigned char k" << name << "[] = {";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out << (i % 24 == 0 ? "\n    " : "") << std::to_integer<int>(bytes[i]) << ",";
  }
  out << "};\n";
}

Result<> run(const std::string& directory, const std::string& target) {
  const auto read = [&](const std::string& name) { return read_file(directory + "/" + name); };
  SL_TRY(const std::string list, read("images.txt"));
  SL_TRY(const slwmi::reg::ImageList images, slwmi::reg::parse_image_list(list));
  std::ostringstream out;
  out << "// Made by tools/regc.cpp from registry/images.\n";
  for (std::size_t i = 0; i < images.files.size(); ++i) {
    SL_TRY(const std::string text, read(images.files[i] + ".reg"));
    SL_TRY(const auto ops, slwmi::reg::parse_image_file(text));
    write_bytes(out, "File" + std::to_string(i), slwmi::reg::encode_ops(ops));
  }
  SL_TRY(const std::string descriptors, read("security.txt"));
  SL_TRY(const auto ops, slwmi::reg::parse_image_security(descriptors));
  write_bytes(out, "Security", slwmi::reg::encode_ops(ops));
  out << "constexpr slwmi::ByteSpan (*kFiles[])() = {\n";
  for (std::size_t i = 0; i < images.files.size(); ++i) {
    out << "    [] { return span_of(kFile" << i << "); },\n";
  }
  out << "};\n";
  for (const auto& os : images.systems) {
    out << "constexpr std::uint16_t kChain" << &os - images.systems.data() << "[] = {";
    for (const std::size_t file : os.files) out << file << ",";
    out << "};\n";
  }
  out << "constexpr System kSystems[] = {\n";
  for (const auto& os : images.systems) {
    out << "    {\"" << os.name << "\", \"" << os.family << "\", kChain"
        << &os - images.systems.data() << "},\n";
  }
  out << "};\nconstexpr Edition kEditions[] = {\n";
  for (const auto& edition : images.editions) {
    out << "    {\"" << edition.family << "\", \"" << edition.name << "\", " << edition.file
        << "},\n";
  }
  out << "};\nconstexpr slwmi::reg::ImageName kNames[] = {\n";
  for (const auto& os : images.systems) {
    for (const auto& edition : images.editions) {
      if (edition.family != os.family) continue;
      out << "    {\"" << os.name << "\", \"" << edition.name << "\"},\n";
    }
  }
  out << "};\n";
  std::ofstream file(target, std::ios::binary);
  file << out.str();
  file.close();
  if (!file) return slwmi::fail(slwmi::HResult::kEFail, "cannot write " + target);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: regc IMAGES-DIRECTORY OUTPUT\n");
    return 2;
  }
  const Result<> done = run(argv[1], argv[2]);
  if (done) return 0;
  const slwmi::Error& error = done.error();
  std::fprintf(stderr, "regc: %s (line %d)\n", error.message.c_str(),
               error.at ? error.at->line : 0);
  return 1;
}
