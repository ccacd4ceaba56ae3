// Evaluation over batches. The loops over raw columns make one word of 64 answers at a time.
#include "query/filter.hpp"

#include <bit>

#include "schema/class.hpp"
#include "schema/instance.hpp"

namespace slwmi::wql {
namespace {

std::size_t words_of(const cim::Batch& batch) { return (batch.rows + 63) / 64; }

// Runs `answer(row)` for all rows and splits the bits by the column's null bitmap.
template <class Answer>
void by_words(const cim::Column& column, std::size_t rows, Answer answer, Mask& out) {
  for (std::size_t w = 0; w * 64 < rows; ++w) {
    const std::size_t count = rows - w * 64 < 64 ? rows - w * 64 : 64;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < count; ++i)
      bits |= static_cast<std::uint64_t>(answer(w * 64 + i)) << i;
    const std::uint64_t valid = column.valid == nullptr ? ~std::uint64_t{0} : column.valid[w];
    out.yes[w] = bits & valid;
    out.no[w] = ~bits & (null_truth() == Truth::kUnknown ? valid : ~std::uint64_t{0});
  }
}

template <class Unsigned>
void integer_column(const cim::Column& column, std::size_t rows, const IntegerRange& range,
                    Mask& out) {
  const auto* data = static_cast<const Unsigned*>(column.data);
  const auto low = static_cast<Unsigned>(range.low);
  const auto span = static_cast<Unsigned>(range.span);
  if (range.outside) {
    by_words(
        column, rows, [=](std::size_t i) { return static_cast<Unsigned>(data[i] - low) > span; },
        out);
  } else {
    by_words(
        column, rows, [=](std::size_t i) { return static_cast<Unsigned>(data[i] - low) <= span; },
        out);
  }
}

void real_column(const cim::Column& column, std::size_t rows, const Condition& c, Mask& out) {
  const auto* data = static_cast<const double*>(column.data);
  const double k = c.real;
  switch (c.op) {
    case Op::kEqual:
      return by_words(
          column, rows, [=](std::size_t i) { return data[i] == k; }, out);
    case Op::kNotEqual:
      return by_words(
          column, rows, [=](std::size_t i) { return data[i] != k; }, out);
    case Op::kLess:
      return by_words(
          column, rows, [=](std::size_t i) { return data[i] < k; }, out);
    case Op::kLessEqual:
      return by_words(
          column, rows, [=](std::size_t i) { return data[i] <= k; }, out);
    case Op::kGreater:
      return by_words(
          column, rows, [=](std::size_t i) { return data[i] > k; }, out);
    default:
      return by_words(
          column, rows, [=](std::size_t i) { return data[i] >= k; }, out);
  }
}

void null_column(const cim::Column& column, std::size_t rows, bool want_null, Mask& out) {
  for (std::size_t w = 0; w * 64 < rows; ++w) {
    const std::uint64_t valid = column.valid == nullptr ? ~std::uint64_t{0} : column.valid[w];
    out.yes[w] = want_null ? ~valid : valid;
    out.no[w] = ~out.yes[w];
  }
}

template <class Test>
void row_by_row(const cim::Column& column, std::size_t rows, cim::Type type, Test test, Mask& out) {
  if (column.kind == cim::ColumnKind::kValues) {
    const auto* values = static_cast<const cim::Value*>(column.data);
    for (std::size_t i = 0; i < rows; ++i) out.set(i, test(values[i]));
    return;
  }
  for (std::size_t i = 0; i < rows; ++i) out.set(i, test(cim::value_at(column, i, type)));
}

void text_column(const FilterNode& node, const cim::Column& column, std::size_t rows,
                 FilterState& state, Mask& out) {
  const std::vector<Truth>& answers = state.answers(node, *column.dictionary);
  const auto* codes = static_cast<const std::uint32_t*>(column.data);
  const Truth null =
      node.condition.domain == Domain::kNull ? truth_of(node.condition.boolean) : null_truth();
  for (std::size_t w = 0; w * 64 < rows; ++w) {
    const std::size_t count = rows - w * 64 < 64 ? rows - w * 64 : 64;
    std::uint64_t yes = 0, no = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = w * 64 + i;
      const Truth truth = column.has_value_bit(row) ? answers[codes[row]] : null;
      yes |= static_cast<std::uint64_t>(truth == Truth::kTrue) << i;
      no |= static_cast<std::uint64_t>(truth == Truth::kFalse) << i;
    }
    out.yes[w] = yes;
    out.no[w] = no;
  }
}

// One comparison over a whole column.
void column_condition(const FilterNode& node, const cim::Batch& batch, FilterState& state,
                      Mask& out) {
  using cim::ColumnKind;
  const Condition& c = node.condition;
  const cim::Column& column = batch.columns[static_cast<std::size_t>(node.column)];
  const std::size_t rows = batch.rows;
  const auto one_by_one = [&] {
    row_by_row(
        column, rows, node.type, [&](const cim::Value& v) { return c.test(v); }, out);
  };
  switch (column.kind) {
    case ColumnKind::kNull:
      return out.set_all(c.domain == Domain::kNull ? truth_of(c.boolean) : null_truth(),
                         words_of(batch));
    case ColumnKind::kConstant:
      return out.set_all(c.test(*static_cast<const cim::Value*>(column.data)), words_of(batch));
    case ColumnKind::kValues:
      return one_by_one();
    case ColumnKind::kText:
      return text_column(node, column, rows, state, out);
    default:
      break;
  }
  if (c.domain == Domain::kNull) return null_column(column, rows, c.boolean, out);
  if (c.domain == Domain::kFixed)
    return by_words(
        column, rows, [&](std::size_t) { return c.boolean; }, out);
  if (c.domain == Domain::kInteger) {
    if (column.kind == ColumnKind::kUint32 || column.kind == ColumnKind::kSint32) {
      return integer_column<std::uint32_t>(column, rows, c.range, out);
    }
    if (column.kind == ColumnKind::kUint64 || column.kind == ColumnKind::kSint64) {
      return integer_column<std::uint64_t>(column, rows, c.range, out);
    }
  }
  if (c.domain == Domain::kReal && column.kind == ColumnKind::kReal64)
    return real_column(column, rows, c, out);
  if (c.domain == Domain::kBoolean && column.kind == ColumnKind::kBool) {
    const auto* data = static_cast<const std::uint8_t*>(column.data);
    return by_words(
        column, rows, [&](std::size_t i) { return (data[i] != 0) == c.boolean; }, out);
  }
  one_by_one();
}

