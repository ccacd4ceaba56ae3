// Installation IDs and confirmation IDs for activation by telephone. The outer form is the
// documented one (54 digits in nine groups of six, each closed by a check digit); what the digits
// mean is our own, so an ID is worth something in the world that made it and nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "provider/product_key.hpp"

namespace slwmi::licensing {

inline constexpr std::size_t kInstallationIdDigits = 54;
inline constexpr std::size_t kConfirmationIdDigits = 48;  // eight groups of six
inline constexpr std::size_t kIdGroupDigits = 6;

// The digit that closes a group: the digits before it, every second one doubled, summed, modulo 7.
char check_digit(std::string_view digits);

// What an installation ID says.
struct Installation {
  ProductKey key;
  std::uint64_t hardware = 0;  // of the machine; another after a change beyond tolerance
  bool operator==(const Installation&) const = default;
};

std::string installation_id(const Installation& installation, std::uint64_t world_seed);

// Codes, in the order of the checks: empty E_INVALIDARG; other characters than digits
// SL_E_CIDIID_INVALID_DATA; length SL_E_CIDIID_INVALID_DATA_LENGTH;
// SL_E_CIDIID_INVALID_CHECK_DIGITS; made in another world SL_E_CIDIID_MISMATCHED.
Result<Installation> parse_installation_id(std::string_view text, std::uint64_t world_seed);

// Whether a text has the form of such an ID at all; the codes as above but the last.
Result<> check_installation_form(std::string_view text);
Result<> check_confirmation_form(std::string_view text);

// What the activation centre of this world reads out for an installation ID.
std::string confirmation_id(std::string_view installation_id, std::uint64_t world_seed);

// Whether the pair activates the machine whose own installation ID is `own`. Codes as above,
// `given` first; SL_E_CIDIID_MISMATCHED when the texts are well-formed but belong to something
// else.
Result<> check_confirmation(std::string_view own, std::string_view given,
                            std::string_view confirmation, std::uint64_t world_seed);

}  // namespace slwmi::licensing
