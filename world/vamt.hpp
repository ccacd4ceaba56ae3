// The Volume Activation Management Tool of a world: it asks computers over the network for their
// products and keeps them in a computer information list, installs MAKs, lets computers activate
// themselves (MAK Independent), and activates for those that reach no activation service: it
// collects their installation IDs, asks the service for confirmation IDs in their place, and
// returns these to them (MAK Proxy). The steps may be taken at different times, by tools on
// different computers; the list is what passes between them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.hpp"
#include "base/principal.hpp"
#include "base/result.hpp"
#include "provider/activation_service.hpp"
#include "provider/computer_list.hpp"
#include "world/machine.hpp"

namespace slwmi::world {

class Session;

// What became of one product, or of a computer that could not be asked.
struct VamtOutcome {
  std::string computer;
  std::string product;  // its name; empty when it is about the computer
  HResult code = HResult::kSOk;
  std::string text;  // one sentence
};
using VamtOutcomes = std::vector<VamtOutcome>;

// Each step works on the computers that `names` says ("PC1", "pc1.contoso.com"), or on all of the
// list when it says none. Trouble with one computer is an outcome and leaves the others alone; an
// Error means that nothing was done: ERROR_NOT_FOUND for a name that is not in the list,
// E_INVALIDARG for one that comes twice.
class Vamt {
 public:
  using Names = std::span<const std::string>;

  // The tool runs on `home`, as `caller`. To other computers it goes with the user's name and
  // password where they are given. Connections are those of world/remote.hpp: they need a way to
  // the other machine, port 135, and administrators' rights there.
  Vamt(const Machine& home, Principal caller, std::string user = {}, std::string password = {})
      : home_(home),
        caller_(std::move(caller)),
        user_(std::move(user)),
        password_(std::move(password)) {}

  // Reads the computers, which are put into the list where they are new; so an unknown name is
  // fine, and no name reads the list's computers again. A confirmation ID is kept as long as the
  // installation ID is the same. What is known of a computer that does not answer stays.
  Result<VamtOutcomes> collect(licensing::ComputerList& list, Names names);
  // Puts the MAK into the list and onto the computers. SL_E_INVALID_PRODUCT_KEY for a text that is
  // no key, ERROR_NOT_SUPPORTED for one that is no MAK of this world.
  Result<VamtOutcomes> install_key(licensing::ComputerList& list, std::string_view key,
                                   Names names);
  // MAK Independent: the computers go to the activation service themselves.
  Result<VamtOutcomes> activate(licensing::ComputerList& list, Names names);
  // MAK Proxy, in the computers' place: asks for the confirmation IDs that the list lacks. The
  // computers are not contacted; the Error is the code of the way from `home` to the service.
  Result<VamtOutcomes> confirm(licensing::ComputerList& list, Names names);
  // Gives the computers their confirmation IDs. SL_E_CIDIID_MISMATCHED when a computer's
  // installation ID is another than the one that was collected.
  Result<VamtOutcomes> apply(licensing::ComputerList& list, Names names);
  // Asks the activation service what is left of each MAK of the list.
  Result<VamtOutcomes> query_keys(licensing::ComputerList& list);

 private:
  using Act = FunctionRef<Result<VamtOutcomes>(Session&, licensing::ListedComputer&)>;
  Result<std::vector<std::size_t>> select(licensing::ComputerList& list, Names names, bool add);
  Result<VamtOutcomes> visit(licensing::ComputerList& list, std::string_view action, Names names,
                             Act act);
  Result<> reach_service();

  Machine home_;
  Principal caller_;
  std::string user_, password_;
};

}  // namespace slwmi::world
