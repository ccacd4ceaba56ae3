#include "tools/cli/values.hpp"

#include <cmath>

#include "base/datetime.hpp"
#include "base/text.hpp"

namespace slwmi::tools {
namespace {

Cell object_cell(const cim::Instance* object) {
  if (object == nullptr || !object->valid()) return {};
  Cell cell;
  cell.kind = Cell::Kind::kObject;
  for (const cim::Property& property : object->cls()->properties()) {
    cell.names.push_back(property.name);
    cell.items.push_back(cell_of(object->at(property.slot)));
  }
  return cell;
}

Cell real_cell(double value, const cim::Value& original) {
  const std::string text = original.to_display();
  return std::isfinite(value) ? Cell::make(Cell::Kind::kNumber, text) : Cell(text);
}

Error mismatch(const std::string& word, cim::Type type) {
  return Error{HResult::kWbemETypeMismatch,
               "\"" + word + "\" is no " + std::string(name_of(type)),
               {},
               word};
}

Result<cim::Value> scalar_of_word(const std::string& word, cim::Type type) {
  if (word.empty() && !cim::is_text(type)) return cim::Value::null(type);
  if (cim::is_integer(type) && word.size() > 2 && word[0] == '0' &&
      (word[1] == 'x' || word[1] == 'X')) {
    const auto number = parse_unsigned(word);
    if (!number) return fail(mismatch(word, type));
    return cim::Value::unsigned_integer(cim::Type::kUint64, *number).cast_to(type);
  }
  if (type == cim::Type::kDatetime && !word.empty()) {
    if (!parse_cim_datetime(word)) {
      const auto time = parse_iso8601(word);
      if (!time) {
        return fail(
            HResult::kWbemETypeMismatch,
            "\"" + word +
                "\" is no datetime; write 2008-03-01T00:00:00Z or 20080301000000.000000-000");
      }
      return cim::Value::datetime(*time);
    }
  }
  auto value = cim::Value::text(word, cim::is_text(type) ? type : cim::Type::kString).cast_to(type);
  if (!value && value.error().code == HResult::kWbemETypeMismatch)
    return fail(mismatch(word, type));
  return value;
}

// The elements of {a, "b, c", d}.
Result<std::vector<std::string>> split_braces(std::string_view text) {
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> out;
  const auto skip_blanks = [&] {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  };
  skip_blanks();
  while (!text.empty()) {
    std::string element;
    if (text.front() == '"') {
      std::size_t i = 1;
      for (; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        element += text[i];
      }
      if (i >= text.size()) return fail(HResult::kEInvalidarg, "a quote in {...} has no end");
      text.remove_prefix(i + 1);
    } else {
      const std::size_t end = std::min(text.find(','), text.size());
      element = text.substr(0, end);
      while (!element.empty() && element.back() == ' ') element.pop_back();
      text.remove_prefix(end);
    }
    out.push_back(std::move(element));
    skip_blanks();
    if (text.empty()) break;
    if (text.front() != ',') return fail(HResult::kEInvalidarg, "a comma is missing in {...}");
    text.remove_prefix(1);
    skip_blanks();
  }
  return out;
}

}  // namespace

Cell cell_of(const cim::Value& value) {
  if (value.is_null()) return {};
  if (value.is_array()) {
    Cell cell;
    cell.kind = Cell::Kind::kArray;
    for (const cim::Value& element : value.elements()) cell.items.push_back(cell_of(element));
    return cell;
  }
  switch (value.type()) {
    case cim::Type::kBoolean:
      return Cell::boolean(value.as_boolean());
    case cim::Type::kUint64:
    case cim::Type::kSint64:
      return Cell(value.to_display());
    case cim::Type::kReal32:
    case cim::Type::kReal64:
      return real_cell(value.as_real(), value);
    case cim::Type::kObject:
      return object_cell(value.as_object().get());
    case cim::Type::kString:
    case cim::Type::kDatetime:
    case cim::Type::kReference:
      return Cell(value.as_text());
    default:
      if (cim::is_signed_integer(value.type())) return Cell::number(value.as_sint64());
      return Cell::number(value.as_uint64());
  }
}

Record record_of(const cim::Instance& instance) {
  Record record;
  for (const cim::Property& property : instance.cls()->properties()) {
    record.push_back({property.name, cell_of(instance.at(property.slot))});
  }
  return record;
}

tl::expected<FileTime, Failure> time_of_word(const std::string& word) {
  if (const auto iso = parse_iso8601(word)) return *iso;
  if (const auto cim = parse_cim_datetime(word); cim && cim->time) return *cim->time;
  return usage("\"" + word +
               "\" is no time; write 2008-06-01, 2008-06-01T12:30:00Z or a CIM datetime");
}

Result<Assignment> parse_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(HResult::kEInvalidarg,
                "\"" + std::string(word) + "\" is not of the form Name=Value");
  }
  return Assignment{std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))};
}

Result<cim::Value> value_of_words(const std::vector<std::string>& words, cim::Type type,
                                  bool array) {
  if (!array) {
    if (words.size() != 1)
      return fail(HResult::kWbemETypeMismatch, "it takes one value and was given several");
    return scalar_of_word(words.front(), type);
  }
  std::vector<std::string> texts = words;
  if (words.size() == 1 && words[0].size() >= 2 && words[0].front() == '{' &&
      words[0].back() == '}') {
    SL_TRY(texts, split_braces(words[0]));
  }
  std::vector<cim::Value> elements;
  for (const std::string& text : texts) {
    SL_TRY(cim::Value element, scalar_of_word(text, type));
    if (element.is_null()) return fail(mismatch(text, type));
    elements.push_back(std::move(element));
  }
  return cim::Value::array(type, std::move(elements));
}

}  // namespace slwmi::tools
