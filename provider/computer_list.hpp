// The computer information list (CIL) of the Volume Activation Management Tool: the computers that
// were asked, the state of their products, the IDs of their telephone activation, and the MAKs that
// are used. An XML document of our own (docs/formats.md, "Computer information lists"): everything
// in it is checked when it is read, and what was read is written back as the same list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing {

inline constexpr std::string_view kComputerListNamespace = "urn:slwmi:computer-information-list:1";

// A MAK, with what the activation service said of it last.
struct ListedKey {
  std::string text;     // all 25 characters
  std::string edition;  // "Enterprise"
  // The last question for its remaining activations; `asked` zero: never.
  FileTime asked = {};
  std::uint64_t remaining = 0, limit = 0;
  HResult state = HResult::kSOk;  // what an activation would be refused with
  bool operator==(const ListedKey&) const = default;
};

// A product with a key.
struct ListedProduct {
  std::string sku;  // activation ID
  std::string name, description;
  std::string partial_key;  // five characters
  std::string product_key_id;
  LicenseStatus status = LicenseStatus::kUnlicensed;
  std::optional<HResult> reason = {};  // Windows Vista RTM does not tell
  std::uint32_t minutes = 0;           // GracePeriodRemaining
  std::string installation_id = {};    // empty: is not activated by telephone
  std::string confirmation_id = {};    // empty: not asked for
  FileTime confirmed = {};             // when it was given
  FileTime applied = {};               // when it was last deposited; zero: never
  bool operator==(const ListedProduct&) const = default;
};

struct ListedComputer {
  std::string name;          // "PC1"
  std::string domain;        // empty: in a workgroup, or never reached
  std::string version = {};  // of its licensing service
  FileTime collected = {};   // when its products were read; zero: never
  // What was done to it last.
  std::string action = {};  // "collect"; empty: nothing
  FileTime acted = {};
  HResult result = HResult::kSOk;
  std::vector<ListedProduct> products = {};
  bool operator==(const ListedComputer&) const = default;
};

struct ComputerList {
  std::vector<ListedKey> keys;
  std::vector<ListedComputer> computers;  // names are unique, without regard to case

  // By "PC1" or "pc1.contoso.com"; nullptr when it is not in the list.
  ListedComputer* find(std::string_view name);
  bool operator==(const ComputerList&) const = default;
};

struct ComputerListLimits {
  std::size_t bytes = std::size_t{256} << 20;
  std::size_t computers = 1'000'000;
  std::size_t products = 256;  // of a computer
  std::size_t keys = 65'536;
};

// E_INVALIDARG for the empty text; ERROR_INVALID_DATA with offset, line and column of the element
// for anything that write_computer_list does not write: other elements, attributes and texts,
// values of another form, a missing or doubled attribute, a computer, product or key that comes
// twice, IDs with a wrong check digit.
Result<ComputerList> read_computer_list(std::string_view xml,
                                        const ComputerListLimits& limits = {});

std::string write_computer_list(const ComputerList& list);

// "PC1" and "contoso.com" of "PC1.contoso.com".
struct HostName {
  std::string name, domain;
};
HostName split_host_name(std::string_view host);

}  // namespace slwmi::licensing
