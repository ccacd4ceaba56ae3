// The machine that the providers answer for, as they see it: what it is, its registry, the
// catalogue and the network.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/datetime.hpp"
#include "provider/catalogue.hpp"
#include "provider/network.hpp"
#include "registry/registry.hpp"

namespace slwmi::licensing {

class EventSource;

// What does not change while the machine runs.
struct MachineFacts {
  std::string name;    // "PC1"
  std::string domain;  // "contoso.com"; empty: in a workgroup
  FileTime installed;
  FileTime started;
  std::uint64_t world_seed = 0;
  std::uint64_t seed = 0;  // of the machine: a hash of world and machine
  std::uint64_t hardware =
      0;  // identifies its hardware in installation IDs and at the activation service
  std::uint32_t number = 0;     // of the machine in its world
  std::int32_t clock_skew = 0;  // minutes that its clock is ahead of the world's
  bool virtual_machine = false;
  bool slic_table = false;      // the firmware has an ACPI_SLIC table ...
  bool windows_marker = false;  // ... with a Windows marker
  bool slic_malformed = false;  // ... that cannot be read
  bool upgraded = false;        // installed over a qualifying system
  bool tampered_files = false;  // somebody altered the system's licensing files
};

// Cheap to make; everything behind it must outlive the providers that use it.
struct Host {
  MachineFacts facts;
  const Catalogue* catalogue = nullptr;
  Catalogue::Resolved resolved;  // of the machine's profile
  std::shared_ptr<reg::Store> store;
  Network* network = nullptr;     // nullptr: no way out, which answers 0x80072EE7 and 0x8007232B
  EventSource* events = nullptr;  // the machine's logs; nullptr: they are empty
};

}  // namespace slwmi::licensing
