// Several commits as one: what is committed to the machines of a batch is seen there at once and
// goes to the store when the batch is committed, all of it in one transaction. So a client and the
// host that counted it change together, whoever wrote first. For one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "world/store.hpp"

namespace slwmi::world {

class Batch {
 public:
  // The store must outlive the batch, and the batch what it gives out.
  explicit Batch(Store& store) : store_(store) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // The machine's registry as the batch has it. A commit to it is refused at once
  // (ERROR_TRANSACTIONAL_CONFLICT) when it is exclusive and the batch has newer changes.
  std::shared_ptr<reg::Store> machine(MachineId id);
  // As Store::blob and Store::update_blob; the change is refused at commit() when somebody else
  // changed the blob meanwhile.
  Result<Bytes> blob(std::string_view name);
  Result<> update_blob(std::string_view name, JournalKind kind,
                       const std::function<Result<Bytes>(ByteSpan)>& change);

  bool empty() const;
  void discard();
  // Everything since the last commit(), or nothing of it. The batch is empty after, either way.
  Result<reg::Generation> commit();

 private:
  class Pending;
  struct Blob {
    Bytes before, after;
    JournalKind kind = JournalKind::kNone;
  };
  Store& store_;
  std::map<MachineId, std::shared_ptr<Pending>> machines_;
  std::map<std::string, Blob, std::less<>> blobs_;
};

}  // namespace slwmi::world
