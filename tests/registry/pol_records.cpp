// Prints the records of a Registry.pol, one a line: key, value name, type, size and data as hex of
// UTF-8 and bytes. With a second argument it also writes the file again, there. For the test that
// holds the reader against Samba's.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "base/text.hpp"
#include "registry/formats/pol_file.hpp"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const auto file = slwmi::reg::read_pol(slwmi::as_bytes(bytes));
  if (!file) {
    std::printf("refused %s\n", file.error().message.c_str());
    return 1;
  }
  for (const slwmi::reg::PolRecord& record : file->records) {
    const slwmi::ByteSpan data = record.data.data();
    std::printf("%s;%s;%u;%zu;%s\n", slwmi::to_hex(slwmi::as_bytes(record.key)).c_str(),
                slwmi::to_hex(slwmi::as_bytes(record.value)).c_str(),
                static_cast<unsigned>(record.data.type()), data.size(),
                slwmi::to_hex(data).c_str());
  }
  if (argc > 2) {
    const auto again = slwmi::reg::write_pol(*file);
    std::ofstream(argv[2], std::ios::binary)
        .write(reinterpret_cast<const char*>(again.data()),
               static_cast<std::streamsize>(again.size()));
  }
  return 0;
}
