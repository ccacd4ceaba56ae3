#include "provider/kms/client_table.hpp"

namespace slwmi::licensing::kms {

void ClientTable::grow() {
  constexpr std::size_t kLeast = 64;
  buckets_.assign(std::max(kLeast, buckets_.size() * 2), 0);
  for (const Client& client : *this) ++bucket(client.id);
}

void ClientTable::insert_before(const Client& client) {
  const auto first = clients_.begin() + static_cast<std::ptrdiff_t>(first_);
  auto place = clients_.end();
  while (place != first && std::prev(place)->seen > client.seen) --place;
  clients_.insert(place, client);
  note(client.id);
}

void ClientTable::find_and_erase(std::uint64_t id) {
  const auto known = std::find_if(begin(), end(), [&](const Client& c) { return c.id == id; });
  if (known == end()) return;
  clients_.erase(known);
  --bucket(id);
}

void ClientTable::move_up() {
  clients_.erase(clients_.begin(), clients_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

}  // namespace slwmi::licensing::kms
