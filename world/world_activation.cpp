// The facade's part of keys: which there are, what the activation service thinks of them, and its
// telephone.
#include <algorithm>

#include "base/text.hpp"
#include "provider/activation_service.hpp"
#include "provider/installation_id.hpp"
#include "provider/product_key.hpp"
#include "world/network.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

namespace slwmi::world {
namespace {

using licensing::ActivationLedger;
using licensing::KeyLedger;
using licensing::KeyState;

Result<> change_key(WorldShared& world, std::string_view text,
                    const std::function<Result<>(KeyLedger&)>& change) {
  SL_TRY(const licensing::ProductKey key, licensing::parse_product_key(text));
  return change_ledger(world, [&](ActivationLedger& ledger) {
    return change(ledger.keys[{key.group, key.serial}]);
  });
}

// What a key is for. A key group that only licences of single machines name is counted like theirs.
const licensing::Product& product_of(const licensing::Catalogue& catalogue, std::uint16_t group) {
  static const licensing::Product kOther = [] {
    licensing::Product other;
    other.activation_limit = licensing::kDefaultActivationLimit;
    return other;
  }();
  const licensing::Product* known = catalogue.find_key_group(group);
  return known == nullptr ? kOther : *known;
}

}  // namespace

Result<> World::set_key_state(std::string_view key, KeyState state) {
  return change_key(*shared_, key, [&](KeyLedger& ledger) -> Result<> {
    ledger.state = state;
    return {};
  });
}
Result<> World::block_key(std::string_view key) { return set_key_state(key, KeyState::kBlocked); }
Result<> World::mark_non_genuine(std::string_view key, bool non_genuine, bool grace) {
  return change_key(*shared_, key, [&](KeyLedger& ledger) -> Result<> {
    ledger.non_genuine = non_genuine;
    ledger.no_grace = non_genuine && !grace;
    return {};
  });
}
Result<> World::extend_key(std::string_view key, std::uint32_t activations) {
  return change_key(*shared_, key,
                    [&](KeyLedger& ledger) { return licensing::extend(ledger, activations); });
}

Result<licensing::KeyAccount> World::key_account(std::string_view text) {
  SL_TRY(const licensing::ProductKey key, licensing::parse_product_key(text));
  SL_TRY(const auto known, shared_->definitions());
  const licensing::Product* product = known->catalogue->find_key_group(key.group);
  if (product == nullptr)
    return fail(HResult::kErrorNotFound, "the key belongs to no product of this world");
  SL_TRY(const ActivationLedger ledger, read_ledger(*shared_));
  return licensing::account_of(ledger, *product, key);
}

Result<std::string> World::confirmation_id(std::string_view installation_id) {
  const std::string ids[] = {std::string(installation_id)};
  SL_TRY(std::vector<Result<std::string>> answers, confirmation_ids(ids));
  return std::move(answers.front());
}

Result<std::vector<Result<std::string>>> World::confirmation_ids(
    std::span<const std::string> installation_ids) {
  SL_TRY(const auto known, shared_->definitions());
  std::vector<Result<std::string>> out;
  const auto answer = [&](ActivationLedger& ledger, const std::string& id) -> Result<std::string> {
    SL_TRY(const licensing::Installation asked, licensing::parse_installation_id(id, seed()));
    const licensing::Product& product = product_of(*known->catalogue, asked.key.group);
    const Result<> counted = licensing::activate(ledger, product, asked.key, asked.hardware);
    if (!counted && counted.error().code == HResult::kSlEChpaMaximumUnlockExceeded &&
        product.channel == licensing::Channel::kKmsHost) {
      // Further activations of a KMS key are what the centre is there for.
      ++ledger.keys[{asked.key.group, asked.key.serial}].activations[asked.hardware];
    } else if (!counted) {
      return fail(counted.error());
    }
    return licensing::confirmation_id(id, seed());
  };
  SL_CHECK(change_ledger(*shared_, [&](ActivationLedger& ledger) -> Result<> {
    out.clear();  // a change may be tried again
    for (const std::string& id : installation_ids) out.push_back(answer(ledger, id));
    return {};
  }));
  return out;
}

Result<std::string> World::product_key(std::string_view edition, std::string_view channel,
                                       std::uint32_t serial, std::string_view os) {
  SL_TRY(const auto known, shared_->definitions());
  SL_TRY(const licensing::Channel wanted, licensing::parse_channel(channel));
  const licensing::OperatingSystem* const system = known->catalogue->find_system(os);
  if (!os.empty() && system == nullptr)
    return fail(HResult::kErrorNotFound, "there is no system \"" + std::string(os) + "\"");
  const licensing::Product* best = nullptr;
  // Base products that were released come first.
  const auto rank = [](const licensing::Product& product) {
    return (product.is_addon() ? 2 : 0) + (product.prerelease ? 1 : 0);
  };
  for (const auto& product : known->catalogue->products()) {
    const auto& media = product->media;
    const auto carries = [&](const std::string& medium) {
      return std::find(media.begin(), media.end(), medium) != media.end();
    };
    if (product->channel != wanted || !equal_ignore_case(product->edition, edition)) continue;
    if (system != nullptr && !carries(system->volume_media) && !carries(system->retail_media))
      continue;
    if (best == nullptr || rank(*product) < rank(*best)) best = product.get();
  }
  if (best != nullptr) return licensing::to_text({best->key_group, serial});
  return fail(HResult::kErrorNotFound, "the catalogue has no " + std::string(edition) +
                                           " of channel " + std::string(channel) +
                                           (os.empty() ? "" : " for " + std::string(os)));
}

}  // namespace slwmi::world
