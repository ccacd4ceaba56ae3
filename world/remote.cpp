#include "world/remote.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "world/net/lookup.hpp"
#include "world/session.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::world {
namespace {

tl::unexpected<Error> denied(std::string message) {
  return fail(HResult::kEAccessdenied, std::move(message));
}

// "contoso\jane" and "jane@contoso.com" are jane.
std::string_view account_name(std::string_view user) {
  if (const std::size_t at = user.rfind('\\'); at != std::string_view::npos)
    return user.substr(at + 1);
  return user.substr(0, user.find('@'));
}

// The principal whose name and password these are.
Result<Principal> log_on(WorldShared& world, std::string_view user, std::string_view password) {
  const std::string_view name = account_name(user);
  std::string principal(name);
  SL_TRY(const auto known, world.definitions());
  if (const auto accounts = known->schema->instances("root\\slwmi", "SlwmiAccount")) {
    const cim::Value key[] = {cim::Value::text(name)};
    if (const cim::Instance* account = accounts->find(key)) {
      const cim::Value& secret = account->get("Password");
      if (!secret.is_null() && secret.as_text() != password)
        return denied("the password of " + std::string(user) + " is wrong");
      const cim::Value& role = account->get("Principal");
      if (!role.is_null()) principal = role.as_text();
    }
  }
  auto found = find_principal(principal);
  if (!found) return denied("there is no user " + std::string(user));
  return found;
}

// The token that a logon across the network gives the account: the whole one, and no interactive
// one.
Result<Principal> network_token(const Principal& account) {
  SL_TRY(Principal token, find_principal(format_sid(account.user)));
  std::replace(token.groups.begin(), token.groups.end(), sids::kInteractive, sids::kNetwork);
  token.via = account.via;
  return token;
}

// Accounts of the machine itself are nobody on another one.
bool is_local_account(const Principal& account) {
  return account.user == sids::kSystem || account.user == sids::kLocalService ||
         account.user == sids::kNetworkService || account.user == sids::kAnonymous;
}

bool is_self(std::string_view machine, const MachineInfo& self) {
  return machine == "." || equal_ignore_case(machine, "localhost") ||
         equal_ignore_case(machine, self.name) ||
         equal_ignore_case(machine, net::dns_name(self.name, self.domain));
}

// Where DCOM's calls arrive first.
constexpr std::uint16_t kEndpointMapper = 135;

Result<Machine> find(const Machine& from, const std::string& machine) {
  World& world = from.world();
  SL_CHECK(world.reach(from, machine, kEndpointMapper));
  SL_TRY(const std::optional<Machine> found, world.find_host(machine));
  if (!found) return fail(HResult::kRpcSServerUnavailable, "nobody answers at " + machine);
  return *found;
}

}  // namespace

Result<Session> connect_remote(const Machine& from, const Principal& caller,
                               const RemoteLogon& logon, std::string_view ns) {
  World& world = from.world();
  SL_TRY(const MachineInfo self, world.shared().store().info(from.id()));
  if (is_self(logon.machine, self)) {
    if (!logon.user.empty())
      return fail(HResult::kWbemELocalCredentials,
                  "a user's name is for connections to other machines");
    return from.connect(caller, ns);
  }
  SL_TRY(const Machine target, find(from, logon.machine));
  Principal account = caller;
  if (!logon.user.empty()) {
    SL_TRY(account, log_on(world.shared(), logon.user, logon.password));
    account.via = caller.via;
  }
  if (is_local_account(account)) return denied(account.name + " has no rights on another machine");
  SL_TRY(const Principal token, network_token(account));
  if (!token.elevated) return denied("only administrators connect from another machine");
  return target.connect(token, ns);
}

}  // namespace slwmi::world
