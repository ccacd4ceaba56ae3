#include "registry/hive_view.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "registry/draft.hpp"
#include "registry/registry.hpp"

namespace slwmi::reg {
namespace {

// The question that every lookup asks, in the order of time: the image; own writes older than the
// layers; the layers; own writes as new as the layers or newer. An own deletion hides what is older
// than it.
struct Resolver {
  const Image& image;
  const LayerTable* layers;  // null when there are none, or an own deletion hides them here
  Generation pushed;         // the generation of the layers, 0 without
  const Overlay& own;
  Generation barrier;  // the newest own deletion of the key or above

  Resolver(const HiveView& view, KeyId key)
      : image(*view.image()),
        layers(nullptr),
        pushed(0),
        own(view.own()),
        barrier(own.barrier(key)) {
    if (view.layers() != nullptr && view.layers()->generation() > barrier) {
      layers = &view.layers()->table();
      pushed = view.layers()->generation();
    }
  }

  HiveView::Found below_layers(KeyId key, NameId name, const OwnValue* mine) const {
    if (mine != nullptr) {
      if (mine->deleted) return {};
      return {{mine->type, mine->data}, Source::kOwn};
    }
    if (barrier != 0) return {};
    const Image::Value* value = image.find(key, name);
    if (value == nullptr) return {};
    return {value->data.view(), Source::kImage};
  }

  HiveView::Found value(KeyId key, NameId name) const {
    OwnValue row;
    const OwnValue* mine = own.find(key, name, row) ? &row : nullptr;
    if (layers == nullptr || (mine != nullptr && mine->written >= pushed)) {
      return below_layers(key, name, mine);
    }
    const LayerTable::Value* set = layers->find(key, name);
    if (set == nullptr) {
      return layers->hides_values(key) ? HiveView::Found{} : below_layers(key, name, mine);
    }
    if (set->effect == LayerTable::Effect::kDelete) return {};
    if (set->effect == LayerTable::Effect::kSoft) {
      const HiveView::Found found = below_layers(key, name, mine);
      if (found.source != Source::kNone) return found;
    }
    return {set->data.view(), Source::kLayer, set->layer};
  }

  // The row of an own key that is not hidden by newer layers.
  bool own_key(KeyId key, OwnKey& row) const {
    if (!own.find(key, row) || row.created == 0) return false;
    return layers == nullptr || row.created >= pushed || !layers->hides_key(key);
  }
  const LayerTable::Key* layer_key(KeyId key) const {
    return layers == nullptr ? nullptr : layers->find(key);
  }
  const Image::Key* image_key(KeyId key) const {
    if (barrier != 0 || (layers != nullptr && layers->hides_key(key))) return nullptr;
    return image.find(key);
  }
};

void add_name(SpellingId spelling, std::vector<SpellingId>& out, std::unordered_set<NameId>& seen) {
  if (seen.insert(name_of(spelling)).second) out.push_back(spelling);
}

// A value's place in the listing: the generation it was born in, then its number there.
struct Place {
  bool set = false;
  SpellingId spelling = SpellingId::kDefault;
  Generation born = 0;
  std::uint32_t sequence = 0;
};

// The first of several births of a value that lives on.
void bear(Place& place, SpellingId spelling, Generation born, std::uint32_t sequence) {
  if (!place.set) place = {true, spelling, born, sequence};
}
void bear(Place& place, const OwnValue& mine) {
  if (mine.deleted) {
    place = {};
  } else if (mine.born != 0) {
    place = {true, mine.spelling, mine.born, mine.sequence};
  } else {
    bear(place, mine.spelling, mine.written, mine.sequence);
  }
}

}  // namespace

HiveView::HiveView() {
  static const ImagePtr kEmpty = Image::make({}, {});
  image_ = kEmpty;
}

HiveView::HiveView(ImagePtr image, LayerListPtr layers, Overlay own, Generation generation)
    : image_(std::move(image)),
      layers_(std::move(layers)),
      own_(std::move(own)),
      generation_(generation) {}

std::optional<ValueView> HiveView::find(KeyId key, NameId name) const {
  const Found found = Resolver(*this, key).value(key, name);
  if (found.source == Source::kNone) return std::nullopt;
  return found.value;
}

HiveView::Found HiveView::explain(KeyId key, NameId name) const {
  return Resolver(*this, key).value(key, name);
}

bool HiveView::exists(KeyId key) const {
  const Resolver at(*this, key);
  OwnKey row;
  if (at.own_key(key, row)) return true;
  const LayerTable::Key* pushed = at.layer_key(key);
  return (pushed != nullptr && pushed->created) || at.image_key(key) != nullptr;
}

bool HiveView::exists_below_layers(KeyId key) const {
  OwnKey row;
  if (own_.find(key, row) && row.created != 0) return true;
  return own_.barrier(key) == 0 && image_->find(key) != nullptr;
}

std::vector<Subkey> HiveView::subkeys(KeyId key) const {
  std::vector<Subkey> out;
  std::unordered_set<KeyId> seen;
  const auto add = [&](KeyId child) {
    if (!seen.insert(child).second) return;
    if (const std::optional<SpellingId> text = spelling(child)) out.push_back({child, *text});
  };
  if (const Image::Key* base = image_->find(key)) {
    for (const KeyId child : image_->children(*base)) add(child);
  }
  const std::size_t from_image = out.size();
  if (layers_ != nullptr) {
    if (const LayerTable::Key* pushed = layers_->table().find(key)) {
      for (const KeyId child : pushed->children) add(child);
    }
  }
  const auto [first, last] = own_.children(key);
  for (std::size_t i = first; i < last; ++i) add(own_.key_at(i).key);
  if (out.size() > from_image) {
    std::sort(out.begin(), out.end(), [](const Subkey& a, const Subkey& b) {
      return compare(name_of(a.key), name_of(b.key)) < 0;
    });
  }
  return out;
}

std::size_t HiveView::subkey_count(KeyId key) const { return subkeys(key).size(); }

std::vector<NamedValue> HiveView::values(KeyId key) const {
  const Resolver at(*this, key);
  std::vector<SpellingId> names;
  std::unordered_set<NameId> seen;
  std::unordered_map<NameId, Place> places;
  const bool hidden = at.layers != nullptr && at.layers->hides_values(key);
  const Image::Key* base = at.barrier == 0 ? at.image.find(key) : nullptr;
  std::uint32_t sequence = 0;
  if (base != nullptr) {
    for (const Image::Value& value : at.image.values(*base)) {
      add_name(value.spelling, names, seen);
      bear(places[value.name], value.spelling, 0, sequence++);
    }
  }
  const auto [first, last] = at.own.values(key);
  for (std::size_t i = first; i < last; ++i) {
    const OwnValue mine = at.own.value_at(i);
    add_name(mine.spelling, names, seen);
    if (mine.written < at.pushed) bear(places[mine.name()], mine);
  }
  if (hidden) places.clear();
  const LayerTable::Key* pushed = at.layer_key(key);
  if (pushed != nullptr) {
    for (const std::uint32_t index : pushed->values) {
      const LayerTable::Value& set = at.layers->value(index);
      add_name(set.spelling, names, seen);
      bear(places[set.name], set.spelling, at.pushed, index);
    }
  }
  for (std::size_t i = first; i < last; ++i) {
    const OwnValue mine = at.own.value_at(i);
    if (mine.written < at.pushed) continue;
    const LayerTable::Value* set =
        at.layers == nullptr ? nullptr : at.layers->find(key, mine.name());
    if (set != nullptr && set->effect == LayerTable::Effect::kDelete) places.erase(mine.name());
    bear(places[mine.name()], mine);
  }

  std::vector<std::pair<Place, NamedValue>> listed;
  for (const SpellingId spelling : names) {
    const NameId name = name_of(spelling);
    const Found found = at.value(key, name);
    if (found.source == Source::kNone) continue;
    const Place place = places[name];
    listed.push_back({place, {place.set ? place.spelling : spelling, found.value, found.source}});
  }
  std::stable_sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.born, a.first.sequence) < std::pair(b.first.born, b.first.sequence);
  });
  std::vector<NamedValue> out;
  out.reserve(listed.size());
  for (auto& entry : listed) out.push_back(entry.second);
  return out;
}

