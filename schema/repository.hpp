// Namespaces with their classes and static instances. A repository lies over a shared base: a
// world's own classes over the embedded schema. Reading is safe from any thread while nobody
// writes; writers work on a copy and swap it in.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/text.hpp"
#include "schema/class.hpp"
#include "schema/instance.hpp"
#include "schema/instance_table.hpp"

namespace slwmi::cim {

class SchemaImage;

class Repository {
 public:
  explicit Repository(std::shared_ptr<const Repository> base = nullptr) : base_(std::move(base)) {}
  // What was encoded, over the base that the image was opened with.
  explicit Repository(std::shared_ptr<const SchemaImage> image);

  // "root\\cimv2" of "\\\\.\\root\\cimv2", "//./ROOT/cimv2", "root/cimv2"; WBEM_E_INVALID_NAMESPACE
  // when malformed.
  static Result<std::string> canonical_namespace(std::string_view text);

  // --- namespaces, in canonical form, compared without case ---
  bool has_namespace(std::string_view ns) const;
  Result<> create_namespace(
      std::string_view ns);  // WBEM_E_INVALID_NAMESPACE when the parent is missing
  std::vector<std::string> namespaces() const;  // all of them, in order

  // --- classes ---
  // System classes (names that start with "__") are in every namespace.
  ClassPtr find_class(std::string_view ns, std::string_view name) const;
  // Every class of the namespace, system classes too, each after its superclass, otherwise by name.
  std::vector<ClassPtr> classes(std::string_view ns) const;
  // Appends every class below `name` at any depth, each after its superclass, and looks at no
  // other.
  void append_subclasses(std::string_view ns, std::string_view name,
                         std::vector<ClassPtr>& out) const;
  // WBEM_E_INVALID_SUPERCLASS when the superclass is not the one of this namespace;
  // WBEM_E_CLASS_HAS_CHILDREN when an existing class with subclasses would change its declaration.
  Result<> put_class(std::string_view ns, ClassPtr cls, PutMode mode = PutMode::kCreateOrUpdate);
  // WBEM_E_INVALID_CLASS, WBEM_E_CLASS_HAS_CHILDREN, WBEM_E_CLASS_HAS_INSTANCES.
  Result<> delete_class(std::string_view ns, std::string_view name);

  // --- static instances ---
  // nullptr when the class has none.
  InstanceTablePtr instances(std::string_view ns, std::string_view class_name) const;
  // WBEM_E_ILLEGAL_NULL for a null key, WBEM_E_ALREADY_EXISTS, WBEM_E_NOT_FOUND,
  // WBEM_E_INVALID_OPERATION for an abstract class.
  Result<> put_instance(std::string_view ns, Instance instance,
                        PutMode mode = PutMode::kCreateOrUpdate);
  // Many at once: one copy of the table.
  Result<> put_instances(std::string_view ns, std::vector<Instance> instances,
                         PutMode mode = PutMode::kCreateOrUpdate);
  Result<> delete_instance(std::string_view ns, std::string_view class_name,
                           std::string_view relpath);

  // Changes whenever the repository does.
  std::uint64_t serial() const { return serial_; }

  // --- what lies over the base, for storing it ---
  struct Namespace {
    std::map<std::string, ClassPtr, IgnoreCaseLess> classes;  // null: deleted here
    std::map<std::string, InstanceTablePtr, IgnoreCaseLess> instances;
  };
  std::map<std::string, Namespace, IgnoreCaseLess> layer() const;
  const std::shared_ptr<const Repository>& base() const { return base_; }

  static constexpr int kMaxDerivation = 64;  // classes above a class

  static constexpr std::string_view kSystemNamespace = "__system";  // where the system classes lie
  // Where a class of that name lies: system classes are in every namespace.
  static std::string_view home_of(std::string_view ns, std::string_view name) {
    return name.starts_with("__") ? kSystemNamespace : ns;
  }

 private:
  // nullptr: no layer knows the class; a null class: it was deleted.
  const ClassPtr* find_layered(std::string_view ns, std::string_view name) const;
  using Names = std::set<std::string, IgnoreCaseLess>;
  void collect_names(std::string_view ns, Names& out) const;
  void collect_children(std::string_view ns, std::string_view superclass, Names& out) const;
  bool has_children(std::string_view ns, const Class& cls) const;
  void touch();

  std::shared_ptr<const Repository> base_;
  std::shared_ptr<const SchemaImage> image_;              // over the base
  std::map<std::string, Namespace, IgnoreCaseLess> own_;  // over the image
  std::uint64_t serial_ = 0;
};
using RepositoryPtr = std::shared_ptr<const Repository>;

// A repository as one OS version sees it: classes and members by their Since and Until qualifiers.
// Not thread-safe.
class VersionView {
 public:
  VersionView(RepositoryPtr repository, Version version)
      : repository_(std::move(repository)), version_(version) {}
  const Repository& repository() const { return *repository_; }
  const RepositoryPtr& repository_ptr() const { return repository_; }
  const Version& version() const { return version_; }
  ClassPtr find_class(std::string_view ns,
                      std::string_view name) const;  // nullptr when this version lacks it
  std::vector<ClassPtr> classes(std::string_view ns) const;
  // All classes below `name`, or all there are when it is empty; superclasses come first, then
  // names decide. Looks at no other class.
  void append_subclasses(std::string_view ns, std::string_view name,
                         std::vector<ClassPtr>& out) const;

 private:
  ClassPtr cut(const ClassPtr& cls) const;
  RepositoryPtr repository_;
  Version version_;
  mutable std::unordered_map<const Class*, ClassPtr> cut_;
};

}  // namespace slwmi::cim
