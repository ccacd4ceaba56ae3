// What a machine sees of its registry: image, policy layers and own writes as one. Per value the
// newest by generation of own write and layer list wins, over the image; taking the layers away
// shows what lay below. A view is an immutable snapshot and cheap to copy; any thread may read it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/datetime.hpp"
#include "registry/image.hpp"
#include "registry/layer.hpp"
#include "registry/op.hpp"
#include "registry/overlay.hpp"

namespace slwmi::reg {

// Where a value comes from.
enum class Source : std::uint8_t { kNone, kImage, kLayer, kOwn };

struct Subkey {
  KeyId key = KeyId::kNone;
  SpellingId spelling = SpellingId::kDefault;
};

struct NamedValue {
  SpellingId spelling = SpellingId::kDefault;
  ValueView value = {};
  Source source = Source::kNone;
};

struct ChangeSet;

class HiveView {
 public:
  HiveView();  // nothing but the roots
  HiveView(ImagePtr image, LayerListPtr layers, Overlay own, Generation generation = 0);

  const ImagePtr& image() const { return image_; }
  const LayerListPtr& layers() const { return layers_; }  // may be null
  const Overlay& own() const { return own_; }
  // Of the commit that this is the state after.
  Generation generation() const { return generation_; }
  // Whether both are made of the very same parts: then they show the same, of whatever generation.
  bool same_content(const HiveView& other) const {
    return image_ == other.image_ && layers_ == other.layers_ && own_.is(other.own_);
  }

  // The value, good as long as this view or a copy of it; nullopt when there is none. Tens of
  // nanoseconds.
  std::optional<ValueView> find(KeyId key, NameId name) const;
  // The same, with where it comes from and, for kLayer, which layer of the list.
  struct Found {
    ValueView value = {};
    Source source = Source::kNone;
    std::uint32_t layer = 0;
  };
  Found explain(KeyId key, NameId name) const;

  bool exists(KeyId key) const;
  // Would it exist without the layers?
  bool exists_below_layers(KeyId key) const;
  std::vector<Subkey> subkeys(KeyId key) const;     // by upcased name
  std::vector<NamedValue> values(KeyId key) const;  // in the order of their making
  std::size_t subkey_count(KeyId key) const;
  std::optional<SpellingId> spelling(KeyId key) const;
  // The path as this machine spells it, from HKEY_LOCAL_MACHINE or HKEY_USERS.
  std::string path(KeyId key) const;
  SecurityId security(KeyId key) const;           // never kInherited
  SecurityId explicit_security(KeyId key) const;  // kInherited when it has none of its own
  FileTime last_write(KeyId key) const;

  // This view after a commit, and what the commit did to the machine's own rows.
  HiveView after(const ChangeSet& changes, Generation generation, OwnDelta* delta = nullptr) const;
  // This view under other layers.
  HiveView with_layers(LayerListPtr layers, Generation generation) const;

 private:
  ImagePtr image_;
  LayerListPtr layers_;
  Overlay own_;
  Generation generation_ = 0;
};

}  // namespace slwmi::reg
