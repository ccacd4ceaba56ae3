// A compiled repository as bytes: the embedded schema of the program and the MOF that users compile
// into a world. Opening checks the frame; a class or a table of instances is decoded when it is
// first asked for, so that a process pays for what it uses. docs/formats.md has the bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "schema/class.hpp"
#include "schema/instance_table.hpp"

namespace slwmi::cim {

class Repository;

// What `repository` has over its base, with everything below when it has none. The same content
// gives the same bytes.
Bytes encode(const Repository& repository);

// Safe to read from any thread.
class SchemaImage {
 public:
  // `bytes` must stay; `owner` keeps them if given. `base` holds the superclasses that the image
  // does not have itself. ERROR_FILE_CORRUPT with the offset. Bytes that are part of the program
  // need no look at their hash, which would fetch every page of them.
  enum class Origin { kOutside, kProgram };
  static Result<std::shared_ptr<const SchemaImage>> open(
      ByteSpan bytes, std::shared_ptr<const Repository> base = nullptr,
      std::shared_ptr<const void> owner = nullptr, Origin origin = Origin::kOutside);

  const std::shared_ptr<const Repository>& base() const { return base_; }
  bool has_namespace(std::string_view ns) const { return find_namespace(ns) != nullptr; }
  void append_namespaces(std::vector<std::string>& out) const;

  // nullptr: the image does not know the class. A null class: it is deleted here, or its superclass
  // is gone.
  const ClassPtr* find_class(std::string_view ns, std::string_view name) const;
  // Every class that the image knows, by name, without decoding it; the superclass is empty when
  // there is none.
  void each_class(
      std::string_view ns,
      FunctionRef<void(std::string_view name, std::string_view superclass)> visit) const;

  InstanceTablePtr instances(std::string_view ns, std::string_view class_name) const;
  void each_table(std::string_view ns, FunctionRef<void(std::string_view class_name)> visit) const;

 private:
  friend class ImageReader;
  template <class Pointer>
  struct Entry {
    std::uint32_t name = 0;
    std::uint32_t extra = 0;  // of classes the superclass's name; of tables the number of rows
    std::uint32_t body = 0;   // 0: deleted
    mutable std::atomic<bool> decoded{false};
    mutable bool decoding = false;  // under the lock
    mutable Pointer value;
  };
  struct Namespace {
    std::string_view name;
    std::vector<Entry<ClassPtr>> classes;  // by upcased name, as the tables are
    std::vector<Entry<InstanceTablePtr>> tables;
  };

  SchemaImage() = default;
  Result<> read_frame(Origin origin);
  template <class Pointer>
  Result<> read_entries(std::vector<Entry<Pointer>>& out, std::size_t offset, std::size_t count);
  std::string_view string(std::uint32_t id) const;  // empty when there is no such string
  const Namespace* find_namespace(std::string_view ns) const;
  template <class Pointer>
  const Entry<Pointer>* find(const std::vector<Entry<Pointer>>& entries,
                             std::string_view name) const;

  ByteSpan bytes_;
  std::shared_ptr<const Repository> base_;
  std::shared_ptr<const void> owner_;
  std::uint32_t string_count_ = 0;
  std::size_t string_offsets_ = 0;
  std::string_view text_;
  std::vector<Namespace> namespaces_;
  mutable std::recursive_mutex decoding_;
};

}  // namespace slwmi::cim
