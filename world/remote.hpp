// Connecting from one machine of a world to another, as SWbemLocator.ConnectServer does across a
// network: a logon of its own there, open to administrators only. The accounts of the world are the
// named principals and what it adds to them (mof/catalogue.mof, SlwmiAccount).
#pragma once

#include <string>
#include <string_view>

#include "base/principal.hpp"
#include "base/result.hpp"
#include "world/machine.hpp"

namespace slwmi::world {

struct RemoteLogon {
  std::string machine;    // "KMS1" or "kms1.contoso.com"; ".", "localhost" and its own name too
  std::string user = {};  // "administrator", "contoso\\administrator"; empty: as the caller
  std::string password = {};
};

// A session with `ns` of the machine that the logon names. RPC_S_SERVER_UNAVAILABLE for one that
// the world has not; E_ACCESSDENIED for an unknown user, a wrong password and whoever is no
// administrator there; WBEM_E_LOCAL_CREDENTIALS for a user's name on the machine itself. An
// administrator's token is whole on the other machine, elevated here or not: User Account Control
// does not filter the logons of domain accounts.
Result<Session> connect_remote(const Machine& from, const Principal& caller,
                               const RemoteLogon& logon, std::string_view ns = "root\\cimv2");

}  // namespace slwmi::world
