// A small namespace in memory for the tests of the query engine: classes made in C++, and two
// providers of the same rows, one that sends single values and one that sends raw columns with null
// bitmaps and dictionaries.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/principal.hpp"
#include "base/text.hpp"
#include "query/catalog.hpp"
#include "query/parser.hpp"
#include "query/plan.hpp"
#include "schema/instance.hpp"

namespace slwmi::wql::test {

using cim::ClassPtr;
using cim::Instance;
using cim::Type;
using cim::Value;

struct Column {
  const char* name;
  Type type;
  bool key = false;
  bool array = false;
  const char* reference = "";
};

inline ClassPtr make_class(const char* name, const std::vector<Column>& columns,
                           ClassPtr superclass = nullptr,
                           const std::vector<std::string>& qualifiers = {}) {
  cim::ClassBuilder builder(name, std::move(superclass));
  for (const std::string& qualifier : qualifiers) {
    builder.qualifier({qualifier, Value::boolean(true), cim::Flavor::kToSubclass, false});
  }
  for (const Column& column : columns) {
    cim::Property property;
    property.name = column.name;
    property.type = column.type;
    property.is_array = column.array;
    property.reference_class = column.reference;
    property.default_value = Value::null(column.type, column.array);
    if (column.key)
      property.qualifiers.set({"key", Value::boolean(true),
                               cim::Flavor::kToInstance | cim::Flavor::kToSubclass, false});
    builder.property(std::move(property));
  }
  auto cls = builder.build();
  return cls ? *cls : nullptr;
}

// Sends its rows as values, a few at a time, and remembers what it was asked.
class RowProvider : public cim::Provider {
 public:
  std::vector<Instance> rows;
  std::size_t batch_rows = 3;
  std::vector<cim::Comparison> last_pushed;
  std::vector<int> last_wanted;
  int batches = 0;

  Result<> enumerate(const cim::Call&, const cim::Scan& scan, const cim::Sink& sink) override {
    last_pushed.assign(scan.pushed.begin(), scan.pushed.end());
    last_wanted.assign(scan.wanted.begin(), scan.wanted.end());
    batches = 0;
    std::vector<const Instance*> mine;
    for (const Instance& row : rows) {
      if (row.cls() == nullptr || row.cls()->name() == scan.cls.name()) mine.push_back(&row);
    }
    for (std::size_t at = 0; at < mine.size(); at += batch_rows) {
      const std::size_t count = std::min(batch_rows, mine.size() - at);
      ++batches;
      if (!send(scan, sink,
                {mine.begin() + static_cast<std::ptrdiff_t>(at),
                 mine.begin() + static_cast<std::ptrdiff_t>(at + count)}))
        break;
    }
    return {};
  }

  Result<> put(const cim::Call&, const Instance& instance) override {
    rows.push_back(instance);
    return {};
  }

 protected:
  virtual bool send(const cim::Scan& scan, const cim::Sink& sink,
                    const std::vector<const Instance*>& part) {
    std::vector<std::vector<Value>> values(scan.wanted.size());
    std::vector<cim::Column> columns;
    for (std::size_t c = 0; c < scan.wanted.size(); ++c) {
      for (const Instance* row : part) values[c].push_back(row->at(scan.wanted[c]));
      columns.push_back(cim::Column::values(values[c].data()));
    }
    return sink(cim::Batch{&scan.cls, part.size(), columns, nullptr, 0});
  }
};

// Sends raw columns.
class ColumnProvider : public RowProvider {
 public:
  ColumnProvider() { batch_rows = 200; }

