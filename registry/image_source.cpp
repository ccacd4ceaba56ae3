#include "registry/image_source.hpp"

#include <algorithm>

#include "registry/formats/reg_file.hpp"
#include "registry/path.hpp"

namespace slwmi::reg {
namespace {

// Calls `take` with each line that is no comment; stops at its first error and adds the line to it.
template <class Take>
Result<> each_line(std::string_view text, Take take) {
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (const Result<> done = take(line); !done) {
      Error error = done.error();
      error.at = SourcePos{0, number, 1};
      return fail(std::move(error));
    }
  }
  return {};
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::size_t file_index(ImageList& list, const std::string& name) {
  const auto it = std::find(list.files.begin(), list.files.end(), name);
  if (it != list.files.end()) return static_cast<std::size_t>(it - list.files.begin());
  list.files.push_back(name);
  return list.files.size() - 1;
}

}  // namespace

Result<ImageList> parse_image_list(std::string_view text) {
  ImageList list;
  const Result<> read = each_line(text, [&](std::string_view line) -> Result<> {
    const std::vector<std::string> words = words_of(line);
    if (words.size() >= 4 && words[0] == "os") {
      ImageList::System os{words[1], words[2], {}};
      for (std::size_t i = 3; i < words.size(); ++i) os.files.push_back(file_index(list, words[i]));
      list.systems.push_back(std::move(os));
    } else if (words.size() == 4 && words[0] == "edition") {
      list.editions.push_back({words[1], words[2], file_index(list, words[3])});
    } else {
      return fail(HResult::kEInvalidarg, "the line is neither os nor edition");
    }
    return {};
  });
  SL_CHECK(read);
  return list;
}

Result<std::vector<Op>> parse_image_file(std::string_view text) {
  SL_TRY(const RegFile file, read_reg(as_bytes(text), {.strict = true}));
  return compile_reg(file, sids::kNetworkService);
}

Result<std::vector<Op>> parse_image_security(std::string_view text) {
  OpBuilder ops;
  const Result<> read = each_line(text, [&](std::string_view line) -> Result<> {
    const std::size_t blank = std::min(line.find(' '), line.size());
    SL_TRY(const SecurityDescriptor descriptor, parse_sddl(line.substr(0, blank)));
    const KeyId key = key_of(line.substr(std::min(blank + 1, line.size())));
    if (key == KeyId::kNone) return fail(HResult::kEInvalidarg, "the line has no path");
    ops.set_security(key, intern_security(descriptor));
    return {};
  });
  SL_CHECK(read);
  return ops.take();
}

}  // namespace slwmi::reg
