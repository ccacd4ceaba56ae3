// The base registry of an OS version and edition: immutable and shared by every machine that starts
// from it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/datetime.hpp"
#include "base/result.hpp"
#include "registry/op.hpp"
#include "registry/slots.hpp"

namespace slwmi::reg {

class Image {
 public:
  struct Key {
    KeyId id = KeyId::kNone;
    SpellingId spelling = SpellingId::kDefault;
    SecurityId security = SecurityId::kInherited;
    std::uint32_t first_child = 0, child_count = 0;
    std::uint32_t first_value = 0, value_count = 0;
  };
  struct Value {
    KeyId key = KeyId::kNone;
    SpellingId spelling = SpellingId::kDefault;
    NameId name = NameId::kDefault;
    ValueData data = {};
  };

  // Applies the operations in order to the empty registry (HKLM and HKU exist always). `written` is
  // every key's last-write time.
  static std::shared_ptr<const Image> make(std::span<const Op> ops, FileTime written);

  const Key* find(KeyId key) const;
  const Value* find(KeyId key, NameId name) const;
  std::span<const KeyId> children(const Key& key) const;  // by upcased name
  std::span<const Value> values(const Key& key) const;    // in the order of their making
  FileTime written() const { return written_; }
  std::size_t key_count() const { return keys_.size(); }
  std::size_t value_count() const { return values_.size(); }

 private:
  struct Builder;
  std::vector<Key> keys_;
  std::vector<KeyId> children_;
  std::vector<Value> values_;
  Slots key_slots_, value_slots_;
  FileTime written_ = {};
};
using ImagePtr = std::shared_ptr<const Image>;

// The images that this build carries: "6.0.6000", "6.0.6001" or "6.0.6001-server", and an edition
// ("Enterprise"). An image is put together on first use and kept. ERROR_NOT_FOUND names what there
// is.
Result<ImagePtr> embedded_image(std::string_view os, std::string_view edition);
struct ImageName {
  std::string_view os, edition;
};
std::span<const ImageName> embedded_images();

}  // namespace slwmi::reg
