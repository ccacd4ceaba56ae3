#include "world/vamt.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "provider/product_key.hpp"
#include "world/net/lookup.hpp"
#include "world/remote.hpp"
#include "world/session.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::world {
namespace {

using licensing::ComputerList;
using licensing::HostName;
using licensing::LicenseStatus;
using licensing::ListedComputer;
using licensing::ListedKey;
using licensing::ListedProduct;

constexpr std::string_view kProducts =
    "SELECT * FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL";

std::string text_of(const Row& row, std::string_view property) {
  const cim::Value& value = row.get(property);
  return value.is_null() ? std::string() : std::string(value.as_text());
}

std::uint32_t number_of(const Row& row, std::string_view property) {
  const cim::Value& value = row.get(property);
  return value.is_null() ? 0 : value.as_uint32();
}

ListedProduct product_of(const Row& row) {
  ListedProduct out;
  out.sku = text_of(row, "ID");
  out.name = text_of(row, "Name");
  out.description = text_of(row, "Description");
  out.partial_key = text_of(row, "PartialProductKey");
  out.product_key_id = text_of(row, "ProductKeyID");
  out.status = static_cast<LicenseStatus>(number_of(row, "LicenseStatus"));
  const cim::Value& reason = row.get("LicenseStatusReason");
  if (!reason.is_null()) out.reason = static_cast<HResult>(reason.as_uint32());
  out.minutes = number_of(row, "GracePeriodRemaining");
  out.installation_id = text_of(row, "OfflineInstallationId");
  return out;
}

Result<std::vector<ListedProduct>> read_products(Session& session) {
  std::vector<ListedProduct> out;
  SL_CHECK(session.query(kProducts, [&](const Row& row) {
    out.push_back(product_of(row));
    return true;
  }));
  return out;
}

Result<std::string> version_of(Session& session) {
  std::string out;
  SL_CHECK(session.query("SELECT Version FROM SoftwareLicensingService", [&](const Row& row) {
    out = text_of(row, "Version");
    return true;
  }));
  return out;
}

ListedProduct* find(std::vector<ListedProduct>& products, std::string_view sku) {
  const auto found = std::find_if(products.begin(), products.end(),
                                  [&](const ListedProduct& p) { return p.sku == sku; });
  return found == products.end() ? nullptr : &*found;
}

bool is_licensed(const ListedProduct& product) {
  return product.status == LicenseStatus::kLicensed;
}

std::string_view status_text(LicenseStatus status) {
  constexpr std::string_view kTexts[] = {"unlicensed",
                                         "licensed",
                                         "in its initial grace period",
                                         "in an additional grace period",
                                         "in its non-genuine grace period",
                                         "notifying"};
  return kTexts[static_cast<std::size_t>(status)];
}

// The products as they are now, with what the list knows of their telephone activation; an outcome
// for each that lost its confirmation ID.
Result<VamtOutcomes> take_products(Session& session, ListedComputer& computer, FileTime now) {
  SL_TRY(std::vector<ListedProduct> products, read_products(session));
  SL_TRY(std::string version, version_of(session));
  HostName self;
  SL_CHECK(session.query("SELECT Name, Domain, PartOfDomain FROM Win32_ComputerSystem",
                         [&](const Row& row) {
                           self.name = text_of(row, "Name");
                           if (row.get("PartOfDomain").as_boolean())
                             self.domain = text_of(row, "Domain");
                           return true;
                         }));
  computer.name = std::move(self.name);
  computer.domain = std::move(self.domain);
  VamtOutcomes out;
  for (ListedProduct& product : products) {
    std::string text = "is " + std::string(status_text(product.status));
    if (const ListedProduct* known = find(computer.products, product.sku);
        known != nullptr && !known->confirmation_id.empty()) {
      if (known->installation_id == product.installation_id) {
        product.confirmation_id = known->confirmation_id;
        product.confirmed = known->confirmed;
        product.applied = known->applied;
      } else {
        text += "; its installation ID is another now, so its confirmation ID is dropped";
      }
    }
    out.push_back({computer.name, product.name, HResult::kSOk, std::move(text)});
  }
  if (products.empty()) out.push_back({computer.name, {}, HResult::kSOk, "no product has a key"});
  computer.version = std::move(version);
  computer.products = std::move(products);
  computer.collected = now;
  return out;
}

std::string path_of(const ListedProduct& product) {
  return "SoftwareLicensingProduct.ID=\"" + product.sku + "\"";
}

// A method that ends with anything but 0 failed.
Result<> call(Session& session, std::string_view path, std::string_view method,
              const Parameters& in = {}) {
  SL_TRY(const CallResult done, session.call(path, method, in));
  const std::uint32_t code = done.return_value.as_uint32();
  if (code != 0) return fail(static_cast<HResult>(code), std::string(method) + " failed");
  return {};
}

Result<> call_service(Session& session, std::string_view method, const Parameters& in = {}) {
  SL_TRY(const std::string version, version_of(session));
  return call(session, "SoftwareLicensingService.Version=\"" + version + "\"", method, in);
}

VamtOutcome outcome_of(const ListedComputer& computer, const ListedProduct& product,
                       const Result<>& done, std::string_view text) {
  if (done) return {computer.name, product.name, HResult::kSOk, std::string(text)};
  return {computer.name, product.name, done.error().code, done.error().message};
}

void take_state(const ListedProduct& now, ListedProduct& product) {
  product.status = now.status;
  product.reason = now.reason;
  product.minutes = now.minutes;
}

// The product's state after something was done to it.
Result<> refresh(Session& session, ListedProduct& product) {
  SL_TRY(std::vector<ListedProduct> products, read_products(session));
  const ListedProduct* now = find(products, product.sku);
  if (now == nullptr) return fail(HResult::kSlEPkeyNotInstalled, "the product has no key any more");
  take_state(*now, product);
  return {};
}

HResult first_failure(const VamtOutcomes& outcomes) {
  for (const VamtOutcome& outcome : outcomes)
    if (failed(outcome.code)) return outcome.code;
  return HResult::kSOk;
}

}  // namespace

