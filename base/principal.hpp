// Who calls: SIDs, and the principals that a simulated machine knows by name.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace slwmi {

// A security identifier of revision 1: a 48-bit authority and up to 15 sub-authorities. A default
// one is the null value that no principal has.
class Sid {
 public:
  static constexpr std::size_t kMaxSubAuthorities = 15;

  constexpr Sid() = default;
  // More than kMaxSubAuthorities are cut off.
  constexpr Sid(std::uint64_t authority, std::initializer_list<std::uint32_t> subs)
      : authority_(authority) {
    for (const std::uint32_t sub : subs) {
      if (count_ < kMaxSubAuthorities) subs_[count_++] = sub;
    }
  }

  constexpr bool empty() const { return count_ == 0 && authority_ == 0; }
  constexpr std::uint64_t authority() const { return authority_; }
  std::span<const std::uint32_t> sub_authorities() const { return {subs_.data(), count_}; }
  // This SID with one more sub-authority: an account of a domain. Unchanged when it is full.
  constexpr Sid child(std::uint32_t rid) const {
    Sid out = *this;
    if (out.count_ < kMaxSubAuthorities) out.subs_[out.count_++] = rid;
    return out;
  }

  friend constexpr auto operator<=>(const Sid&, const Sid&) = default;

 private:
  std::uint64_t authority_ = 0;
  std::uint32_t count_ = 0;
  std::array<std::uint32_t, kMaxSubAuthorities> subs_{};
};

// "S-1-5-32-544"; the authority in decimal, or hex from 2^32 on ("S-1-0x...").
std::string format_sid(const Sid& sid);
// E_INVALIDARG with the offset of the first bad character. "S" of either case.
Result<Sid> parse_sid(std::string_view text);
// The binary form in security descriptors.
void write_sid(ByteWriter& out, const Sid& sid);
std::size_t sid_size(const Sid& sid);
// Nothing, and the reader failed, when the bytes are no SID of revision 1.
std::optional<Sid> read_sid(ByteReader& in);

namespace sids {
inline constexpr Sid kEveryone{1, {0}};
inline constexpr Sid kCreatorOwner{3, {0}};
inline constexpr Sid kCreatorGroup{3, {1}};
inline constexpr Sid kNetwork{5, {2}};
inline constexpr Sid kInteractive{5, {4}};
inline constexpr Sid kService{5, {6}};
inline constexpr Sid kAnonymous{5, {7}};
inline constexpr Sid kAuthenticatedUsers{5, {11}};
inline constexpr Sid kRestricted{5, {12}};
inline constexpr Sid kSystem{5, {18}};
inline constexpr Sid kLocalService{5, {19}};
inline constexpr Sid kNetworkService{5, {20}};
inline constexpr Sid kAdministrators{5, {32, 544}};
inline constexpr Sid kUsers{5, {32, 545}};
inline constexpr Sid kPowerUsers{5, {32, 547}};
inline constexpr Sid kBackupOperators{5, {32, 551}};
// The invented domain whose accounts the named principals are.
inline constexpr Sid kDomain{5, {21, 1001001001, 2002002002, 3003003003}};
inline constexpr Sid kAdministratorUser = kDomain.child(1000);
inline constexpr Sid kStandardUser = kDomain.child(1001);
}  // namespace sids

struct Principal {
  Sid user;
  std::vector<Sid>
      groups;  // enabled ones only: an unelevated administrator has no Administrators here
  bool elevated = false;  // may pass a check for administrators
  std::string via;        // the tool it calls through; empty when unknown
  std::string name;       // what find_principal was asked for, or the SID

  bool operator==(const Principal&) const = default;
};

// True when `sid` is the principal's user or one of its enabled groups.
bool is_member(const Principal& principal, const Sid& sid);

// anonymous, standard, administrator (elevated), administrator-unelevated, network-service,
// local-service or system, in any case; or a SID, which gives a standard user unless it is the SID
// of one of these. E_INVALIDARG lists the names.
Result<Principal> find_principal(std::string_view name);
std::span<const std::string_view> principal_names();

// The service account that carries out authorised methods.
const Principal& network_service();
const Principal& system_principal();

}  // namespace slwmi
