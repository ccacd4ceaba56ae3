// What the licensing classes need of the world outside their machine. World implements it; each
// call may fail with the code of the network trouble that it met (0x8007232B, 0x800706BA,
// 0x80072EE7 and their like).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "provider/kms/question.hpp"
#include "provider/product_key.hpp"

namespace slwmi::licensing {

struct Product;

// One request to the activation service of the world.
struct ActivationRequest {
  const Product& product;
  ProductKey key;
  std::uint64_t hardware = 0;
};

// A KMS host as a service record of DNS names it.
struct KmsRecord {
  std::string name;
  std::uint16_t port = kDefaultKmsPort;
  std::uint32_t machine = 0;  // its number in the world; 0: known by its name only
};

// The service record of a KMS host, _vlmcs._tcp.<domain>, as it wants it.
struct Publication {
  std::string domain;
  std::string host;
  std::uint16_t port = kDefaultKmsPort;
  bool operator==(const Publication&) const = default;
};

// What a host said, with the extended product ID that it puts into its response.
struct KmsAnswer {
  kms::Reply reply;
  std::string pid;
};

// What the validation service says of a product key.
struct Verdict {
  HResult code = HResult::kSOk;  // a failure: why a system with the key is not genuine
  bool grace = true;             // ... and whether it has 30 days to put that right
  bool operator==(const Verdict&) const = default;
};

class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  // MAK, retail and KMS host keys: S_OK counts as one activation at the service.
  virtual Result<> activate_online(const ActivationRequest& request) = 0;

  // The KMS hosts that the service records of the client's domain name, in the order of DNS.
  virtual Result<std::vector<KmsRecord>> find_kms() = 0;
  // Asks one host. An error is one that the client sees, such as 0x800706BA; so is a failed
  // reply.code. A response that is lost on its way back is a reply that the host has processed with
  // the code SL_E_VL_BINDING_SERVICE_NOT_ENABLED, which 6.0 gives for a request without an answer.
  virtual Result<KmsAnswer> ask_kms(const KmsServer& server, const kms::Question& question) = 0;

  // Writes a service record by dynamic update, in place of the machine's own older one.
  virtual Result<> register_kms(const Publication& record) = 0;

  // Whether the machine has a way to the internet now.
  virtual bool has_internet() = 0;

  // The verdict of a genuine validation at `url` for the key.
  virtual Result<Verdict> validate(std::string_view url, ProductKey key) = 0;
};

}  // namespace slwmi::licensing
