#include "tools/cli/invocation.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/text.hpp"

namespace slwmi::tools {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// The system's error as the HRESULT that Windows gives for the like, and its words.
Error file_error(const std::string& path, const char* doing, int number) {
  const HResult code = number == ENOENT                      ? HResult::kErrorFileNotFound
                       : number == EACCES || number == EPERM ? HResult::kEAccessdenied
                                                             : HResult::kEFail;
  return Error{
      code, std::string("cannot ") + doing + " " + path + ": " + std::strerror(number), {}, {}};
}

}  // namespace

const std::vector<std::string>* Parsed::find(std::string_view name) const {
  for (const auto& [key, words] : values) {
    if (key == name) return &words;
  }
  return nullptr;
}

Invocation::Invocation(const Surroundings& around, const Group& group, const Command& command,
                       Parsed parsed, std::vector<std::string> raw)
    : around_(around),
      group_(group),
      command_(command),
      parsed_(std::move(parsed)),
      raw_(std::move(raw)) {}

Invocation::~Invocation() = default;

std::string Invocation::full_name() const {
  std::string name(group_.name);
  if (!command_.name.empty()) name += " " + std::string(command_.name);
  return name;
}

std::string Invocation::value(std::string_view name, std::string_view otherwise) const {
  const std::vector<std::string>* words = parsed_.find(name);
  return words == nullptr || words->empty() ? std::string(otherwise) : words->back();
}

const std::vector<std::string>& Invocation::values(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const std::vector<std::string>* words = parsed_.find(name);
  return words == nullptr ? kNone : *words;
}

tl::expected<std::uint64_t, Failure> Invocation::number(std::string_view name,
                                                        std::uint64_t otherwise) const {
  if (!has(name)) return otherwise;
  const std::string text = value(name);
  if (const auto number = parse_unsigned(text)) return *number;
  return tools::usage("--" + std::string(name) + " takes a whole number, not \"" + text + "\"");
}

bool Invocation::colored() const {
  return around_.out_is_terminal && around_.environment("NO_COLOR") == nullptr;
}

RowStyle Invocation::row_style() const {
  RowStyle style;
  style.color = colored();
  style.terminal = around_.out_is_terminal;
  style.columns = around_.columns;
  if (has("json")) {
    style.format = Format::kJson;
  } else if (has("csv")) {
    style.format = Format::kCsv;
  } else if (has("table")) {
    style.format = Format::kTable;
  } else if (has("list")) {
    style.format = Format::kList;
  } else {
    style.chosen = false;
    style.format = around_.out_is_terminal ? Format::kTable : Format::kList;
  }
  return style;
}

void Invocation::note(std::string_view text) {
  err() << "slwmi: " << text << '\n';
  err().flush();
}

Result<Principal> Invocation::caller() {
  SL_TRY(Principal principal, find_principal(value("as", "administrator")));
  principal.via = value("via");
  return principal;
}

Result<std::string> read_file(const std::string& path, const Surroundings& around) {
  if (path == "-") {
    std::string all;
    for (std::string piece = around.standard_input(); !piece.empty();
         piece = around.standard_input()) {
      all += piece;
    }
    return all;
  }
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return fail(file_error(path, "open", errno));
  std::string bytes;
  char chunk[64 * 1024];
  for (;;) {
    const std::size_t got = std::fread(chunk, 1, sizeof chunk, file.get());
    bytes.append(chunk, got);
    if (got < sizeof chunk) break;
  }
  if (std::ferror(file.get()) != 0) return fail(file_error(path, "read", errno));
  return bytes;
}

Result<> write_file(const std::string& path, std::string_view bytes) {
  File file(std::fopen(path.c_str(), "wb"));
  if (file == nullptr) return fail(file_error(path, "write", errno));
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  if (std::fclose(file.release()) != 0 || !written) return fail(file_error(path, "write", errno));
  return {};
}

}  // namespace slwmi::tools
