// What a KMS client tells a host and what comes back, as plain numbers: the form in which the rules
// of client and host (client.hpp, host.hpp) know a request. A simulation asks by the million, so
// nothing here allocates; message.hpp has the documented bytes of the same contents.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/datetime.hpp"
#include "base/hresult.hpp"

namespace slwmi::licensing {

inline constexpr std::uint16_t kDefaultKmsPort = 1688;

// Where a client asks. The name must outlive the call that it is passed to.
struct KmsServer {
  std::string_view name;
  std::uint16_t port = kDefaultKmsPort;
  std::uint32_t machine = 0;  // its number in the world; 0: known by its name only
};

namespace kms {

struct Question {
  std::uint64_t client_id = 0;           // seed of the client machine ID (license.hpp)
  std::uint64_t previous_client_id = 0;  // of the one before the last reset; 0: none
  FileTime client_time;
  std::uint32_t required = 0;  // N-policy
  std::uint32_t minutes = 0;   // until the licence expires
  std::uint16_t product = 0;   // key group
  std::uint8_t status = 0;     // LicenseStatus
  bool virtual_machine = false;
  bool prerelease = false;  // which KMS ID it has
  bool operator==(const Question&) const = default;
};

// What became of a question. All that follows `code` is meaningful only as its comment says.
struct Reply {
  HResult code = HResult::kRpcSServerUnavailable;  // what the client sees; success: a response came
  HResult served = HResult::kSOk;                  // when processed: what the host logs
  bool processed = false;      // the request reached a KMS, which counted it whatever came after
  std::uint32_t machine = 0;   // of the host; 0: nobody was there
  std::int32_t host_skew = 0;  // minutes that the host's clock is ahead of the world's
  std::uint32_t count = 0;     // the rest is the response
  std::uint32_t activation_interval = 0;
  std::uint32_t renewal_interval = 0;
};

}  // namespace kms
}  // namespace slwmi::licensing