// --- which computers, and how they are reached

Result<std::vector<std::size_t>> Vamt::select(ComputerList& list, Names names, bool add) {
  std::unordered_map<std::string_view, std::size_t, IgnoreCaseHash, IgnoreCaseEqual> places;
  for (std::size_t i = 0; i < list.computers.size(); ++i) places[list.computers[i].name] = i;
  std::vector<std::size_t> out;
  if (names.empty()) {
    for (std::size_t i = 0; i < list.computers.size(); ++i) out.push_back(i);
    return out;
  }
  std::vector<char> taken(list.computers.size());
  std::vector<ListedComputer> added;
  std::unordered_set<std::string, IgnoreCaseHash, IgnoreCaseEqual> fresh;
  for (const std::string& name : names) {
    HostName host = licensing::split_host_name(name);
    SL_CHECK(check_machine_name(host.name));
    const auto found = places.find(host.name);
    const bool here = found != places.end() &&
                      (host.domain.empty() || list.computers[found->second].domain.empty() ||
                       equal_ignore_case(list.computers[found->second].domain, host.domain));
    if (found != places.end() && !here)
      return fail(HResult::kErrorNotFound, "the list has " + host.name + " of the domain " +
                                               list.computers[found->second].domain + ", not " +
                                               name);
    if (here ? std::exchange(taken[found->second], 1) != 0
             : !fresh.insert(std::string(host.name)).second)
      return fail(HResult::kEInvalidarg, host.name + " is named twice");
    if (here) {
      out.push_back(found->second);
    } else if (add) {
      out.push_back(list.computers.size() + added.size());
      ListedComputer computer;
      computer.name = std::move(host.name);
      computer.domain = std::move(host.domain);
      added.push_back(std::move(computer));
    } else {
      return fail(HResult::kErrorNotFound, "the list has no computer " + name);
    }
  }
  for (ListedComputer& computer : added) list.computers.push_back(std::move(computer));
  return out;
}