// Nothing left that the next operand of an AND (of an OR, with `wanted` the false bits) could
// change.
bool settled(const std::array<std::uint64_t, Mask::kWords>& decided, std::size_t rows) {
  for (std::size_t w = 0; w * 64 < rows; ++w) {
    const std::size_t count = rows - w * 64 < 64 ? rows - w * 64 : 64;
    const std::uint64_t all = count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    if ((decided[w] & all) != all) return false;
  }
  return true;
}

}  // namespace

const std::vector<Truth>& FilterState::answers(const FilterNode& node,
                                               const cim::Dictionary& dictionary) {
  Known* known = nullptr;
  for (Known& k : known_) {
    if (k.node == &node && k.entries == dictionary.entries.data()) known = &k;
  }
  if (known == nullptr) known = &known_.emplace_back(Known{&node, dictionary.entries.data(), {}});
  const std::size_t before = known->truths.size();
  known->truths.resize(std::max(before, dictionary.entries.size()));
  for (std::size_t i = before; i < dictionary.entries.size(); ++i) {
    known->truths[i] = node.condition.test(dictionary.entries[i]);
  }
  return known->truths;
}

Truth EmbeddedTest::test(const cim::Value& root) const {
  cim::Value value = root;
  for (const std::string& name : path) {
    if (value.type() != cim::Type::kObject || value.is_null() || value.is_array())
      return Truth::kUnknown;
    const std::shared_ptr<const cim::Instance> object = value.as_object();
    if (object == nullptr || !object->valid()) return Truth::kUnknown;
    cim::Value next = object->get(name);
    if (next.type() == cim::Type::kEmpty) next = cim::system_property(*object, name, {}, {});
    if (next.type() == cim::Type::kEmpty) return Truth::kUnknown;
    value = std::move(next);
  }
  const auto condition = bind_condition(value.type(), value.is_array(), op, literal);
  return condition ? condition->test(value) : Truth::kUnknown;
}

void evaluate(const FilterNode& node, const cim::Batch& batch, const PathSource* paths,
              FilterState& state, Mask& out) {
  const std::size_t words = words_of(batch);
  switch (node.kind) {
    case FilterKind::kConstant:
      return out.set_all(node.truth, words);
    case FilterKind::kColumn:
      return column_condition(node, batch, state, out);
    case FilterKind::kEmbedded:
      return row_by_row(
          batch.columns[static_cast<std::size_t>(node.column)], batch.rows, node.type,
          [&](const cim::Value& v) { return node.embedded->test(v); }, out);
    case FilterKind::kPath:
      for (std::size_t i = 0; i < batch.rows; ++i) {
        out.set(i, paths == nullptr ? Truth::kUnknown
                                    : node.condition.test(paths->path_of(batch, i, node.absolute)));
      }
      return;
    case FilterKind::kNot:
      evaluate(node.children[0], batch, paths, state, out);
      return out.negate(words);
    case FilterKind::kAnd:
    case FilterKind::kOr:
      break;
  }
  const bool all = node.kind == FilterKind::kAnd;
  evaluate(node.children[0], batch, paths, state, out);
  Mask other;
  for (std::size_t i = 1; i < node.children.size(); ++i) {
    if (settled(all ? out.no : out.yes, batch.rows)) return;
    evaluate(node.children[i], batch, paths, state, other);
    if (all) {
      out.conjoin(other, words);
    } else {
      out.disjoin(other, words);
    }
  }
}

std::size_t select_rows(const FilterNode* node, const cim::Batch& batch, const PathSource* paths,
                        FilterState& state, std::span<std::uint16_t> rows) {
  Mask mask;
  if (node != nullptr) {
    evaluate(*node, batch, paths, state, mask);
  } else {
    mask.set_all(Truth::kTrue, words_of(batch));
  }
  std::size_t count = 0;
  if (batch.selected != nullptr) {
    for (std::size_t i = 0; i < batch.selected_count; ++i) {
      const std::uint16_t row = batch.selected[i];
      rows[count] = row;
      count += static_cast<std::size_t>((mask.yes[row / 64] >> (row % 64)) & 1u);
    }
    return count;
  }
  for (std::size_t w = 0; w * 64 < batch.rows; ++w) {
    std::uint64_t bits = mask.yes[w];
    const std::size_t left = batch.rows - w * 64;
    if (left < 64) bits &= (std::uint64_t{1} << left) - 1;
    for (; bits != 0; bits &= bits - 1) {
      rows[count++] =
          static_cast<std::uint16_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
    }
  }
  return count;
}

}  // namespace slwmi::wql
