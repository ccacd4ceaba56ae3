#include "world/shared.hpp"

#include "provider/catalogue_loader.hpp"
#include "provider/embedded_schema.hpp"
#include "provider/event_chunk.hpp"
#include "registry/image.hpp"
#include "schema/schema_image.hpp"
#include "world/net/codec.hpp"
#include "world/net/lookup.hpp"

namespace slwmi::world {
namespace {

constexpr std::string_view kSchemaBlob = "schema";

}  // namespace

StoreHooks WorldShared::hooks() {
  StoreHooks out;
  out.images = [this](const StoredProfile& profile) -> Result<reg::ImagePtr> {
    SL_TRY(const std::shared_ptr<const Definitions> known, definitions());
    SL_TRY(const licensing::Catalogue::Resolved resolved,
           known->catalogue->resolve({profile.os, profile.role, profile.edition}));
    return reg::embedded_image(resolved.os->image, resolved.product->edition);
  };
  out.events = [](const EventChunk& chunk) -> Result<std::uint64_t> {
    std::uint64_t sum = 0;
    SL_CHECK(licensing::each_chunk(chunk.data, [&](const licensing::ChunkReader& part) {
      sum += part.digest();
      return true;
    }));
    return sum;
  };
  out.adopt = [this](std::span<std::byte> data, EventChunk& chunk) -> Result<> {
    SL_TRY(const licensing::Adopted adopted,
           licensing::adopt(data, chunk.machine, [this](MachineId host) -> std::string {
             const auto info = store_->info(host);
             if (!info) return {};
             return net::dns_name(info->name, info->domain);
           }));
    chunk.machine = adopted.machine;
    chunk.count = static_cast<std::uint32_t>(adopted.items);
    return {};
  };
  return out;
}

Result<std::unique_ptr<WorldShared>> WorldShared::open(const std::string& path, Database::Mode mode,
                                                       std::uint64_t seed) {
  std::unique_ptr<WorldShared> out(new WorldShared);
  SL_TRY(out->store_, Store::open(path, mode, seed, out->hooks()));
  return out;
}

Result<std::unique_ptr<WorldShared>> WorldShared::in_memory(std::uint64_t seed) {
  std::unique_ptr<WorldShared> out(new WorldShared);
  SL_TRY(out->store_, Store::in_memory(seed, out->hooks()));
  return out;
}

Result<std::shared_ptr<const Definitions>> WorldShared::define(cim::RepositoryPtr schema) const {
  auto out = std::make_shared<Definitions>();
  SL_TRY(out->catalogue, licensing::load_catalogue(*schema));
  out->schema = std::move(schema);
  return std::shared_ptr<const Definitions>(std::move(out));
}

Result<std::shared_ptr<const Definitions>> WorldShared::definitions() {
  // The store is never asked with mutex_ held: it asks for an image while it holds its own.
  const std::uint64_t epoch = store_->schema_epoch();
  {
    const std::lock_guard lock(mutex_);
    if (definitions_ != nullptr && epoch == epoch_) return definitions_;
  }
  SL_TRY(std::optional<Bytes> stored, store_->blob(kSchemaBlob));
  cim::RepositoryPtr schema = licensing::embedded_schema();
  if (stored) {
    const auto bytes = std::make_shared<const Bytes>(*std::move(stored));
    SL_TRY(std::shared_ptr<const cim::SchemaImage> image,
           cim::SchemaImage::open(*bytes, schema, bytes));
    schema = std::make_shared<cim::Repository>(std::move(image));
  }
  SL_TRY(std::shared_ptr<const Definitions> defined, define(std::move(schema)));
  const std::lock_guard lock(mutex_);
  if (definitions_ == nullptr || epoch > epoch_) {
    definitions_ = defined;
    epoch_ = epoch;
  }
  return defined;
}

Result<> WorldShared::change_schema(const std::function<Result<>(cim::Repository&)>& change) {
  SL_TRY(const std::shared_ptr<const Definitions> before, definitions());
  const bool first = before->schema == licensing::embedded_schema();
  auto next = first ? std::make_shared<cim::Repository>(before->schema)
                    : std::make_shared<cim::Repository>(*before->schema);
  SL_CHECK(change(*next));
  SL_TRY(const std::shared_ptr<const Definitions> defined,
         define(next));  // a catalogue that does not load changes nothing
  {
    const std::lock_guard lock(witness_mutex_);
    for (SchemaWitness* const witness : witnesses_) witness->schema_ends(before);
  }
  return store_->set_blob(kSchemaBlob, cim::encode(*next), JournalKind::kSchema);
}

void WorldShared::add_witness(SchemaWitness& witness) {
  const std::lock_guard lock(witness_mutex_);
  witnesses_.push_back(&witness);
}

void WorldShared::remove_witness(SchemaWitness& witness) {
  const std::lock_guard lock(witness_mutex_);
  std::erase(witnesses_, &witness);
}

Result<std::shared_ptr<const net::CompiledNetwork>> WorldShared::network() {
  const std::uint64_t epoch = store_->network_epoch();
  {
    const std::lock_guard lock(mutex_);
    if (network_ != nullptr && epoch == network_epoch_) return network_;
  }
  SL_TRY(const std::optional<Bytes> stored, store_->blob(net::kBlob));
  SL_TRY(net::Model model, net::decode(stored ? ByteSpan(*stored) : ByteSpan()));
  Result<> found;
  const auto resolve = [&](std::string_view host) -> MachineId {
    const Result<MachineId> id = net::machine_of(*this, host);
    if (!id) found = tl::make_unexpected(id.error());
    return id.value_or(0);
  };
  auto compiled = std::make_shared<const net::CompiledNetwork>(
      std::make_shared<const net::Model>(std::move(model)), store_->seed(), resolve);
  SL_CHECK(found);
  const std::lock_guard lock(mutex_);
  if (network_ == nullptr || epoch > network_epoch_) {
    network_ = compiled;
    network_epoch_ = epoch;
  }
  return std::shared_ptr<const net::CompiledNetwork>(std::move(compiled));
}

Result<> WorldShared::change_network(const std::function<Result<>(net::Model&)>& change) {
  return store_->update_blob(net::kBlob, JournalKind::kNetwork,
                             [&](ByteSpan before) { return net::change(before, change); });
}

}  // namespace slwmi::world
