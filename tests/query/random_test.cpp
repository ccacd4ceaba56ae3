// Random conditions over random rows: the vectorised engine, over values and over raw columns,
// against a naive evaluator that walks the tree for each row and knows nothing of plans.
#include <random>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "tests/query/fixture.hpp"

using namespace slwmi;
using namespace slwmi::wql::test;
using wql::LiteralKind;
using wql::Node;
using wql::NodeKind;
using wql::Op;

namespace {

enum class Tri { kNo, kYes, kUnknown };

Tri tri(bool b) { return b ? Tri::kYes : Tri::kNo; }

Tri by_order(Op op, int order) {
  switch (op) {
    case Op::kEqual:
      return tri(order == 0);
    case Op::kNotEqual:
      return tri(order != 0);
    case Op::kLess:
      return tri(order < 0);
    case Op::kLessEqual:
      return tri(order <= 0);
    case Op::kGreater:
      return tri(order > 0);
    default:
      return tri(order >= 0);
  }
}

// Only what the generator makes: integers in 64 bits, short reals, ASCII strings, `%` as the only
// wildcard.
Tri leaf(const wql::Query& query, const Node& node, const Instance& row) {
  const Value& value = row.get(query.str(node.property));
  if (node.op == Op::kIsNull) return tri(value.is_null());
  if (node.op == Op::kIsNotNull) return tri(!value.is_null());
  if (value.is_null()) return Tri::kUnknown;
  const std::string text(query.str(node.literal));
  if (node.op == Op::kLike) {
    const std::string up = ascii_upper(std::string(value.as_text())),
                      piece = ascii_upper(text.substr(1, text.size() - 2));
    return tri(up.find(piece) != std::string::npos);
  }
  if (value.type() == Type::kBoolean) {
    return by_order(node.op,
                    value.as_boolean() == (node.literal_kind == LiteralKind::kTrue) ? 0 : 1);
  }
  if (value.type() == Type::kString) {
    return by_order(node.op, ascii_upper(std::string(value.as_text())).compare(ascii_upper(text)));
  }
  if (cim::is_real(value.type())) {
    const double a = value.as_real(), b = std::stod(text);
    return by_order(node.op, a < b ? -1 : a > b ? 1 : 0);
  }
  if (cim::is_signed_integer(value.type())) {
    const long long a = value.as_sint64(), b = std::stoll(text);
    return by_order(node.op, a < b ? -1 : a > b ? 1 : 0);
  }
  if (text[0] == '-') return by_order(node.op, 1);
  const unsigned long long a = value.as_uint64(), b = std::stoull(text);
  return by_order(node.op, a < b ? -1 : a > b ? 1 : 0);
}

Tri naive(const wql::Query& query, std::size_t at, const Instance& row) {
  const Node& node = query.where[at];
  if (node.kind == NodeKind::kPredicate) return leaf(query, node, row);
  const Tri right = naive(query, at - 1, row);
  if (node.kind == NodeKind::kNot)
    return right == Tri::kUnknown ? right : right == Tri::kYes ? Tri::kNo : Tri::kYes;
  const Tri left = naive(query, node.left, row);
  const Tri decides = node.kind == NodeKind::kAnd ? Tri::kNo : Tri::kYes;
  if (left == decides || right == decides) return decides;
  return left == Tri::kUnknown || right == Tri::kUnknown
             ? Tri::kUnknown
             : (decides == Tri::kNo ? Tri::kYes : Tri::kNo);
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  ClassPtr cls() const { return cls_; }

  Instance row(unsigned id) {
    Instance out(cls_);
    out.set(0, Value::uint32(id));
    const auto set = [&](int slot, Value value) {
      if (pick(5) != 0) out.set(slot, std::move(value));
    };
    set(1, Value::integer(Type::kSint8, number()));
    set(2, Value::unsigned_integer(Type::kUint16, static_cast<std::uint64_t>(number() + 4)));
    set(3, Value::integer(Type::kSint32, number()));
    set(4, Value::uint32(pick(3) == 0 ? 4294967295u : pick(5)));
    set(5, Value::integer(Type::kSint64, pick(3) == 0 ? INT64_MIN : number()));
    set(6, Value::unsigned_integer(Type::kUint64, pick(3) == 0 ? UINT64_MAX : pick(5)));
    set(7, Value::real(0.5 * number()));
    set(8, Value::boolean(pick(2) == 0));
    set(9, Value::text(word()));
    return out;
  }

  std::string condition(unsigned depth) {
    const unsigned what = depth == 0 ? 0 : pick(5);
    if (what == 1) return "NOT " + condition(depth - 1);
    if (what == 2) return condition(depth - 1) + " AND " + condition(depth - 1);
    if (what == 3) return condition(depth - 1) + " OR " + condition(depth - 1);
    if (what == 4) return "(" + condition(depth - 1) + ")";
    return leaf_text();
  }

 private:
  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
  int number() { return static_cast<int>(pick(9)) - 4; }
  std::string word() {
    static const char* const kWords[] = {"", "a", "A", "ab", "B", "ba", "Abc", "zz"};
    return kWords[pick(8)];
  }

  std::string leaf_text() {
    static const char* const kOps[] = {"=", "<>", "<", "<=", ">", ">=", "!="};
    const unsigned slot = 1 + pick(9);
    const std::string name = cls_->properties()[slot].name;
    if (pick(8) == 0) return name + (pick(2) == 0 ? " IS NULL" : " IS NOT NULL");
    std::string op = kOps[pick(7)], literal;
    if (slot == 9) {
      if (pick(3) == 0) return name + " LIKE '%" + word() + "%'";
      literal = "'" + word() + "'";
    } else if (slot == 8) {
      op = pick(2) == 0 ? "=" : "<>";
      literal = pick(2) == 0 ? "TRUE" : "FALSE";
    } else if (slot == 7) {
      literal = std::to_string(number()) + (pick(2) == 0 ? ".5" : ".0");
    } else if (pick(4) == 0) {
      static const char* const kEdges[] = {"4294967295", "9223372036854775807", "300", "-300"};
      literal = kEdges[pick(4)];
    } else {
      literal = std::to_string(number());
    }
    return pick(6) == 0 && op.size() == 1 && op == "=" ? literal + " = " + name
                                                       : name + " " + op + " " + literal;
  }

  std::mt19937 random_;
  ClassPtr cls_ = make_class("R", {{"Id", Type::kUint32, true},
                                   {"I8", Type::kSint8},
                                   {"U16", Type::kUint16},
                                   {"I32", Type::kSint32},
                                   {"U32", Type::kUint32},
                                   {"I64", Type::kSint64},
                                   {"U64", Type::kUint64},
                                   {"R", Type::kReal64},
                                   {"B", Type::kBoolean},
                                   {"S", Type::kString}});
};

std::string ids(const std::vector<Instance>& rows) {
  std::ostringstream out;
  for (const Instance& row : rows) out << row.at(0).as_uint32() << ' ';
  return out.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wql_random)

BOOST_AUTO_TEST_CASE(both_engines_agree_with_the_naive_evaluator) {
  Generator generator(20080301);
  RowProvider rows;
  ColumnProvider columns;
  for (unsigned i = 0; i < 700; ++i) rows.rows.push_back(generator.row(i));
  columns.rows = rows.rows;
  rows.batch_rows = 70;
  TestCatalog catalog;
  catalog.classes = {generator.cls()};
  int found = 0, missed = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::string text = "SELECT Id FROM R WHERE " + generator.condition(4);
    const auto parsed = wql::parse(text);
    BOOST_REQUIRE_MESSAGE(parsed.has_value(), text);
    std::vector<Instance> want;
    for (const Instance& row : rows.rows) {
      if (naive(*parsed, parsed->where.size() - 1, row) == Tri::kYes) want.push_back(row);
    }
    found += !want.empty();
    missed += want.size() != rows.rows.size();
    for (cim::Provider* provider :
         {static_cast<cim::Provider*>(&rows), static_cast<cim::Provider*>(&columns)}) {
      catalog.providers["R"] = provider;
      const auto got = query(catalog, text);
      BOOST_REQUIRE_MESSAGE(got.has_value(), text);
      if (ids(got->rows) != ids(want)) BOOST_ERROR(text);
    }
  }
  BOOST_TEST(found > 700);
  BOOST_TEST(missed > 700);
}

BOOST_AUTO_TEST_SUITE_END()
