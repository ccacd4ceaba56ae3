// Many at once: method calls that count something are read, decided and written as one, so no
// count is lost between processes or between threads.
#include <algorithm>
#include <atomic>
#include <functional>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "provider/activation_service.hpp"
#include "tests/support/temporary_folder.hpp"
#include "world/session.hpp"
#include "world/shared.hpp"
#include "world/world.hpp"

using namespace slwmi;
using namespace slwmi::world;

namespace {

constexpr int kWorkers = 6;

using Folder = test::TemporaryFolder;

// Shared with child processes.
struct Tally {
  std::atomic<int> ready{0};
  std::atomic<int> done{0};
  std::atomic<int> refused{0};
  std::atomic<int> other{0};
};
struct SharedTally {
  Tally* at = static_cast<Tally*>(
      ::mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  SharedTally() { new (at) Tally(); }
  ~SharedTally() { ::munmap(at, sizeof(Tally)); }
};

// A worker begins when all have come.
void meet(Tally& tally) {
  ++tally.ready;
  while (tally.ready < kWorkers) ::usleep(100);
}

using Work = std::function<void(World&, int worker, Tally&)>;

void in_processes(const std::string& file, Tally& tally, const Work& work) {
  std::vector<pid_t> children;
  for (int i = 0; i < kWorkers; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto world = World::open(file, World::Mode::kOpen);
      meet(tally);
      if (world) work(**world, i, tally);
      ::_exit(world ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(status == 0);
  }
}

void in_threads(const std::string& file, Tally& tally, const Work& work) {
  const auto world = World::open(file, World::Mode::kOpen).value();
  std::vector<std::thread> threads;
  for (int i = 0; i < kWorkers; ++i) {
    threads.emplace_back([&, i] {
      meet(tally);
      work(*world, i, tally);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

struct Way {
  const char* why;
  void (*run)(const std::string&, Tally&, const Work&);
};
constexpr Way kWays[] = {{"processes", in_processes}, {"threads of one world", in_threads}};

Result<Session> connect(World& world, std::string_view machine) {
  SL_TRY(const Machine found, world.machine(machine));
  return found.connect(find_principal("administrator").value());
}

void count(Tally& tally, HResult code, HResult refusal) {
  (code == HResult::kSOk ? tally.done : code == refusal ? tally.refused : tally.other) += 1;
}

template <class T>
HResult code_of(const Result<T>& result) {
  return result ? HResult::kSOk : result.error().code;
}

std::string client(int i) { return "PC" + std::to_string(i); }

std::string path_of_installed(Session& session) {
  const auto rows =
      session.query("SELECT ID FROM SoftwareLicensingProduct WHERE PartialProductKey <> NULL");
  if (!rows || rows->empty()) return {};
  return "SoftwareLicensingProduct.ID=\"" + std::string(rows->front().get("ID").as_text()) + "\"";
}

std::uint32_t number(Session& session, std::string_view property) {
  return session.read("SoftwareLicensingService.Version=\"6.0.6001.18000\"", property)
      .value()
      .as_uint32();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(at_once)

BOOST_AUTO_TEST_CASE(no_reset_of_the_timers_is_lost) {
  constexpr int kEach = 2;
  constexpr int kAllowed = 3;  // of the edition
  for (const Way& way : kWays) {
    BOOST_TEST_CONTEXT(way.why) {
      const Folder folder;
      World::open(folder.file()).value()->add_machine({.name = "PC", .os = "vista-rtm"}).value();
      const SharedTally tally;
      way.run(folder.file(), *tally.at, [](World& world, int, Tally& out) {
        for (int i = 0; i < kEach; ++i) {
          const auto machine = world.machine("PC");
          count(out, code_of(machine->generalize()), HResult::kSlRemappingSpPubTsMaxRearmReached);
        }
      });
      BOOST_TEST(tally.at->done == kAllowed);
      BOOST_TEST(tally.at->refused == kEach * kWorkers - kAllowed);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_reset_that_waits_for_the_restart_is_asked_for_once) {
  for (const Way& way : kWays) {
    BOOST_TEST_CONTEXT(way.why) {
      const Folder folder;
      World::open(folder.file()).value()->add_machine({.name = "PC"}).value();
      const SharedTally tally;
      way.run(folder.file(), *tally.at, [](World& world, int, Tally& out) {
        auto session = connect(world, "PC");
        const auto called = session->call("SoftwareLicensingService.Version=\"6.0.6001.18000\"",
                                          "ReArmWindows", {});
        count(out, code_of(called), HResult::kSlRemappingSpPubTsRearmed);
      });
      BOOST_TEST(tally.at->done == 1);
      BOOST_TEST(tally.at->refused == kWorkers - 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_request_to_a_kms_host_is_lost) {
  constexpr int kRequests = 8;
  for (const Way& way : kWays) {
    BOOST_TEST_CONTEXT(way.why) {
      const Folder folder;
      {
        const auto world = World::open(folder.file()).value();
        world->add_machine({.name = "KMS", .os = "2008", .role = "kms-host"}).value();
        for (int i = 0; i < kWorkers; ++i) world->add_machine({.name = client(i)}).value();
        Session host = connect(*world, "KMS").value();
        BOOST_REQUIRE(host.call(path_of_installed(host), "Activate", {}).has_value());
      }
      const SharedTally tally;
      way.run(folder.file(), *tally.at, [](World& world, int worker, Tally& out) {
        auto session = connect(world, client(worker));
        const std::string path = path_of_installed(*session);
        for (int i = 0; i < kRequests; ++i)
          count(out, code_of(session->call(path, "Activate", {})), HResult::kSlEVlNotEnoughCount);
      });
      BOOST_TEST(tally.at->refused == kWorkers * kRequests);
      const auto world = World::open(folder.file()).value();
      Session host = connect(*world, "KMS").value();
      BOOST_TEST(number(host, "KeyManagementServiceTotalRequests") ==
                 static_cast<std::uint32_t>(kWorkers * kRequests));
      BOOST_TEST(number(host, "KeyManagementServiceCurrentCount") ==
                 static_cast<std::uint32_t>(kWorkers));
    }
  }
}

BOOST_AUTO_TEST_CASE(no_activation_is_lost_at_the_activation_service) {
  for (const Way& way : kWays) {
    BOOST_TEST_CONTEXT(way.why) {
      const Folder folder;
      {
        const auto world = World::open(folder.file()).value();
        for (int i = 0; i < kWorkers; ++i)
          world->add_machine({.name = client(i), .role = "mak"}).value();
      }
      const SharedTally tally;
      way.run(folder.file(), *tally.at, [](World& world, int worker, Tally& out) {
        auto session = connect(world, client(worker));
        count(out, code_of(session->call(path_of_installed(*session), "Activate", {})),
              HResult::kEFail);
      });
      BOOST_TEST(tally.at->done == kWorkers);
      const auto world = World::open(folder.file()).value();
      const auto stored = world->shared().store().blob("activation-service").value();
      BOOST_REQUIRE(stored.has_value());
      const auto ledger = licensing::decode_ledger(*stored).value();
      BOOST_REQUIRE(ledger.keys.size() == 1u);
      BOOST_TEST(ledger.keys.begin()->second.total() == static_cast<std::uint32_t>(kWorkers));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