std::optional<SpellingId> HiveView::spelling(KeyId key) const {
  const Resolver at(*this, key);
  if (const Image::Key* base = at.image_key(key)) return base->spelling;
  OwnKey row;
  const LayerTable::Key* pushed = at.layer_key(key);
  const bool in_layers = pushed != nullptr && pushed->created;
  if (at.own_key(key, row) && (!in_layers || row.created < at.pushed)) return row.spelling;
  if (in_layers) return pushed->spelling;
  if (at.own_key(key, row)) return row.spelling;
  return std::nullopt;
}

std::string HiveView::path(KeyId key) const {
  if (parent_of(key) == KeyId::kNone) return std::string(folded_text(name_of(key)));
  const std::optional<SpellingId> own = spelling(key);
  return path(parent_of(key)) + "\\" + std::string(own ? text_of(*own) : folded_text(name_of(key)));
}

SecurityId HiveView::security(KeyId key) const {
  const SecurityId own = explicit_security(key);
  if (own != SecurityId::kInherited) return own;
  const KeyId parent = parent_of(key);
  return parent == KeyId::kNone ? machine_default() : handed_down(security(parent));
}

SecurityId HiveView::explicit_security(KeyId key) const {
  const Resolver at(*this, key);
  OwnKey row;
  const bool mine = at.own.find(key, row) && row.security != SecurityId::kInherited &&
                    !(at.layers != nullptr && row.secured < at.pushed && at.layers->hides_key(key));
  const LayerTable::Key* pushed = at.layer_key(key);
  if (mine && row.secured >= at.pushed) return row.security;
  if (pushed != nullptr && pushed->security != SecurityId::kInherited) return pushed->security;
  if (pushed != nullptr && pushed->security_of_root) {
    KeyId root = key;
    while (parent_of(root) != KeyId::kNone) root = parent_of(root);
    return security(root);
  }
  if (mine) return row.security;
  if (const Image::Key* base = at.image_key(key)) {
    return base->security;
  }
  return SecurityId::kInherited;
}

FileTime HiveView::last_write(KeyId key) const {
  const Resolver at(*this, key);
  FileTime newest{};
  OwnKey row;
  if (at.own.find(key, row)) newest = row.written;
  if (at.layer_key(key) != nullptr) newest = std::max(newest, layers_->applied());
  if (at.image_key(key) != nullptr) newest = std::max(newest, image_->written());
  return newest;
}

HiveView HiveView::after(const ChangeSet& changes, Generation generation, OwnDelta* delta) const {
  const auto after = [&](const Draft& draft) -> HiveView {
    return {image_, layers_, draft.seal(generation, changes.now, delta), generation};
  };
  if (changes.draft != nullptr && changes.draft->base().same_content(*this))
    return after(*changes.draft);
  Draft draft(*this);
  for (const Op& op : changes.ops) draft.apply(op);
  return after(draft);
}

HiveView HiveView::with_layers(LayerListPtr layers, Generation generation) const {
  return {image_, std::move(layers), own_, generation};
}

}  // namespace slwmi::reg
