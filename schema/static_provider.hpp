// Answers for classes without code behind them: the static instances of a repository, scanned as
// columns, found by key without a scan.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "schema/provider.hpp"
#include "schema/repository.hpp"

namespace slwmi::cim {

// One object serves every class of the namespace. Reads only: writing a static instance is a change
// of the repository. Safe to use from any thread.
class StaticProvider final : public Provider {
 public:
  StaticProvider(RepositoryPtr repository, std::string ns)
      : repository_(std::move(repository)), ns_(std::move(ns)) {}

  Result<> enumerate(const Call& call, const Scan& scan, const Sink& sink) override;
  // Every slot is filled, wanted or not.
  Result<Instance> get(const Call& call, const ClassPtr& cls, const ObjectPath& path,
                       std::span<const int> wanted) override;

 private:
  RepositoryPtr repository_;
  std::string ns_;
};

}  // namespace slwmi::cim
