// The condition of a query, bound to the slots of one class, and its evaluation over batches: typed
// loops over raw columns, each distinct string of a dictionary tested once, single values
// otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "query/condition.hpp"
#include "query/truth.hpp"
#include "schema/batch.hpp"
#include "schema/provider.hpp"

namespace slwmi::cim {
class Instance;
}

namespace slwmi::wql {

// A place below an embedded object: names still to look up, and a comparison that is bound when the
// value is there.
struct EmbeddedTest {
  std::vector<std::string> path;
  Op op = Op::kEqual;
  Literal literal;
  Truth test(const cim::Value& root) const;
};

enum class FilterKind : std::uint8_t {
  kAnd,
  kOr,
  kNot,
  kConstant,  // `truth` for every row
  kColumn,    // `condition` on the column `column` of the batch
  kEmbedded,  // `embedded` on the column `column`
  kPath       // `condition` on the row's __RELPATH or, with `absolute`, __PATH
};

struct FilterNode {
  FilterKind kind = FilterKind::kConstant;
  Truth truth = Truth::kTrue;
  bool absolute = false;
  int column = -1;
  cim::Type type = cim::Type::kEmpty;
  Condition condition;
  std::shared_ptr<const EmbeddedTest> embedded;
  std::vector<FilterNode> children;  // kAnd and kOr: at least two; kNot: one
};

// Builds the text of a row's path from its columns; the plan knows how.
class PathSource {
 public:
  PathSource() = default;
  PathSource(const PathSource&) = delete;
  PathSource& operator=(const PathSource&) = delete;
  virtual ~PathSource() = default;
  virtual cim::Value path_of(const cim::Batch& batch, std::size_t row, bool absolute) const = 0;
};

// What one run remembers between batches: the answers for the entries of dictionaries.
class FilterState {
 public:
  // For each entry of the dictionary, the truth of the node's condition.
  const std::vector<Truth>& answers(const FilterNode& node, const cim::Dictionary& dictionary);

 private:
  struct Known {
    const FilterNode* node;
    const cim::Value* entries;
    std::vector<Truth> truths;
  };
  std::vector<Known> known_;
};

// The truth of `node` for every row of the batch.
void evaluate(const FilterNode& node, const cim::Batch& batch, const PathSource* paths,
              FilterState& state, Mask& out);

// The rows for which `node` is true and that the batch has selected, ascending, into `rows`;
// answers how many.
std::size_t select_rows(const FilterNode* node, const cim::Batch& batch, const PathSource* paths,
                        FilterState& state, std::span<std::uint16_t> rows);

}  // namespace slwmi::wql
