// A thousand method calls and pushes by a process that is killed again and again, as seen from
// sessions: nothing acknowledged is lost, nothing is half done, nobody reads what is stale.
#include <atomic>
#include <new>
#include <signal.h>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "policy/document.hpp"
#include "tests/support/temporary_folder.hpp"
#include "world/session.hpp"
#include "world/world.hpp"

using namespace slwmi;
using namespace slwmi::world;

namespace {

constexpr const char* kService = "SoftwareLicensingService.Version=\"6.0.6001.18000\"";
constexpr std::int64_t kChanges = 1000;
constexpr std::int64_t kLowest = 15;  // the least interval that both properties take

struct Progress {  // acknowledged
  std::atomic<std::int64_t> calls{0};
  std::atomic<std::int64_t> pushes{0};
  std::int64_t sum() const { return calls + pushes; }
};

struct Fixture {
  Fixture() {
    void* const memory = ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    progress = new (memory) Progress();
  }
  ~Fixture() { ::munmap(progress, sizeof(Progress)); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  test::TemporaryFolder folder;
  std::string file = folder.file();
  Progress* progress;
  std::vector<std::string> clients;
};

Result<Session> connect(World& world, std::string_view machine) {
  SL_TRY(const Machine found, world.machine(machine));
  return found.connect(find_principal("administrator").value());
}

// Calls and pushes until it is killed; each number is one more than the last.
bool write_on(Fixture& f) {
  const auto world = World::open(f.file, World::Mode::kOpen);
  if (!world) return false;
  auto session = connect(**world, "HOST");
  for (int i = 1; session; ++i) {
    const std::int64_t call = f.progress->calls + 1;
    const Parameters in{
        {"RenewalInterval", cim::Value::uint32(static_cast<std::uint32_t>(kLowest + call))}};
    if (!session->call(kService, "SetVLRenewalInterval", in)) return false;
    f.progress->calls = call;
    if (i % 4 != 0) continue;
    const std::int64_t push = f.progress->pushes + 1;
    const std::string number = std::to_string(kLowest + push);
    const auto document = policy::make_document(
        "intervals", "",
        {{"VLActivationInterval", {number}, false}, {"VLRenewalInterval", {number}, false}});
    if (!document || !(*world)->apply_policy(*document, f.clients)) return false;
    f.progress->pushes = push;
  }
  return false;
}

std::int64_t read(Session& session, std::string_view property) {
  const auto value = session.read(kService, property);
  return value ? std::int64_t{value->as_uint32()} - kLowest : -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crash)

BOOST_FIXTURE_TEST_CASE(a_thousand_calls_and_pushes_survive_a_writer_killed_again_and_again,
                        Fixture) {
  auto world = World::open(file).value();
  BOOST_REQUIRE(world->add_machine({.name = "HOST", .os = "2008", .role = "kms-host"}).has_value());
  for (int i = 0; i < 12; ++i) {
    clients.push_back("PC" + std::to_string(i));
    BOOST_REQUIRE(world->add_machine({.name = clients.back()}).has_value());
  }
  Session host = connect(*world, "HOST").value();
  Session client = connect(*world, "PC7").value();
  int kills = 0;
  while (progress->sum() < kChanges) {
    const pid_t writer = ::fork();
    if (writer == 0) ::_exit(write_on(*this) ? 0 : 1);
    const std::int64_t goal = progress->sum() + 140;
    bool stale = false;
    bool ended = false;
    while (!ended && progress->sum() < goal) {
      const std::int64_t calls = progress->calls;
      const std::int64_t pushes = progress->pushes;
      stale |= calls > 0 && read(host, "VLRenewalInterval") < calls;
      stale |= pushes > 0 && read(client, "VLActivationInterval") < pushes;
      ended = ::waitpid(writer, nullptr, WNOHANG) == writer;
    }
    BOOST_REQUIRE(!ended);  // it only ends by itself when a call failed
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    ++kills;
    BOOST_TEST(!stale);
    const std::int64_t calls = read(host, "VLRenewalInterval");
    BOOST_TEST(calls >= progress->calls);
    BOOST_TEST(calls <= progress->calls + 1);
    const std::int64_t pushes = progress->pushes == 0 ? 0 : read(client, "VLActivationInterval");
    BOOST_TEST(pushes >= progress->pushes);
    BOOST_TEST(pushes <= progress->pushes + 1);
    for (const std::string& name : clients) {  // each machine and each setting, or none
      if (pushes == 0) break;
      Session session = connect(*world, name).value();
      BOOST_TEST(read(session, "VLActivationInterval") == pushes);
      BOOST_TEST(read(session, "VLRenewalInterval") == pushes);
    }
    progress->calls = calls;
    progress->pushes = pushes;
  }
  BOOST_TEST(kills > 4);
  BOOST_TEST(World::open(file).value()->digest().value() == world->digest().value());
}

BOOST_AUTO_TEST_SUITE_END()
