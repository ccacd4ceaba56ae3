// The network model in the form that is asked: rules by the machines that they concern, records by
// domain. A machine is classified once (Profile), after which every question is answered from small
// tables without allocating, so that a simulation may ask millions of times. Immutable; any thread
// may ask. The answers depend on the model, the world's seed and the arguments alone.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/function_ref.hpp"
#include "base/text.hpp"
#include "world/net/model.hpp"

namespace slwmi::world::net {

// A KMS host as DNS names it.
struct Target {
  std::string_view host;  // lives as long as the network
  std::uint16_t port = kKmsPort;
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  MachineId machine = 0;  // of that name when the network was compiled; 0: none
};

// What a question is answered with, and what stood in the way.
enum class Cause : std::uint8_t { kNone, kLink, kPort, kFault, kSite, kDns };
struct Verdict {
  HResult code = HResult::kSOk;
  Cause cause = Cause::kNone;
  std::uint16_t rule = 0;  // the place of the link, port rule or fault in the model
  bool ok() const { return code == HResult::kSOk; }
};

struct Answer {
  Verdict verdict;
  std::span<const Target> targets;  // not empty when the verdict is ok
};

// What the network's rules make of a machine: equal for machines that no rule tells apart.
class Profile {
 public:
  bool operator==(const Profile& other) const {
    return domain_ == other.domain_ && bits_ == other.bits_;
  }
  bool is_plain() const { return rules_.empty(); }  // no rule asks for it

 private:
  friend class CompiledNetwork;
  friend class Profiles;
  enum Question {
    kLookup,
    kUpdate,
    kReach,
    kBusy,
    kResponse,
    kActivation,
    kClock,
    kLinks,
    kPorts,
    kCount
  };
  bool has(std::uint16_t bit) const { return (bits_[bit / 64] >> (bit % 64) & 1) != 0; }
  std::span<const std::uint16_t> rules(Question question) const {
    return std::span(rules_).subspan(begin_[question], begin_[question + 1] - begin_[question]);
  }

  std::uint32_t domain_ = 0;
  bool internet_ = true;
  std::vector<std::uint64_t> bits_;  // which matches of the model it fits
  std::vector<std::uint16_t> rules_;
  std::array<std::uint32_t, kCount + 1> begin_{};
};

// A machine that asks, or is asked.
struct Peer {
  const Profile& profile;
  MachineId id = 0;
};

class CompiledNetwork {
 public:
  using Resolve = FunctionRef<MachineId(std::string_view host)>;

  // `model` must pass check(). `resolve` says which machine has the DNS name of a record, 0 none.
  CompiledNetwork(std::shared_ptr<const Model> model, std::uint64_t seed, Resolve resolve);

  const Model& model() const { return *model_; }

  Profile profile(const Traits& machine) const;

  // The service records of the machine's own domain. ERROR_INVALID_NAME when it has none, the codes
  // of look_up() (dns.hpp), or of a fault.
  Answer lookup(const Peer& who, FileTime now) const {
    return lookup(who, who.profile.domain_, now);
  }
  // The same of any domain.
  Answer lookup(const Peer& who, std::string_view domain, FileTime now) const;

  // Whether faults let the machine's dynamic updates through; may_update() has the zone's rule.
  Verdict update(const Peer& who, FileTime now) const {
    return first_fault(who, Profile::kUpdate, nullptr, now);
  }

  // Whether a call of one machine arrives at a port of another: RPC_S_SERVER_UNAVAILABLE or kSOk.
  // Nothing stands between a machine and itself.
  Verdict reach(const Peer& from, const Peer& to, std::uint16_t port, FileTime now) const {
    return from.profile.is_plain() ? Verdict() : reach_by_rules(from, to, port, now);
  }
  // Whether what runs there with low priority gets to answer.
  Verdict starve(const Peer& from, const Peer& to, FileTime now) const {
    return first_fault(from, Profile::kBusy, &to, now);
  }
  // Whether the asked machine's answer comes back.
  Verdict response(const Peer& from, const Peer& to, FileTime now) const {
    return first_fault(from, Profile::kResponse, &to, now);
  }

