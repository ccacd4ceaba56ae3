// One attempt of a KMS client as the event logs keep it: the events 12288 and 12289 of the client
// and 12290 of the host are three views of one exchange. A simulation appends these by the million,
// so an exchange is plain bytes, names follow from numbers, and texts are made when somebody reads.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "base/datetime.hpp"
#include "base/hresult.hpp"
#include "base/text.hpp"

namespace slwmi::licensing {

// What happened in an exchange, and what the client said of itself.
enum class ExchangePart : std::uint8_t {
  kRequested = 1u << 0,  // 12288 in the client's Application log: generated, or failed to be
  kProcessed = 1u << 1,  // 12289 in the client's Application log: a response was validated
  kServed = 1u << 2,     // 12290 in the host's Key Management Service log
  kVirtualMachine = 1u << 3,
  kBound = 1u << 4,  // the client was licensed by the response
};

// The status flags of 12288 and 12289 (VA2, "KMS Events Logged", note 1), one bit each.
enum class BindingFlag : std::uint8_t {
  kOtherPc = 1u << 0,          // 0x00000008, a warning: the firmware has no ACPI_SLIC table
  kNoRegistration = 1u << 1,   // 0x01000000: no KMS host found
  kInvalidDataType = 1u << 2,  // 0x02000000: a registration that is no host and port
  kNotEnoughCount = 1u << 3,   // 0x04000000
  kNotWindowsSlp = 1u << 4,    // 0x08000000: an ACPI_SLIC table without a Windows marker
};

// A number of three bytes, -8388608 to 8388607.
class Int24 {
 public:
  constexpr Int24() = default;
  constexpr Int24(std::int32_t value)  // NOLINT(google-explicit-constructor): a number
      : low_(static_cast<std::uint8_t>(value)),
        middle_(static_cast<std::uint8_t>(value >> 8)),
        high_(static_cast<std::uint8_t>(value >> 16)) {}
  constexpr operator std::int32_t() const {  // NOLINT(google-explicit-constructor)
    return static_cast<std::int32_t>((std::uint32_t{high_} << 24) | (std::uint32_t{middle_} << 16) |
                                     (std::uint32_t{low_} << 8)) >>
           8;
  }

 private:
  std::uint8_t low_ = 0, middle_ = 0, high_ = 0;
};

// All zeros is an exchange in which nothing happened. Machines are numbered as in their world.
struct KmsExchange {
  FileTime time;                      // of the world's clock
  std::uint64_t client_id = 0;        // seed of the client machine ID (license.hpp); 0: none yet
  std::uint32_t client = 0;           // machine
  std::uint32_t host = 0;             // machine; 0: none was asked, or none that the world knows
  HResult requested = HResult::kSOk;  // first parameter of 12288
  HResult processed = HResult::kSOk;  // of 12289
  HResult served = HResult::kSOk;     // of 12290
  std::uint32_t minutes = 0;          // "time to expiration"
  std::uint16_t count = 0;            // of the response
  std::uint16_t required = 0;         // N-policy
  std::uint16_t activation_interval = 0;  // of the response, minutes
  std::uint16_t renewal_interval = 0;
  std::uint16_t product = 0;  // key group of the client's product, which names it
  std::uint16_t port = 0;
  Int24 client_skew;  // minutes that its clock is ahead of the world's
  Int24 host_skew;
  std::uint8_t status = 0;  // LicenseStatus before the attempt
  std::uint8_t parts = 0;   // ExchangePart
  std::uint8_t flags = 0;   // BindingFlag
  // What the client called the host: 0 for the full name that `host` had then (none when that is 0
  // too), else a number of the ServerNames that the holder of the exchange keeps.
  Int24 server_name;

  bool has(ExchangePart part) const { return (parts & static_cast<std::uint8_t>(part)) != 0; }
  void set(ExchangePart part) { parts |= static_cast<std::uint8_t>(part); }
  bool has(BindingFlag flag) const { return (flags & static_cast<std::uint8_t>(flag)) != 0; }
  void set(BindingFlag flag) { flags |= static_cast<std::uint8_t>(flag); }
  bool operator==(const KmsExchange&) const = default;
};
static_assert(sizeof(KmsExchange) == 64 && std::is_trivially_copyable_v<KmsExchange>);

// What exchanges that are alike otherwise do not share.
struct ClientPart {
  std::uint64_t client_id = 0;
  std::uint32_t client = 0;
  std::uint32_t minutes = 0;
};
// Several of them.
struct AlikeClients {
  std::span<const ClientPart> parts;
  // Which of the client machine IDs that it makes (client_id.hpp) each client has; 0: not known.
  std::uint16_t generation = 0;
};
inline ClientPart client_part(const KmsExchange& exchange) {
  return {exchange.client_id, exchange.client, exchange.minutes};
}
inline KmsExchange with(KmsExchange exchange, const ClientPart& part) {
  exchange.client_id = part.client_id;
  exchange.client = part.client;
  exchange.minutes = part.minutes;
  return exchange;
}

// The flags as the events show them, by the bit of BindingFlag; and all of them: 0x4000008.
inline constexpr std::uint32_t kStatusFlags[] = {0x00000008, 0x01000000, 0x02000000, 0x04000000,
                                                 0x08000000};
constexpr std::uint32_t status_flags(const KmsExchange& exchange) {
  std::uint32_t out = 0;
  for (unsigned bit = 0; bit < std::size(kStatusFlags); ++bit)
    if ((exchange.flags & (1u << bit)) != 0) out |= kStatusFlags[bit];
  return out;
}

// The text as logs keep it: well-formed (WTF-8), and cut where it is longer than `limit` bytes.
std::string log_text(std::string_view text, std::size_t limit);

// The names of hosts that are not what a machine is called at that time: fixed names, and records
// of DNS whose machine was renamed or never was. Numbered from 1; equal texts have one number.
class ServerNames {
 public:
  static constexpr std::size_t kMaxBytes = 1024;  // of a name; longer ones are cut
  std::int32_t number_of(std::string_view name);  // 0 for the empty name
  // Empty for 0 and unknown numbers; good as long as this object.
  std::string_view text_of(std::int32_t number) const;
  std::int32_t size() const { return static_cast<std::int32_t>(texts_.size()); }

 private:
  std::deque<std::string> texts_;
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> numbers_;
};

}  // namespace slwmi::licensing
