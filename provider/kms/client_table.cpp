#include "provider/kms/client_table.hpp"

namespace slwmi::licensing::kms {
namespace {

constexpr std::size_t kLeastBuckets = 64;
constexpr std::size_t kBucketsEach = 16;  // so few look-ups go on in vain
constexpr std::size_t kMostGone = 64;     // before those that stay move up

}  // namespace

void ClientTable::note(std::uint64_t id) {
  if (buckets_.size() >= kBucketsEach * size()) {
    ++bucket(id);
    return;
  }
  buckets_.assign(std::max(kLeastBuckets, buckets_.size() * 2), 0);
  for (const Client& client : *this) ++bucket(client.id);
}

void ClientTable::append(const Client& client) {
  clients_.push_back(client);
  note(client.id);
}

void ClientTable::insert(const Client& client) {
  auto place = clients_.end();
  const auto first = clients_.begin() + static_cast<std::ptrdiff_t>(first_);
  while (place != first && std::prev(place)->seen > client.seen) --place;
  clients_.insert(place, client);
  note(client.id);
}

void ClientTable::erase(std::uint64_t id) {
  if (buckets_.empty() || bucket(id) == 0) return;
  const auto known = std::find_if(begin(), end(), [&](const Client& c) { return c.id == id; });
  if (known == end()) return;
  clients_.erase(known);
  --bucket(id);
}

void ClientTable::drop_oldest(std::size_t count) {
  for (count = std::min(count, size()); count > 0; --count) --bucket(clients_[first_++].id);
  if (first_ < kMostGone || first_ < size()) return;
  clients_.erase(clients_.begin(), clients_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

}  // namespace slwmi::licensing::kms
