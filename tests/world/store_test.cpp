// The store alone: one world file, several processes, and whatever happens to them.
#include "world/store.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/support/temporary_folder.hpp"
#include "world/store_impl.hpp"

using namespace slwmi;
using namespace slwmi::world;

namespace {

using Folder = test::TemporaryFolder;

Result<reg::ImagePtr> no_image(const StoredProfile&) { return reg::Image::make({}, FileTime{1}); }
Result<std::unique_ptr<Store>> open(const Folder& folder) {
  return Store::open(folder.file(), Database::Mode::kOpenOrCreate, 7, {no_image});
}
NewMachine machine(int n) {
  return {"PC" + std::to_string(n), "contoso.com", {"vista-sp1", "kms-client", "Enterprise"}, 0};
}
std::vector<NewMachine> machines(int count) {
  std::vector<NewMachine> out;
  for (int i = 0; i < count; ++i) out.push_back(machine(i));
  return out;
}

reg::KeyId key_of(std::initializer_list<std::string_view> path) {
  reg::KeyId key = reg::KeyId::kLocalMachine;
  for (const std::string_view part : path) key = reg::intern_key(key, reg::intern_name(part).id);
  return key;
}
const reg::KeyId kKey = key_of({"SOFTWARE", "Contoso"});
reg::SpellingId name(std::string_view text) { return reg::intern_name(text).spelling; }

// Sets values of one key to one number.
reg::ChangeSet set_all(std::initializer_list<std::string_view> names, std::uint32_t number) {
  reg::OpBuilder ops;
  ops.create_key(reg::KeyId::kLocalMachine, {"SOFTWARE", "Contoso"});
  for (const std::string_view each : names)
    ops.set_value(kKey, name(each), reg::make_dword(number));
  return {ops.take(), FileTime{100}, 0};
}
std::int64_t number_in(const reg::HiveView& view, std::string_view value) {
  const auto found = view.find(kKey, reg::intern_name(value).id);
  const auto number = found ? reg::as_dword(*found) : std::nullopt;
  return number ? std::int64_t{*number} : -1;
}
StoredPolicy policy(std::uint32_t number, int settings) {
  reg::OpBuilder ops;
  const reg::KeyId key = ops.create_key(reg::KeyId::kLocalMachine, {"SOFTWARE", "Policies"});
  for (int i = 0; i < settings; ++i)
    ops.set_value(key, name("setting " + std::to_string(i)), reg::make_dword(number));
  StoredPolicy out;
  out.name = "baseline";
  out.layer = std::make_shared<const reg::Layer>(ops.take());
  out.hash = hash128(reg::encode_ops(out.layer->ops()));
  return out;
}
std::int64_t pushed(const reg::HiveView& view, int setting) {
  const auto found = view.find(key_of({"SOFTWARE", "Policies"}),
                               reg::intern_name("setting " + std::to_string(setting)).id);
  const auto number = found ? reg::as_dword(*found) : std::nullopt;
  return number ? std::int64_t{*number} : -1;
}

struct Progress {
  std::atomic<std::int64_t> calls{0};   // acknowledged
  std::atomic<std::int64_t> pushes{0};  // acknowledged
};
struct SharedProgress {
  Progress* at = static_cast<Progress*>(
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  SharedProgress() { new (at) Progress(); }
  ~SharedProgress() { ::munmap(at, sizeof(Progress)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(world_store)

BOOST_AUTO_TEST_CASE(what_was_written_is_there_in_the_next_process) {
  const Folder folder;
  MachineId id = 0;
  {
    auto store = open(folder).value();
    id = store->add_machines(machines(3)).value()[1];
    BOOST_REQUIRE(store->commit(id, set_all({"a", "B", "\xC3\xA4"}, 9)).has_value());
  }
  auto store = open(folder).value();
  BOOST_TEST(store->find_machine("pc1").value().value() == id);
  const reg::HiveView view = store->view(id).value();
  for (const char* value : {"A", "b", "\xC3\x84"}) BOOST_TEST(number_in(view, value) == 9);
  BOOST_TEST(store->info(id).value().profile->role == "kms-client");
  BOOST_TEST(store->machine_count().value() == 3u);
}

// A value that was deleted and comes again may have another spelling, by which its row is found.
BOOST_AUTO_TEST_CASE(a_name_that_comes_again_keeps_its_new_spelling) {
  const Folder folder;
  const auto spelled = [](Store& store, MachineId id) {
    std::string out;
    for (const reg::NamedValue& value : store.view(id).value().values(kKey))
      out += std::string(reg::text_of(value.spelling)) + " ";
    return out;
  };
  MachineId id = 0;
  {
    auto store = open(folder).value();
    id = store->add_machines(machines(1)).value()[0];
    BOOST_REQUIRE(store->commit(id, set_all({"Setting", "Other"}, 1)).has_value());
    BOOST_REQUIRE(store->commit(id, set_all({"SETTING"}, 2)).has_value());
    BOOST_TEST(spelled(*store, id) == "Setting Other ");
    reg::OpBuilder ops;
    ops.delete_value(kKey, name("setting"));
    BOOST_REQUIRE(store->commit(id, {ops.take(), FileTime{100}, 0}).has_value());
    BOOST_REQUIRE(store->commit(id, set_all({"sETTING"}, 3)).has_value());
    BOOST_TEST(spelled(*store, id) == "Other sETTING ");
  }
  auto store = open(folder).value();
  BOOST_TEST(spelled(*store, id) == "Other sETTING ");
  BOOST_TEST(number_in(store->view(id).value(), "setting") == 3);
}

BOOST_AUTO_TEST_CASE(a_failed_change_leaves_nothing_in_the_picture) {
  auto store = Store::in_memory(7, {no_image}).value();
  const MachineId id = store->add_machines(machines(2)).value()[0];
  const Hash128 before = store->digest().value();
  std::vector<NewMachine> again{machine(5), machine(0)};  // the second is there already
  BOOST_TEST((store->add_machines(again).error().code == HResult::kErrorAlreadyExists));
  BOOST_TEST(store->machine_count().value() == 2u);
  BOOST_TEST((store->digest().value() == before));
  BOOST_TEST(store->commit(id, set_all({"a"}, 1)).has_value());
  BOOST_TEST(number_in(store->view(id).value(), "a") == 1);
}

BOOST_AUTO_TEST_CASE(a_number_of_a_removed_machine_is_not_given_again) {
  auto store = Store::in_memory(7, {no_image}).value();
  const MachineId id = store->add_machines(machines(1)).value()[0];
  BOOST_REQUIRE(store->remove_machine(id).has_value());
  BOOST_TEST(store->add_machines(machines(1)).value()[0] != id);
  BOOST_TEST((store->view(id).error().code == HResult::kErrorNotFound));
}

BOOST_AUTO_TEST_CASE(another_process_sees_commits_pushes_and_restored_snapshots_at_once) {
  const Folder folder;
  auto mine = open(folder).value();
  auto other = open(folder).value();
  const MachineId id = mine->add_machines(machines(1)).value()[0];
  MachineStore seen(*other, id);
  BOOST_TEST(number_in(*seen.current().value(), "a") == -1);
  BOOST_REQUIRE(mine->commit(id, set_all({"a"}, 1)).has_value());
  BOOST_TEST(number_in(*seen.current().value(), "a") == 1);
  BOOST_REQUIRE(mine->snapshot("one").has_value());
  const MachineId ids[] = {id};
  BOOST_REQUIRE(
      mine->change_policies(ids, [](const auto&, auto) { return Store::NewList{{policy(5, 3)}}; })
          .has_value());
  BOOST_TEST(pushed(*seen.current().value(), 2) == 5);
  BOOST_REQUIRE(mine->commit(id, set_all({"a"}, 2)).has_value());
  BOOST_REQUIRE(mine->restore("one").has_value());
  BOOST_TEST(number_in(*seen.current().value(), "a") == 1);
  BOOST_TEST(pushed(*seen.current().value(), 2) == -1);
}

// A thousand method calls and pushes, each of several rows, by a process that is killed again and
// again; meanwhile another process reads.
BOOST_AUTO_TEST_CASE(killing_the_writer_loses_nothing_acknowledged_and_halves_nothing) {
  const Folder folder;
  auto store = open(folder).value();
  const std::vector<MachineId> ids = store->add_machines(machines(20)).value();
  SharedProgress progress;
  MachineStore reader(*store, ids[3]);
  constexpr int kSettings = 10;
  constexpr std::int64_t kChanges = 1000;
  int kills = 0;
  while (progress.at->calls + progress.at->pushes < kChanges) {
    const pid_t writer = ::fork();
    if (writer == 0) {
      auto own = open(folder);
      for (std::uint32_t i = 1; own; ++i) {
        const auto call = static_cast<std::uint32_t>(progress.at->calls + 1);
        if (!(*own)->commit(ids[3], set_all({"a", "b", "c"}, call))) ::_exit(1);
        progress.at->calls = call;
        if (i % 8 != 0) continue;
        const auto push = static_cast<std::uint32_t>(progress.at->pushes + 1);
        const auto next = [&](const auto&, auto) {
          return Store::NewList{{policy(push, kSettings)}};
        };
        if (!(*own)->change_policies(ids, next)) ::_exit(1);
        progress.at->pushes = push;
      }
      ::_exit(1);
    }
    const std::int64_t goal = progress.at->calls + 90;
    bool torn = false;
    while (progress.at->calls < goal && progress.at->calls + progress.at->pushes < kChanges) {
      const std::int64_t calls = progress.at->calls;
      const std::int64_t pushes = progress.at->pushes;
      const reg::HiveView* view = reader.current().value();
      const std::int64_t a = number_in(*view, "a");
      torn |= calls > 0 && (a < calls || number_in(*view, "b") != a || number_in(*view, "c") != a);
      const std::int64_t first = pushed(*view, 0);
      torn |= pushes > 0 && (first < pushes || pushed(*view, kSettings - 1) != first);
    }
    BOOST_TEST(!torn);
    ::kill(writer, SIGKILL);
    int status = 0;
    ::waitpid(writer, &status, 0);
    BOOST_REQUIRE(WIFSIGNALED(status));
    ++kills;
    // What was in the making when it was killed is there whole or not at all.
    const std::int64_t calls = number_in(store->view(ids[3]).value(), "a");
    const std::int64_t pushes = std::max<std::int64_t>(pushed(store->view(ids[3]).value(), 0), 0);
    BOOST_TEST(calls >= progress.at->calls);
    BOOST_TEST(calls <= progress.at->calls + 1);
    BOOST_TEST(pushes >= progress.at->pushes);
    BOOST_TEST(pushes <= progress.at->pushes + 1);
    for (const MachineId id : ids) {
      const reg::HiveView view = store->view(id).value();
      BOOST_TEST(std::max<std::int64_t>(pushed(view, 0), 0) == pushes);
    }
    progress.at->calls = calls;
    progress.at->pushes = pushes;
  }
  BOOST_TEST(kills > 5);
  const reg::Generation generation = store->generation().value();
  BOOST_TEST(generation ==
             1u + static_cast<std::uint64_t>(progress.at->calls + progress.at->pushes));
  BOOST_TEST((open(folder).value()->digest().value() == store->digest().value()));
}

// Flips bits all over the file: whatever can still be read is what was written.
BOOST_AUTO_TEST_CASE(a_flipped_bit_is_found_and_never_returned) {
  const Folder folder;
  std::vector<MachineId> ids;
  {
    auto store = open(folder).value();
    ids = store->add_machines(machines(3)).value();
    for (const MachineId id : ids)
      BOOST_REQUIRE(store->commit(id, set_all({"first", "second"}, 77000 + id)).has_value());
    BOOST_REQUIRE(
        store
            ->change_policies(ids, [](const auto&, auto) { return Store::NewList{{policy(5, 3)}}; })
            .has_value());
  }
  std::ifstream in(folder.file(), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  const std::string path = folder.file("bad");
  int wrong = 0, found = 0, tried = 0;
  constexpr std::size_t kPage = 1024;
  for (std::size_t at = 0; at < good.size(); at += 13) {
    if (good[at] == 0 && at % kPage > 200) continue;  // unused space, mostly
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
    for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(path + beside);
    ++tried;
    auto store = Store::open(path, Database::Mode::kOpen, 7, {no_image});
    if (!store) {
      ++found;
      continue;
    }
    for (const MachineId id : ids) {
      const auto view = (*store)->view(id);
      const auto info = (*store)->info(id);
      if (!view || !info) {
        ++found;
        continue;
      }
      for (const char* value : {"first", "second"}) {
        const std::int64_t number = number_in(*view, value);
        if (number != 77000 + id && number != -1) ++wrong;
      }
      const std::int64_t setting = pushed(*view, 1);
      if (setting != 5 && setting != -1) ++wrong;
      if (info->name != "PC" + std::to_string(id - ids[0])) ++wrong;
    }
  }
  BOOST_TEST(tried > 100);
  BOOST_TEST(found > 20);
  BOOST_TEST(wrong == 0);
}

// Whoever writes a row can make its digest, too.
BOOST_AUTO_TEST_CASE(a_machine_row_with_a_number_of_nothing_is_refused) {
  const Folder folder;
  const MachineId id = open(folder).value()->add_machines(machines(1)).value().front();
  for (const std::string column : {"profile", "domain", "site"}) {
    for (const std::uint32_t number : {77u, 0xFFFFFFFFu}) {
      BOOST_TEST_CONTEXT(column << " " << number) {
        const std::string path = folder.file("bad");
        std::filesystem::copy_file(folder.file(), path,
                                   std::filesystem::copy_options::overwrite_existing);
        {
          auto db = Database::open(path, Database::Mode::kOpen).value();
          const std::string set = "UPDATE machine SET " + column + "=" + std::to_string(number);
          BOOST_REQUIRE(db->execute(set.c_str()).has_value());
          Statement row = db->prepare(
                                "SELECT profile, domain, site, flags, hardware, installed, "
                                "started, name, list FROM machine")
                              .value();
          BOOST_REQUIRE(row.step().value());
          const std::uint64_t digest =
              row_digest("machine",
                         {id, row.number(0), row.number(1), row.number(2), row.number(3),
                          row.number(4), row.number(5), row.number(6)},
                         row.text(7)) ^
              row_digest("list", {id, row.number(8)});
          row.reset();
          const std::string sign = "UPDATE machine SET digest=" + std::to_string(digest);
          BOOST_REQUIRE(db->execute(sign.c_str()).has_value());
        }
        auto store = Store::open(path, Database::Mode::kOpen, 7, {no_image}).value();
        BOOST_TEST(!store->all_machines().has_value());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_newer_format_and_other_databases_are_refused_with_a_clear_code) {
  const Folder folder;
  { BOOST_REQUIRE(open(folder).has_value()); }
  {
    auto db = Database::open(folder.file(), Database::Mode::kOpen).value();
    BOOST_REQUIRE(db->execute("PRAGMA user_version=99").has_value());
  }
  BOOST_TEST((open(folder).error().code == HResult::kErrorNotSupported));
  auto db = Database::open(folder.file("x"), Database::Mode::kCreate).value();
  BOOST_REQUIRE(db->execute("CREATE TABLE t(v INTEGER)").has_value());
  BOOST_TEST((Store::open(folder.file("x"), Database::Mode::kOpen, 0, {no_image}).error().code ==
              HResult::kErrorFileCorrupt));
}

BOOST_AUTO_TEST_SUITE_END()