 protected:
  bool send(const cim::Scan& scan, const cim::Sink& sink,
            const std::vector<const Instance*>& part) override {
    struct Raw {
      std::vector<std::uint64_t> valid;
      std::vector<std::uint8_t> bools;
      std::vector<std::int32_t> sint32;
      std::vector<std::uint32_t> uint32;
      std::vector<std::int64_t> sint64;
      std::vector<std::uint64_t> uint64;
      std::vector<double> real;
      std::vector<Value> values;
    };
    std::vector<Raw> raws(scan.wanted.size());
    std::vector<cim::Column> columns;
    for (std::size_t c = 0; c < scan.wanted.size(); ++c) {
      const cim::Property& property =
          scan.cls.properties()[static_cast<std::size_t>(scan.wanted[c])];
      Raw& raw = raws[c];
      raw.valid.assign(part.size() / 64 + 1, 0);
      for (std::size_t r = 0; r < part.size(); ++r) {
        const Value& value = part[r]->at(scan.wanted[c]);
        if (!value.is_null()) raw.valid[r / 64] |= std::uint64_t{1} << (r % 64);
        raw.bools.push_back(value.as_boolean() ? 1 : 0);
        raw.sint32.push_back(static_cast<std::int32_t>(value.as_sint64()));
        raw.uint32.push_back(static_cast<std::uint32_t>(value.as_uint64()));
        raw.sint64.push_back(value.as_sint64());
        raw.uint64.push_back(value.as_uint64());
        raw.real.push_back(value.is_null() ? 0 : value.as_real());
        raw.values.push_back(value);
      }
      const std::uint64_t* valid = raw.valid.data();
      if (property.is_array) {
        columns.push_back(cim::Column::values(raw.values.data()));
        continue;
      }
      switch (property.type) {
        case Type::kBoolean:
          columns.push_back(cim::Column::bools(raw.bools.data(), valid));
          break;
        case Type::kSint8:
        case Type::kSint16:
        case Type::kSint32:
          columns.push_back(cim::Column::sint32(raw.sint32.data(), valid));
          break;
        case Type::kUint8:
        case Type::kUint16:
        case Type::kChar16:
        case Type::kUint32:
          columns.push_back(cim::Column::uint32(raw.uint32.data(), valid));
          break;
        case Type::kSint64:
          columns.push_back(cim::Column::sint64(raw.sint64.data(), valid));
          break;
        case Type::kUint64:
          columns.push_back(cim::Column::uint64(raw.uint64.data(), valid));
          break;
        case Type::kReal32:
        case Type::kReal64:
          columns.push_back(cim::Column::real64(raw.real.data(), valid));
          break;
        case Type::kString:
          columns.push_back(text_column(scan.wanted[c], raw.values, raw.uint32, valid));
          break;
        default:
          columns.push_back(cim::Column::values(raw.values.data()));
      }
    }
    return sink(cim::Batch{&scan.cls, part.size(), columns, nullptr, 0});
  }

 private:
  struct Texts {
    std::vector<Value> entries = std::vector<Value>(4096);
    std::size_t count = 0;
    std::map<std::string, std::uint32_t, std::less<>> codes;
    cim::Dictionary dictionary;
  };

  cim::Column text_column(int slot, const std::vector<Value>& values,
                          std::vector<std::uint32_t>& codes, const std::uint64_t* valid) {
    Texts& texts = texts_[slot];
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].is_null()) continue;
      const auto [at, added] =
          texts.codes.try_emplace(std::string(values[i].as_text()), texts.count);
      if (added) texts.entries[texts.count++] = values[i];
      codes[i] = at->second;
    }
    texts.dictionary.entries = {texts.entries.data(), texts.count};
    return cim::Column::text(texts.dictionary, codes.data(), valid);
  }

  std::map<int, Texts> texts_;
};

class TestCatalog final : public Catalog {
 public:
  std::vector<ClassPtr> classes;                    // superclasses first
  std::map<std::string, cim::Provider*> providers;  // by class name

  ClassPtr find_class(std::string_view name) const override {
    for (const ClassPtr& cls : classes) {
      if (equal_ignore_case(cls->name(), name)) return cls;
    }
    return nullptr;
  }
  void append_subclasses(std::string_view name, std::vector<ClassPtr>& out) const override {
    for (const ClassPtr& cls : classes) {
      if (name.empty() || (cls->is_a(name) && !equal_ignore_case(cls->name(), name)))
        out.push_back(cls);
    }
  }
  cim::Provider* provider_of(const cim::Class& cls) const override {
    const auto found = providers.find(cls.name());
    return found == providers.end() ? nullptr : found->second;
  }
  std::string_view server() const override { return "VISTA-01"; }
  std::string_view ns() const override { return "root\\cimv2"; }
  std::uint64_t generation() const override { return 1; }
};

struct Caller {
  Principal principal;
  ManualClock clock{FileTime{}};
  cim::Call call{principal, clock, {}};
};

inline Result<ResultSet> query(const Catalog& catalog, std::string_view text,
                               const PlanOptions& options = {}) {
  SL_TRY(const Query parsed, parse(text));
  SL_TRY(const Plan made, plan(parsed, catalog, options));
  const Caller caller;
  return collect(made, catalog, caller.call);
}

}  // namespace slwmi::wql::test
