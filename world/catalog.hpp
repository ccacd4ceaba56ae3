// The namespace of a machine as the query engine sees it: which classes its OS version has, and who
// answers for each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.hpp"
#include "provider/host.hpp"
#include "query/catalog.hpp"
#include "schema/repository.hpp"

namespace slwmi::world {

class NamespaceCatalog final : public wql::Catalog {
 public:
  // `host` must outlive the catalog. `version` is the machine's.
  NamespaceCatalog(cim::RepositoryPtr repository, cim::Version version, std::string ns,
                   const licensing::Host& host);
  ~NamespaceCatalog() override;

  cim::ClassPtr find_class(std::string_view name) const override;
  void append_subclasses(std::string_view name, std::vector<cim::ClassPtr>& out) const override;
  cim::Provider* provider_of(const cim::Class& cls) const override;
  std::string_view server() const override { return host_.facts.name; }
  std::string_view ns() const override { return ns_; }
  std::uint64_t generation() const override { return view_.repository().serial(); }

  const cim::Repository& repository() const { return view_.repository(); }

 private:
  std::unique_ptr<cim::Provider> make_provider(const cim::Class& cls) const;

  cim::VersionView view_;
  std::string ns_;
  const licensing::Host& host_;
  // By class object, and by name: both live as long as this catalog, which a change of the schema
  // replaces.
  mutable std::unordered_map<const cim::Class*, cim::Provider*> provider_of_;
  mutable std::map<std::string, std::unique_ptr<cim::Provider>, IgnoreCaseLess> providers_;
  mutable std::map<std::string, std::vector<cim::ClassPtr>, IgnoreCaseLess> below_;
};

}  // namespace slwmi::world
