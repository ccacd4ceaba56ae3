// What the file must stand: killed writers, old readers, damage, and media that only give.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "base/database.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace slwmi;

namespace {

using Folder = test::TemporaryFolder;

// Memory that a test shares with the processes it starts.
template <class T>
class Shared {
 public:
  Shared()
      : at_(static_cast<T*>(::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    new (at_) T();
  }
  ~Shared() { ::munmap(at_, sizeof(T)); }
  T* operator->() { return at_; }

 private:
  T* at_;
};

// Runs `body` in a process of its own, which ends with 0 when it returns true.
pid_t start(const std::function<bool()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  return child;
}
int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::unique_ptr<Database> open(const Folder& folder) {
  return Database::open(folder.file(), Database::Mode::kOpenOrCreate).value();
}
bool insert(Database& db, std::int64_t value) {
  auto write = db.begin_write();
  if (!write) return false;
  auto statement = db.prepare("INSERT INTO t VALUES(?)");
  return statement && statement->bind(1, value).run() && write->commit();
}
Result<std::int64_t> number(Database& db, std::string_view sql) {
  SL_TRY(Statement query, db.prepare(sql));
  SL_TRY(const bool row, query.step());
  return row ? query.integer(0) : -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(database_crash)

BOOST_AUTO_TEST_CASE(a_write_inside_another_is_refused_and_leaves_the_outer_its_turn) {
  const Folder folder;
  auto db = open(folder);
  BOOST_REQUIRE(db->execute("CREATE TABLE t(v INTEGER) STRICT").has_value());
  auto outer = db->begin_write().value();
  BOOST_TEST((db->begin_write().error().code == HResult::kEUnexpected));
  BOOST_REQUIRE(db->execute("INSERT INTO t VALUES(1)").has_value());
  BOOST_TEST(outer.commit().has_value());
  BOOST_TEST(insert(*db, 2));
}

BOOST_AUTO_TEST_CASE(no_writer_starves_among_writers_that_never_pause) {
  const Folder folder;
  BOOST_REQUIRE(open(folder)->execute("CREATE TABLE t(v INTEGER) STRICT").has_value());
  struct Counts {
    std::atomic<bool> stop{false};
    std::atomic<int> done[3] = {};
  };
  Shared<Counts> counts;
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(start([&, i] {
      auto own = Database::open(folder.file(), Database::Mode::kOpen);
      if (!own) return false;
      while (!counts->stop) {
        if (!insert(**own, i)) return false;
        ++counts->done[i];
      }
      return true;
    }));
  }
  ::usleep(600'000);
  counts->stop = true;
  for (const pid_t child : children) BOOST_TEST(wait_for(child) == 0);
  const int total = counts->done[0] + counts->done[1] + counts->done[2];
  for (int i = 0; i < 3; ++i) BOOST_TEST(counts->done[i] * 12 >= total, "writer " << i);
  BOOST_TEST(number(*open(folder), "SELECT count(*) FROM t").value() == total);
}

BOOST_AUTO_TEST_CASE(readers_see_all_of_a_commit_or_none_while_writers_are_killed) {
  const Folder folder;
  auto db = open(folder);
  BOOST_REQUIRE(db->execute("CREATE TABLE t(k INTEGER PRIMARY KEY, v INTEGER) STRICT;"
                            "INSERT INTO t VALUES(1,0),(2,0)")
                    .has_value());
  Shared<std::atomic<std::int64_t>> acknowledged;
  std::int64_t last = 0;
  for (int round = 0; round < 12; ++round) {
    const pid_t writer = start([&] {
      auto own = Database::open(folder.file(), Database::Mode::kOpen);
      if (!own) return false;
      for (std::int64_t i = last + 1;; ++i) {
        auto write = (*own)->begin_write();
        auto statement = (*own)->prepare("UPDATE t SET v=? WHERE k=?");
        if (!write || !statement) return false;
        for (const std::int64_t k : {1, 2}) {
          if (!statement->bind(1, i).bind(2, k).run()) return false;
        }
        if (!write->commit()) return false;
        acknowledged->store(i);
      }
    });
    const std::int64_t goal = acknowledged->load() + 5;
    while (acknowledged->load() < goal) {
      const std::int64_t before = acknowledged->load();
      const Result<std::int64_t> sum = number(*db, "SELECT min(v)*1000000+max(v) FROM t");
      BOOST_REQUIRE(sum.has_value());
      BOOST_REQUIRE(*sum / 1000000 == *sum % 1000000);
      BOOST_REQUIRE(*sum % 1000000 >= before);
    }
    ::kill(writer, SIGKILL);
    wait_for(writer);
    last = number(*db, "SELECT min(v) FROM t").value();
    BOOST_TEST(last >= acknowledged->load());
    BOOST_TEST(last <= acknowledged->load() + 1);
  }
}

BOOST_AUTO_TEST_CASE(the_change_word_follows_across_checkpoints_and_other_processes_leaving) {
  const Folder folder;
  auto db = open(folder);
  BOOST_REQUIRE(db->execute("CREATE TABLE t(v BLOB) STRICT").has_value());
  for (int round = 0; round < 4; ++round) {
    const std::uint64_t before = db->change_word();
    BOOST_TEST(wait_for(start([&] {
                 auto own = Database::open(folder.file(), Database::Mode::kOpen);
                 for (int i = 0; own && i < 3;
                      ++i) {  // each beyond the size at which the log begins anew
                   auto write = (*own)->begin_write();
                   if (!write || !(*own)->execute("INSERT INTO t VALUES(zeroblob(600000))"))
                     return false;
                   if (!write->commit()) return false;
                 }
                 return own.has_value();
               })) == 0);
    BOOST_TEST(db->change_word() != before);
    BOOST_TEST(number(*db, "SELECT count(*) FROM t").value() == (round + 1) * 3);
    const std::uint64_t quiet = db->change_word();
    BOOST_TEST(number(*db, "SELECT sum(length(v)) FROM t").value() == (round + 1) * 1800000);
    BOOST_TEST(db->change_word() == quiet);
  }
}

BOOST_AUTO_TEST_CASE(an_old_reader_keeps_its_state_and_holds_nobody_up) {
  const Folder folder;
  auto reader = open(folder);
  auto writer = open(folder);
  BOOST_REQUIRE(writer->execute("CREATE TABLE t(v INTEGER) STRICT").has_value());
  BOOST_REQUIRE(reader->begin_read().has_value());
  BOOST_TEST(number(*reader, "SELECT count(*) FROM t").value() == 0);
  for (int i = 0; i < 300; ++i) BOOST_REQUIRE(insert(*writer, i));
  BOOST_TEST(number(*reader, "SELECT count(*) FROM t").value() == 0);
  reader->end_read();
  BOOST_TEST(number(*reader, "SELECT count(*) FROM t").value() == 300);
}

BOOST_AUTO_TEST_CASE(the_last_to_leave_empties_the_log) {
  const Folder folder;
  {
    auto db = open(folder);
    BOOST_REQUIRE(db->execute("CREATE TABLE t(v INTEGER) STRICT").has_value());
    for (int i = 0; i < 5; ++i) BOOST_REQUIRE(insert(*db, i));
    BOOST_TEST(std::filesystem::file_size(folder.file() + "-wal") >= 1u << 20);
  }
  BOOST_TEST(std::filesystem::file_size(folder.file() + "-wal") == 0u);
  BOOST_TEST(number(*open(folder), "SELECT count(*) FROM t").value() == 5);
}

BOOST_AUTO_TEST_CASE(a_file_that_may_only_be_read_opens_and_refuses_to_write) {
  const Folder folder;
  {
    auto db = open(folder);
    BOOST_REQUIRE(
        db->execute("CREATE TABLE t(v INTEGER) STRICT; INSERT INTO t VALUES(7)").has_value());
  }
  for (const char* name : {"/w.slwmi", "/w.slwmi-wal", "/w.slwmi-shm", "/w.slwmi-lock"})
    ::chmod((folder.path() + name).c_str(), 0444);
  ::chmod(folder.path().c_str(), 0555);
  BOOST_TEST(wait_for(start([&] {
               if (::geteuid() == 0 && ::setuid(65534) != 0) return false;
               auto own = Database::open(folder.file(), Database::Mode::kOpen);
               if (!own || !(*own)->read_only()) return false;
               const Result<std::int64_t> v = number(**own, "SELECT v FROM t");
               if (!v || *v != 7) return false;
               const auto refused = (*own)->begin_write();
               return !refused && refused.error().code == HResult::kEAccessdenied;
             })) == 0);
  ::chmod(folder.path().c_str(), 0755);
}

BOOST_AUTO_TEST_CASE(a_damaged_page_is_an_error_and_never_a_crash) {
  const Folder folder;
  {
    auto db = open(folder);
    BOOST_REQUIRE(
        db->execute("CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT UNIQUE) STRICT").has_value());
    auto write = db->begin_write().value();
    auto statement = db->prepare("INSERT INTO t VALUES(?, ?)").value();
    for (std::int64_t i = 0; i < 400; ++i) {
      const std::string text = "value number " + std::to_string(i);
      BOOST_REQUIRE(statement.bind(1, i).bind(2, std::string_view(text)).run().has_value());
    }
    BOOST_REQUIRE(write.commit().has_value());
  }
  std::ifstream in(folder.file(), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  int refused = 0;
  for (std::size_t at = 0; at < good.size(); at += 211) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    const std::string path = folder.path() + "/bad";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
    auto db = Database::open(path, Database::Mode::kOpen);
    Result<std::int64_t> sum = 0;
    if (db) sum = number(**db, "SELECT sum(length(v)) FROM t");
    if (!db || !sum) {
      ++refused;
      const Error& error = db ? sum.error() : db.error();
      BOOST_TEST(error.message.find(path) != std::string::npos);
    }
  }
  BOOST_TEST(refused > 0);
}

BOOST_AUTO_TEST_SUITE_END()
