// The clients that a KMS host remembers, oldest first. Most that ask a busy host are not among the
// few that it remembers: a filter tells so without a look at each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "provider/license.hpp"

namespace slwmi::licensing::kms {

struct Client {
  std::uint64_t id = 0;  // seed of the client machine ID: equal seeds are equal IDs
  Minute seen = 0;
  bool operator==(const Client&) const = default;
};

class ClientTable {
 public:
  using Iterator = std::vector<Client>::const_iterator;
  Iterator begin() const { return clients_.begin() + static_cast<std::ptrdiff_t>(first_); }
  Iterator end() const { return clients_.end(); }
  std::size_t size() const { return clients_.size() - first_; }
  bool empty() const { return size() == 0; }
  const Client& front() const { return clients_[first_]; }
  const Client& back() const { return clients_.back(); }

  // Behind all others, whenever it was seen.
  void append(const Client& client) {
    Client& last = clients_.emplace_back();
    last.id = client.id;
    last.seen = client.seen;
    note(client.id);
  }
  // At its place by time, which is the end unless a clock was set back.
  void insert(const Client& client) {
    if (empty() || back().seen <= client.seen) return append(client);
    insert_before(client);
  }
  // The client of that ID goes, if it is there.
  void erase(std::uint64_t id) {
    if (!buckets_.empty() && bucket(id) != 0) find_and_erase(id);
  }
  // At most `count` of the oldest go.
  void drop_oldest(std::size_t count) {
    for (count = std::min(count, size()); count > 0; --count) --bucket(clients_[first_++].id);
    if (first_ >= kMostGone && first_ >= size()) move_up();
  }

  bool operator==(const ClientTable& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  static constexpr std::size_t kBucketsEach = 16;  // so few look-ups go on in vain
  static constexpr std::size_t kMostGone = 64;     // before those that stay move up

  std::uint32_t& bucket(std::uint64_t id) { return buckets_[id & (buckets_.size() - 1)]; }
  void note(std::uint64_t id) {
    if (buckets_.size() < kBucketsEach * size()) return grow();
    ++bucket(id);
  }
  void grow();
  void insert_before(const Client& client);
  void find_and_erase(std::uint64_t id);
  void move_up();

  std::vector<Client> clients_;
  std::size_t first_ = 0;               // those before are gone
  std::vector<std::uint32_t> buckets_;  // how many clients have IDs that end so; 2^n of them
};

}  // namespace slwmi::licensing::kms
