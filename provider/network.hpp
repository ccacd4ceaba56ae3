// What the licensing classes need of the world outside their machine. World implements it; each
// call may fail with the code of the network trouble that it met (0x8007232B, 0x800706BA,
// 0x80072EE7 and their like).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/guid.hpp"
#include "base/result.hpp"
#include "provider/kms/message.hpp"
#include "provider/product_key.hpp"

namespace slwmi::licensing {

struct Product;

// One request to the activation service of the world.
struct ActivationRequest {
  const Product& product;
  ProductKey key;
  std::uint64_t hardware = 0;
};

// Where a client found its KMS host.
struct KmsServer {
  std::string name;
  std::uint16_t port = 1688;
};

class Network {
 public:
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  // MAK, retail and KMS host keys: S_OK counts as one activation at the service.
  virtual Result<> activate_online(const ActivationRequest& request) = 0;

  // A KMS host of the client's domain, by its service records.
  virtual Result<KmsServer> discover_kms() = 0;
  // Asks one host. The host has counted the request even when the response is lost on its way back.
  virtual Result<kms::Response> ask_kms(const KmsServer& server, const kms::Request& request) = 0;

  // The verdict of a genuine validation at `url` for the key.
  virtual Result<bool> validate(std::string_view url, const Product& product, ProductKey key) = 0;
};

}  // namespace slwmi::licensing
