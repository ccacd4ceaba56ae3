// Object paths: \\server\root\cimv2:Class.Key="v",Other=2 in all their forms, as GetObject,
// IWbemPath and ConnectServer read them. Pure functions of the text; only resolving needs a class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "schema/value.hpp"

namespace slwmi::cim {

class Class;

// Which parts of a path ObjectPath::text gives (WBEMPATH_GET_... of IWbemPath::GetText).
enum class PathText : std::uint8_t {
  kWithoutServer,  // 0: namespace and object
  kRelativeOnly,   // the object alone
  kServerToo,      // all; a path without a server is on "."
  kServerAndNamespaceOnly,
  kNamespaceOnly,
};

class ObjectPath {
 public:
  struct Key {
    std::string name;  // empty in the form Class="v"
    Value value;       // string, sint64, uint64 or boolean, as written
    bool operator==(const Key&) const = default;
  };

  static constexpr std::size_t kMaxBytes = 65536;
  static constexpr std::size_t kMaxKeys = 256;

  ObjectPath() = default;
  ObjectPath(std::string class_name, std::vector<Key> keys)
      : class_name_(std::move(class_name)), keys_(std::move(keys)) {}

  // A path as GetObject takes it: [[\\server\]namespace:]Class, then nothing, .Key=v{,Key=v}, =v or
  // =@; or a namespace alone. WBEM_E_INVALID_OBJECT_PATH with the offset.
  static Result<ObjectPath> parse(std::string_view text);

  const std::string& server() const { return server_; }  // empty when the path names none
  bool is_local() const;                                 // names no server, "." or localhost
  const std::string& ns() const { return ns_; }          // with single backslashes; may be empty
  const std::string& class_name() const { return class_name_; }  // empty: a namespace's path
  const std::vector<Key>& keys() const { return keys_; }         // in the order of the text
  bool is_singleton() const { return singleton_; }
  bool is_class() const { return !class_name_.empty() && keys_.empty() && !singleton_; }
  bool is_instance() const { return !keys_.empty() || singleton_; }

  // The value of that key, compared without case; also the one nameless value of Class="v". nullptr
  // when there is none.
  const Value* find_key(std::string_view name) const;

  // The values of the class's keys in the order of Class::key_slots, each as its property's type.
  // WBEM_E_INVALID_OBJECT_PATH when the path names other keys than the class has or a value does
  // not fit.
  Result<std::vector<Value>> resolve(const Class& cls) const;
  // The one spelling that instances of `cls` have too (Instance::relpath). Errors as resolve.
  Result<std::string> canonical_relpath(const Class& cls) const;

  // Normalised: backslashes, double quotes, \\ and \" escaped, decimal numbers. Keys keep their
  // order.
  std::string text(PathText parts = PathText::kServerToo) const;

  bool operator==(const ObjectPath&) const = default;

 private:
  friend class PathParser;
  std::string server_;
  std::string ns_;
  std::string class_name_;
  std::vector<Key> keys_;
  bool singleton_ = false;
};

// Class.A="x",B=2 or Class=@: `keys` in the order of Class::key_slots. Empty when a key is null, or
// the class has neither keys nor is a singleton.
std::string make_relpath(const Class& cls, std::span<const Value> keys);
void append_key_value(std::string& out, const Value& value);

// Bits of WBEM_PATH_CREATE_FLAG, as IWbemPath::SetText takes them.
inline constexpr unsigned kAcceptRelative = 1;
inline constexpr unsigned kAcceptAbsolute = 2;
inline constexpr unsigned kAcceptAll = 4;
inline constexpr unsigned kSingleNameIsNamespace = 8;

// IWbemPath::SetText. kAcceptRelative takes paths with and without a server, kAcceptAbsolute those
// with a server and a namespace, kAcceptAll also a server alone and nothing.
// WBEM_E_INVALID_PARAMETER with the offset for every failure, as Windows.
Result<ObjectPath> parse_wbem_path(std::string_view text, unsigned mode);

// What ConnectServer is asked for. `server` is "." when the text names none.
struct ConnectTarget {
  std::string server;
  std::string ns;  // "" when the text ends after the server
};
// WBEM_E_INVALID_PARAMETER for an empty server, WBEM_E_INVALID_NAMESPACE for an empty text or an
// empty name between slashes.
Result<ConnectTarget> parse_connect(std::string_view text);
// The same, and RPC_S_SERVER_UNAVAILABLE (0x800706BA) or WBEM_E_INVALID_NAMESPACE for what is not
// there.
Result<ConnectTarget> connect(std::string_view text, FunctionRef<bool(std::string_view)> has_host,
                              FunctionRef<bool(std::string_view)> has_namespace);

// One row of `slwmi wql lint --path`. `kind` is connect (this computer and the namespaces that
// every system has), path (`option`: GetObject or WBEMPATH_CREATE_... flags joined by |) or
// path-normalise (`option`: the rest of WBEMPATH_GET_...).
struct PathCheck {
  HResult code = static_cast<HResult>(0);
  std::string text;        // normalised; empty after a failure
  std::string message;     // of a failure
  std::size_t offset = 0;  // of a failure
};
PathCheck check_path(std::string_view kind, std::string_view path, std::string_view option);

}  // namespace slwmi::cim