  // Whether a question arrives and its answer comes back: reach(), response(), and starve() where
  // the asked runs with low priority.
  bool lets_through(const Peer& from, const Peer& to, std::uint16_t port, bool low_priority,
                    FileTime now) const {
    return from.profile.is_plain() ||
           (reach(from, to, port, now).ok() && (!low_priority || starve(from, to, now).ok()) &&
            response(from, to, now).ok());
  }

  // Whether the machine reaches the activation service and the validation service.
  Verdict service(const Peer& who, FileTime now) const;

  // The moments at which a fault of clocks begins or ends, ascending: between two of them no clock
  // jumps.
  std::vector<FileTime> clock_turns() const;
  // Minutes that the machine's clock is ahead of the world's: at most kMaxSkew, either way.
  std::int64_t skew(const Peer& who, FileTime now) const {
    return who.profile.is_plain() ? 0 : skew_by_rules(who, now);
  }
  // What its clock shows when the world's is at `now`.
  FileTime clock_of(const Peer& who, FileTime now) const;

  // "the fault outage", "the link of Ulm and *"; for people.
  std::string describe(const Verdict& verdict) const;

 private:
  friend class Profiles;
  using Key = std::pair<std::uint32_t, std::vector<std::uint64_t>>;
  struct Gate {
    std::uint16_t from, to;  // bits
    std::uint16_t port;      // 0: every port
    bool open;
    Window window;
  };
  struct Rule {
    std::uint16_t who, at;  // bits
    Share share;
    HResult code;
    Window window;
    std::uint32_t one_in;
    std::int32_t skew;
    std::uint64_t seed;
  };
  struct Domain {
    HResult code;
    std::uint32_t first, count;  // targets
  };

  std::uint32_t domain_of(std::string_view domain) const;
  Key key_of(const Traits& machine) const;
  Profile make_profile(Key key) const;
  Answer lookup(const Peer& who, std::uint32_t domain, FileTime now) const;
  Verdict reach_by_rules(const Peer& from, const Peer& to, std::uint16_t port, FileTime now) const;
  std::int64_t skew_by_rules(const Peer& who, FileTime now) const;
  // The first fault of those that the question is about.
  Verdict first_fault(const Peer& who, Profile::Question question, const Peer* at,
                      FileTime now) const {
    return who.profile.is_plain() ? Verdict()
                                  : first_of_rules(who.profile.rules(question), who.id, at, now);
  }
  Verdict first_of_rules(std::span<const std::uint16_t> rules, MachineId who, const Peer* at,
                         FileTime now) const;
  bool happens(const Rule& rule, MachineId who, MachineId at, FileTime now) const;

  std::shared_ptr<const Model> model_;
  std::vector<Match> matches_;          // by bit; 0 is everyone
  std::vector<std::uint16_t> offline_;  // bits of sites without a way to the services
  std::vector<Gate> links_, ports_;
  std::vector<Rule> rules_;
  std::vector<Domain> domains_;  // 0: a machine without a domain, 1: names nobody has
  std::unordered_map<std::string_view, std::uint32_t, IgnoreCaseHash, IgnoreCaseEqual> domain_ids_;
  std::vector<Target> targets_;
};

// The profiles of many machines, each kept once. Numbers are given in order from 0; a profile stays
// where it is. Machines of one site, domain and role are told apart by patterns of names alone.
class Profiles {
 public:
  explicit Profiles(const CompiledNetwork& network) : network_(network) {}
  std::uint32_t add(const Traits& machine);
  const Profile& operator[](std::uint32_t number) const { return profiles_[number]; }
  std::size_t size() const { return profiles_.size(); }

 private:
  struct Place {
    CompiledNetwork::Key key;          // of a machine there whose name no pattern fits
    std::vector<std::uint16_t> named;  // bits that its name decides
  };
  struct PlaceLess {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      using Texts = std::array<std::string_view, 3>;
      return Texts{a.site, a.domain, a.role} < Texts{b.site, b.domain, b.role};
    }
  };
  struct PlaceName {
    std::string site, domain, role;
  };
  const Place& place_of(const Traits& machine);

  const CompiledNetwork& network_;
  std::map<PlaceName, Place, PlaceLess> places_;
  const std::pair<const PlaceName, Place>* last_ = nullptr;
  std::map<CompiledNetwork::Key, std::uint32_t> numbers_;
  std::deque<Profile> profiles_;
  CompiledNetwork::Key key_;  // of the last machine
};

}  // namespace slwmi::world::net
