// A world as somebody describes it in JSON, INFO or XML (docs/formats.md, "World descriptions"):
// machines by count and name pattern, images and clones, policies, the network and its faults, what
// happens when, and how long to simulate. Pure: reads bytes, makes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/datetime.hpp"
#include "base/result.hpp"
#include "policy/document.hpp"
#include "world/net/model.hpp"
#include "world/world.hpp"

namespace slwmi::world::simulation {

// Minutes after the start of the world.
using Offset = std::uint64_t;

// A reference machine whose disk was copied.
struct Image {
  std::string name;
  bool generalized = true;  // sysprep /generalize ran before; otherwise clones share its identity
  Offset age = 0;           // how long it had run: without generalization clones have used as much
};

// Machines that are alike.
struct Group {
  std::string name;  // a run of # is the number, with as many digits at least: "PC#####"
  std::uint32_t count = 1;
  std::uint32_t first = 1;   // number of the first
  MachineSpec spec;          // its name is not used
  std::string image;         // empty: installed from the media
  Offset start = 0;          // when the first machine is installed
  Offset spread = 0;         // the others follow within this time, each at a minute of its own draw
  policy::Place place = {};  // in the description, as of an action
};

struct Push {
  policy::Document document;
  std::string machines = "all";  // policy/targeting.hpp
};

enum class ActionKind : std::uint8_t {
  kRestart,
  kRearm,
  kGeneralize,
  kActivate,
  kChangeHardware,
  kMarkNonGenuine,
  kTamper,
  kInstallKey,
  kRename,
  kMove,
  kRemove,
  kPush,
  kWithdraw,
};
// "restart", "rearm", ...
std::string_view name_of(ActionKind kind);

// Something that is done to machines at a time.
struct Action {
  ActionKind kind = ActionKind::kRestart;
  Offset at = 0;
  std::string machines = "all";  // policy/targeting.hpp
  std::string to;                // kRename: the new name; kMove: the new domain, empty: as it is
  std::string site;              // kMove: the new site, empty: as it is
  std::string edition, channel;  // kInstallKey
  std::uint32_t serial = 0;      // kInstallKey; 0: each machine a key of its own
  std::string policy;            // kWithdraw: the name
  std::vector<policy::Document> document;  // kPush: one
  policy::Place place = {};
};

struct Description {
  std::string name;
  std::uint64_t seed = 0;
  FileTime start;  // zero: where a new world's clock stands
  Offset duration = Offset{180} * 24 * 60;
  Offset sample = Offset{24} * 60;           // between two rows of the time series
  Offset checkpoint = Offset{30} * 24 * 60;  // between two checkpoints
  std::vector<Image> images;
  std::vector<Group> groups;
  std::vector<Push> policies;   // in force from the start, in this order
  net::Model network;           // its windows count from the world's start already
  std::vector<Action> actions;  // by time

  std::uint64_t machine_count() const;
  const Image* find_image(std::string_view image) const;
};

struct DescriptionLimits {
  policy::Limits text;  // depth and size, before a recursive reader sees the text
  std::uint64_t machines = 2'000'000;
};

// ERROR_INVALID_DATA with line, column and path of what is wrong, whatever the syntax; E_INVALIDARG
// over a limit. What only a world knows, such as its products, is for build() to say.
Result<Description> read_description(ByteSpan bytes, const DescriptionLimits& limits = {});

// The name of one machine of a group. ERROR_INVALID_NAME is for who adds it.
std::string machine_name(const Group& group, std::uint32_t number);

}  // namespace slwmi::world::simulation
