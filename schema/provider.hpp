// The seam between the query engine and what answers for a class. A provider fills the slots it is
// asked for and may use, or ignore, the comparisons pushed down to it; the engine checks every row
// again.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "schema/batch.hpp"
#include "schema/value.hpp"

namespace slwmi {
class Clock;
struct Principal;
}  // namespace slwmi

namespace slwmi::cim {

class Class;
using ClassPtr = std::shared_ptr<const Class>;
class Instance;
class ObjectPath;
struct Method;

// A named value that a caller sends along with a call, such as __ProviderArchitecture.
struct ContextValue {
  std::string_view name;
  Value value;
};

// Who calls, when, and with which context values. Everything a provider may know of its
// surroundings.
struct Call {
  const Principal& caller;
  const Clock& clock;
  std::span<const ContextValue> context = {};

  // The context value of that name, compared without case; nullptr when the caller sent none.
  const Value* find(std::string_view name) const;
};

enum class CompareOp : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kLike,
  kIsNull,
  kIsNotNull,
};

// One condition on one slot: `slot op value`. The value has the slot's type already (for kLike: the
// pattern); it is null for kIsNull and kIsNotNull.
struct Comparison {
  int slot = -1;
  CompareOp op = CompareOp::kEqual;
  Value value;
};

// What a query wants of one class: the slots to fill, and conditions that must all hold. The
// conditions are hints.
struct Scan {
  const Class& cls;
  std::span<const int> wanted;
  std::span<const Comparison> pushed = {};

  // The value that `slot` must equal, if a pushed comparison says so: the way to a lookup by key.
  const Value* equal_to(int slot) const;
};

// Values of a method's parameters, by position in its declaration, in and out parameters counted
// alike. Values of in parameters are coerced, in range, and have the declared default where the
// caller gave none.
using Params = std::span<const Value>;

struct MethodResult {
  Value return_value;  // what WMI calls ReturnValue
  std::vector<Value>
      out;  // by position in the declaration; may end early, or be empty when no parameter goes out
};

class Provider {
 public:
  Provider() = default;
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;
  virtual ~Provider() = default;

  // Sends the instances of scan.cls itself (not of its subclasses) to the sink, batch by batch;
  // returns early, with success, when the sink answers false. Rows that fail a pushed comparison
  // may be sent or left out.
  virtual Result<> enumerate(const Call& call, const Scan& scan, const Sink& sink) = 0;

  // The instance that the path names, with the wanted slots filled. WBEM_E_NOT_FOUND when there is
  // none. By default an enumeration with the keys pushed down.
  virtual Result<Instance> get(const Call& call, const ClassPtr& cls, const ObjectPath& path,
                               std::span<const int> wanted);

  // Runs a method on the instance (or class, for a static method) that the path names. By default
  // WBEM_E_PROVIDER_NOT_CAPABLE, as for put and delete_instance.
  virtual Result<MethodResult> invoke(const Call& call, const ObjectPath& path,
                                      const Method& method, const Params& in);

  virtual Result<> put(const Call& call, const Instance& instance);
  virtual Result<> delete_instance(const Call& call, const ObjectPath& path);
};

}  // namespace slwmi::cim