Result<VamtOutcomes> Vamt::visit(ComputerList& list, std::string_view action, Names names,
                                 Act act) {
  SL_TRY(const FileTime now, home_.world().now());
  SL_TRY(const std::vector<std::size_t> places, select(list, names, action == "collect"));
  VamtOutcomes out;
  for (const std::size_t place : places) {
    ListedComputer& computer = list.computers[place];
    const auto turn = [&]() -> Result<VamtOutcomes> {
      const RemoteLogon logon{net::dns_name(computer.name, computer.domain), user_, password_};
      SL_TRY(Session session, connect_remote(home_, caller_, logon));
      return act(session, computer);
    };
    Result<VamtOutcomes> done = turn();
    if (!done)
      done = VamtOutcomes{{computer.name, {}, done.error().code, std::move(done.error().message)}};
    computer.action = action;
    computer.acted = now;
    computer.result = first_failure(*done);
    for (VamtOutcome& outcome : *done) out.push_back(std::move(outcome));
  }
  return out;
}

Result<> Vamt::reach_service() {
  SL_TRY(const net::Place me, net::place_of(home_.world().shared(), home_.id()));
  const net::Verdict way = me.network->service(me.peer(), me.now);
  if (way.ok()) return {};
  return fail(net::error_of(*me.network, way, "the activation service cannot be reached"));
}

// --- the steps

Result<VamtOutcomes> Vamt::collect(ComputerList& list, Names names) {
  SL_TRY(const FileTime now, home_.world().now());
  return visit(list, "collect", names, [&](Session& session, ListedComputer& computer) {
    return take_products(session, computer, now);
  });
}

Result<VamtOutcomes> Vamt::install_key(ComputerList& list, std::string_view key, Names names) {
  SL_TRY(const licensing::ProductKey parsed, licensing::parse_product_key(key));
  SL_TRY(const auto known, home_.world().shared().definitions());
  const licensing::Product* product = known->catalogue->find_key_group(parsed.group);
  if (product == nullptr || product->channel != licensing::Channel::kMak)
    return fail(HResult::kErrorNotSupported, "the key is no MAK");
  SL_TRY(const FileTime now, home_.world().now());
  const std::string text = licensing::to_text(parsed);
  SL_TRY(VamtOutcomes out,
         visit(list, "install", names,
               [&](Session& session, ListedComputer& computer) -> Result<VamtOutcomes> {
                 SL_CHECK(call_service(session, "InstallProductKey",
                                       {{"ProductKey", cim::Value::text(text)}}));
                 return take_products(session, computer, now);
               }));
  const bool listed = std::any_of(list.keys.begin(), list.keys.end(),
                                  [&](const ListedKey& other) { return other.text == text; });
  if (!listed) list.keys.push_back({text, product->edition});
  return out;
}

Result<VamtOutcomes> Vamt::activate(ComputerList& list, Names names) {
  return visit(list, "activate", names,
               [&](Session& session, ListedComputer& computer) -> Result<VamtOutcomes> {
                 VamtOutcomes out;
                 for (ListedProduct& product : computer.products) {
                   Result<> done;
                   if (product.installation_id.empty()) continue;
                   SL_CHECK(refresh(session, product));
                   const bool before = is_licensed(product);
                   if (!before) done = call(session, path_of(product), "Activate");
                   if (!before && done) done = refresh(session, product);
                   out.push_back(outcome_of(computer, product, done,
                                            before ? "was activated before" : "is activated"));
                 }
                 if (out.empty())
                   out.push_back({computer.name, {}, HResult::kSOk, "has no MAK or retail key"});
                 return out;
               });
}

