// The network of a world as rows, and rules out of a command's options: shared by the commands of
// `slwmi net`.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/invocation.hpp"
#include "world/net/model.hpp"
#include "world/world.hpp"

namespace slwmi::tools {

// One kind of thing that `net show` lists.
struct NetSection {
  const char* title;  // "Zones"
  std::vector<Record> rows;
};

Result<NetSection> net_zones(world::World& world);
// Of one domain, or all when it is empty.
Result<NetSection> net_records(world::World& world, std::string_view domain);
Result<NetSection> net_sites(world::World& world);
Result<NetSection> net_links(world::World& world);
Result<NetSection> net_ports(world::World& world);
// Those of clock skew when `clocks`, else all the others.
Result<NetSection> net_faults(world::World& world, bool clocks);

// Prints one section as the rows of a list command.
Outcome print_section(Invocation& in, const Result<NetSection>& section);

// The options --from and --until: a date, or a length of time after the world's present one.
inline constexpr Option kFromOption{"--from", "TIME",
                                    "since when: a date, or a time from now such as 10d"};
inline constexpr Option kUntilOption{"--until", "TIME", "until when (default: for ever)"};
tl::expected<world::net::Window, Failure> window_of(Invocation& in, world::World& world);
// Who the value of an option names; everyone when it is absent.
tl::expected<world::net::Match, Failure> match_of(Invocation& in, std::string_view option);
// A number of 0 to `most` in an option.
tl::expected<std::uint32_t, Failure> number_up_to(Invocation& in, std::string_view option,
                                                  std::uint32_t otherwise, std::uint32_t most);

inline constexpr std::string_view kWhoHelp =
    "which machines: PC*, site=Ulm, domain=contoso.com, role=kms-client, all";

}  // namespace slwmi::tools
