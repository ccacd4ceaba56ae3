// Cohorts: machines that renewed one after the other and, as long as nothing else happens to them,
// will do so again. One leads and is planned for all; what renewals make of the records of the
// others is the same, and is written there when somebody is to look at them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "provider/kms/exchange.hpp"

namespace slwmi::world::simulation {

class Cohorts {
 public:
  static constexpr std::size_t kLeast = 4;  // machines; fewer are not worth it

  struct Cohort {
    std::uint32_t first = 0, count = 0;  // among all members
    std::uint16_t generation = 0;        // as of AlikeClients
    bool behind = false;                 // the records of all but the leader are
    bool gone = false;
  };

  // `machines`: how many there are.
  explicit Cohorts(std::uint32_t machines);

  // For so many members; what those of dissolved cohorts took returns with clear() alone.
  bool has_room(std::size_t members) const {
    return members <= members_.capacity() - members_.size();
  }
  // Whether it is time for that.
  bool is_wasteful() const { return members_.size() - live_ > members_.capacity() / 8; }

  // The first of `machines`, ascending, none of which is in a cohort, leads; needs room.
  void form(std::span<const std::uint32_t> machines, const licensing::AlikeClients& clients);
  void dissolve(Cohort& cohort);
  void clear();

  // nullptr: the machine leads none.
  Cohort* led_by(std::uint32_t machine) {
    const std::uint32_t number = led_[machine];
    return number == 0 ? nullptr : &cohorts_[number];
  }
  // Ascending; the leader comes first.
  std::span<const std::uint32_t> members(const Cohort& cohort) const {
    return std::span(members_).subspan(cohort.first, cohort.count);
  }
  std::span<licensing::ClientPart> parts(const Cohort& cohort) {
    return std::span(parts_).subspan(cohort.first, cohort.count);
  }
  // All; some may be gone.
  std::span<Cohort> all() { return std::span(cohorts_).subspan(1); }
  void fetch(std::uint32_t machine) const;  // into the processor's cache what it leads

 private:
  std::vector<std::uint32_t> led_;  // by machine: the number of a cohort, or 0
  std::vector<Cohort> cohorts_;
  std::vector<std::uint32_t> members_;
  std::vector<licensing::ClientPart> parts_;
  std::size_t live_ = 0;  // members of cohorts that are not gone
};

}  // namespace slwmi::world::simulation