Result<VamtOutcomes> Vamt::confirm(ComputerList& list, Names names) {
  SL_TRY(const FileTime now, home_.world().now());
  SL_TRY(const std::vector<std::size_t> places, select(list, names, false));
  SL_CHECK(reach_service());
  std::vector<std::string> ids;
  for (const std::size_t place : places) {
    for (const ListedProduct& product : list.computers[place].products)
      if (!product.installation_id.empty() && product.confirmation_id.empty() &&
          !is_licensed(product))
        ids.push_back(product.installation_id);
  }
  std::vector<Result<std::string>> answers;
  if (!ids.empty()) {
    SL_TRY(answers, home_.world().confirmation_ids(ids));
  }
  VamtOutcomes out;
  std::size_t next = 0;
  for (const std::size_t place : places) {
    ListedComputer& computer = list.computers[place];
    const std::size_t first = out.size();
    for (ListedProduct& product : computer.products) {
      const auto tell = [&](const Result<>& done, std::string_view text) {
        out.push_back(outcome_of(computer, product, done, text));
      };
      if (product.installation_id.empty()) {
        tell({}, "is not activated by telephone");
      } else if (!product.confirmation_id.empty()) {
        tell({}, "has its confirmation ID");
      } else if (is_licensed(product)) {
        tell({}, "was activated before");
      } else if (Result<std::string>& answer = answers[next++]; answer) {
        product.confirmation_id = *std::move(answer);
        product.confirmed = now;
        tell({}, "got its confirmation ID");
      } else {
        tell(fail(std::move(answer).error()), {});
      }
    }
    if (computer.products.empty())
      out.push_back({computer.name, {}, HResult::kSOk, "no product is known; collect it first"});
    computer.action = "confirm";
    computer.acted = now;
    computer.result = first_failure({out.begin() + static_cast<std::ptrdiff_t>(first), out.end()});
  }
  return out;
}

Result<VamtOutcomes> Vamt::apply(ComputerList& list, Names names) {
  SL_TRY(const FileTime now, home_.world().now());
  // One product of a computer that is connected.
  const auto deposit = [&](Session& session, ListedProduct& product) -> Result<std::string_view> {
    SL_TRY(std::vector<ListedProduct> present, read_products(session));
    const ListedProduct* found = find(present, product.sku);
    if (found == nullptr)
      return fail(HResult::kSlEPkeyNotInstalled, "the product has no key any more");
    if (found->installation_id != product.installation_id)
      return fail(HResult::kSlECidiidMismatched,
                  "the installation ID is another than the one that was collected; collect it "
                  "again");
    if (is_licensed(*found)) {
      take_state(*found, product);
      return std::string_view(product.applied == FileTime{} ? "was activated before"
                                                            : "has had its confirmation ID");
    }
    SL_CHECK(call(session, path_of(product), "DepositOfflineConfirmationId",
                  {{"InstallationId", cim::Value::text(product.installation_id)},
                   {"ConfirmationId", cim::Value::text(product.confirmation_id)}}));
    product.applied = now;
    SL_CHECK(refresh(session, product));
    return std::string_view("is activated");
  };
  return visit(
      list, "apply", names,
      [&](Session& session, ListedComputer& computer) -> Result<VamtOutcomes> {
        VamtOutcomes out;
        for (ListedProduct& product : computer.products) {
          if (product.confirmation_id.empty()) continue;
          Result<std::string_view> done = deposit(session, product);
          out.push_back(done ? outcome_of(computer, product, {}, *done)
                             : outcome_of(computer, product, fail(std::move(done).error()), {}));
        }
        if (out.empty())
          out.push_back({computer.name, {}, HResult::kSOk, "has no confirmation ID"});
        return out;
      });
}

Result<VamtOutcomes> Vamt::query_keys(ComputerList& list) {
  SL_CHECK(reach_service());
  SL_TRY(const FileTime now, home_.world().now());
  VamtOutcomes out;
  for (ListedKey& key : list.keys) {
    const auto account = home_.world().key_account(key.text);
    if (!account) {
      out.push_back({{}, key.text, account.error().code, account.error().message});
      continue;
    }
    key.asked = now;
    key.remaining = account->remaining;
    key.limit = account->limit;
    key.state = licensing::info_of(account->state).code;
    out.push_back({{},
                   key.text,
                   key.state,
                   std::to_string(key.remaining) + " of " + std::to_string(key.limit) +
                       " activations are left"});
  }
  return out;
}

}  // namespace slwmi::world
