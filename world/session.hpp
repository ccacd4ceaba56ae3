// Session: a principal connected to a namespace of a machine; the one facade for query, get, call
// and put. Every call sees what other processes have committed. Not for use by two threads at once;
// open a session per thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "query/plan.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"
#include "schema/value.hpp"

namespace slwmi::world {

class Machine;
class Subscription;

// A row of a query: an instance with the selected slots filled, the others null.
using Row = cim::Instance;
using Parameters = std::vector<std::pair<std::string, cim::Value>>;

struct CallResult {
  cim::Value return_value;
  Parameters out;  // [out] parameters by name, in alphabetical order as WMI enumerates them
};

class Session {
 public:
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // All rows of a WQL data, schema, ASSOCIATORS OF or REFERENCES OF query; plans are cached by
  // text.
  Result<std::vector<Row>> query(std::string_view wql);
  // The same, row by row; `sink` returns false to stop.
  Result<> query(std::string_view wql, FunctionRef<bool(const Row&)> sink);
  // The same without making instances: a row is valid during the call only.
  Result<> query_rows(std::string_view wql, wql::RowSink sink);
  // Rows with the names of the select list, or classes for queries that ask for definitions.
  Result<wql::ResultSet> collect(std::string_view wql);
  // wql::column_names, without running the query.
  Result<std::vector<std::string>> columns(std::string_view wql);
  // The plan as text: what is pushed to the provider, what the engine checks.
  Result<std::string> explain(std::string_view wql);

  // The instance that a path names. WBEM_E_NOT_FOUND, WBEM_E_INVALID_OBJECT_PATH,
  // WBEM_E_INVALID_CLASS; a path without keys is a class: get_class.
  Result<cim::Instance> get(std::string_view path);
  Result<cim::ClassPtr> get_class(std::string_view name);  // WBEM_E_NOT_FOUND
  Result<std::vector<cim::ClassPtr>> classes(std::string_view superclass = {}, bool deep = true);

  // One property of the instance that `path` names, without building the instance.
  Result<cim::Value> read(std::string_view path, std::string_view property);

  // Runs a method; `in` by parameter name. A failure changes nothing.
  Result<CallResult> call(std::string_view path, std::string_view method,
                          const Parameters& in = {});
  Result<> put(const cim::Instance& instance);
  Result<> remove(std::string_view path);

  // Subscribes to the events of a notification query (world/watch.hpp). The subscription stands
  // alone: the session may go, or be used by another thread.
  Result<Subscription> watch(std::string_view wql);

  const std::string& ns() const;
  const std::string& server() const;
  const Principal& caller() const;

 private:
  friend class Machine;
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace slwmi::world
