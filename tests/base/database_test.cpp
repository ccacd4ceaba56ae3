// Several processes on one file: no lost write, no stale read, no locked database, whoever is
// killed.
#include "base/database.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/support/expect.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace slwmi;

namespace {

using Folder = test::TemporaryFolder;
using test::must;

std::unique_ptr<Database> open(const Folder& folder) {
  return Database::open(folder.file(), Database::Mode::kOpenOrCreate).value();
}

std::int64_t count(Database& db) {
  Statement s = db.prepare("SELECT count(*) FROM t").value();
  BOOST_REQUIRE(s.step().value());
  const std::int64_t out = s.integer(0);
  s.reset();
  return out;
}

void insert(Database& db, std::int64_t value) {
  auto write = db.begin_write().value();
  must(db.prepare("INSERT INTO t VALUES(?)").value().bind(1, value).run());
  BOOST_REQUIRE(write.commit().has_value());
}

// While it lives no file of this process grows beyond a size: the disk is full.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) : old_(::signal(SIGXFSZ, SIG_IGN)) { limit(bytes); }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  ~SmallFiles() {
    limit(RLIM_INFINITY);
    ::signal(SIGXFSZ, old_);
  }

 private:
  static void limit(rlim_t bytes) {
    const rlimit limit{bytes, RLIM_INFINITY};
    BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  sighandler_t old_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(database)

BOOST_AUTO_TEST_CASE(modes_say_what_they_miss) {
  const Folder folder;
  BOOST_TEST((Database::open(folder.file(), Database::Mode::kOpen).error().code ==
              HResult::kErrorFileNotFound));
  BOOST_TEST(Database::open(folder.file(), Database::Mode::kCreate).has_value());
  BOOST_TEST((Database::open(folder.file(), Database::Mode::kCreate).error().code ==
              HResult::kErrorAlreadyExists));
  std::ofstream(folder.path() + "/no") << std::string(5000, 'x');
  BOOST_TEST((Database::open(folder.path() + "/no", Database::Mode::kOpen).error().code ==
              HResult::kErrorFileCorrupt));
}

BOOST_AUTO_TEST_CASE(a_transaction_that_is_not_committed_leaves_nothing) {
  auto db = Database::in_memory().value();
  must(db->execute("CREATE TABLE t(v INTEGER) STRICT"));
  const std::uint64_t word = db->change_word();
  {
    auto write = db->begin_write().value();
    must(db->execute("INSERT INTO t VALUES(1)"));
  }
  BOOST_TEST(count(*db) == 0);
  BOOST_TEST(db->change_word() == word);
  insert(*db, 1);
  BOOST_TEST(count(*db) == 1);
  BOOST_TEST(db->change_word() != word);
}

BOOST_AUTO_TEST_CASE(the_change_word_moves_with_every_commit_of_another_process) {
  const Folder folder;
  auto db = open(folder);
  must(db->execute("CREATE TABLE t(v INTEGER) STRICT"));
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t before = db->change_word();
    const pid_t child = ::fork();
    if (child == 0) {
      auto own = Database::open(folder.file(), Database::Mode::kOpen).value();
      insert(*own, i);
      ::kill(::getpid(), SIGKILL);  // right after the commit
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    BOOST_TEST(db->change_word() != before);
    BOOST_TEST(count(*db) == i + 1);
    BOOST_TEST(db->change_word() == db->change_word());
  }
}

BOOST_AUTO_TEST_CASE(writers_that_are_killed_lose_nothing_that_they_reported) {
  const Folder folder;
  auto db = open(folder);
  must(db->execute("CREATE TABLE t(v INTEGER) STRICT"));
  int pipe_ends[2];
  BOOST_REQUIRE(::pipe(pipe_ends) == 0);
  constexpr int kWriters = 4;
  pid_t children[kWriters];
  for (pid_t& child : children) {
    child = ::fork();
    if (child == 0) {
      auto own = Database::open(folder.file(), Database::Mode::kOpen).value();
      for (std::int64_t i = 0;; ++i) {
        insert(*own, i);
        if (::write(pipe_ends[1], "x", 1) != 1) ::_exit(1);
      }
    }
  }
  ::usleep(300'000);
  for (const pid_t child : children) ::kill(child, SIGKILL);
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  ::close(pipe_ends[1]);
  std::int64_t reported = 0;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) reported += n;
  ::close(pipe_ends[0]);
  const std::int64_t there = count(*db);
  BOOST_TEST(reported > 0);
  BOOST_TEST(there >= reported);
  BOOST_TEST(there <= reported + kWriters);  // committed, not yet reported
  insert(*db, 1);                            // the queue is free again
  BOOST_TEST(count(*db) == there + 1);
}

// The log's frames lie in memory until they are synchronised: however many there are, another
// connection reads what was committed.
BOOST_AUTO_TEST_CASE(commits_of_every_size_are_read_elsewhere) {
  const Folder folder;
  auto db = open(folder);
  must(db->execute("CREATE TABLE t(v BLOB) STRICT"));
  auto other = open(folder);
  std::int64_t sum = 0;
  for (const std::int64_t size : {1, 4000, 60'000, 126'976, 131'072, 262'144, 3'000'000}) {
    auto write = db->begin_write().value();
    must(db->prepare("INSERT INTO t VALUES(randomblob(?))").value().bind(1, size).run());
    BOOST_REQUIRE(write.commit().has_value());
    sum += size;
    for (Database* each : {db.get(), other.get()}) {
      Statement s = each->prepare("SELECT sum(length(v)) FROM t").value();
      BOOST_REQUIRE(s.step().value());
      BOOST_TEST(s.integer(0) == sum);
    }
  }
  Statement check = other->prepare("PRAGMA integrity_check").value();
  BOOST_REQUIRE(check.step().value());
  BOOST_TEST(check.text(0) == "ok");
}

BOOST_AUTO_TEST_CASE(a_log_that_cannot_grow_fails_the_commit_and_leaves_the_state) {
  const Folder folder;
  auto db = open(folder);
  must(db->execute("CREATE TABLE t(v INTEGER) STRICT; CREATE TABLE b(v BLOB) STRICT"));
  insert(*db, 1);
  {
    const SmallFiles small(1 << 20);
    auto write = db->begin_write().value();
    // What the page cache has no room for goes to the log before the commit.
    BOOST_TEST(
        !(db->execute("INSERT INTO t VALUES(2); INSERT INTO b VALUES(randomblob(1500000))") &&
          write.commit()));
  }
  BOOST_TEST(count(*db) == 1);
  insert(*db, 3);
  BOOST_TEST(count(*db) == 2);
  BOOST_TEST(count(*open(folder)) == 2);
}

// Pages that a checkpoint cannot copy stay in the log.
BOOST_AUTO_TEST_CASE(a_checkpoint_that_meets_a_full_disk_loses_nothing) {
  constexpr rlim_t kMost = 4 << 20;
  const Folder folder;
  auto db = open(folder);
  must(db->execute("CREATE TABLE t(v BLOB) STRICT"));
  const auto add = [&] {
    auto write = db->begin_write().value();
    return db->execute("INSERT INTO t VALUES(randomblob(500000))") && write.commit().has_value();
  };
  std::int64_t added = 0;
  {
    const SmallFiles small(kMost);
    while (added < 100 && add()) ++added;
  }
  BOOST_TEST(added * 500'000 > std::int64_t{kMost}, "the file was full, and the log took more");
  BOOST_TEST(added < 100);
  auto other = open(folder);
  for (Database* each : {db.get(), other.get()}) BOOST_TEST(count(*each) == added);
  BOOST_TEST(add());
  other.reset();
  db.reset();
  db = open(folder);
  BOOST_TEST(count(*db) == added + 1);
  BOOST_TEST(std::filesystem::file_size(folder.file()) > kMost);
  Statement check = db->prepare("PRAGMA integrity_check").value();
  BOOST_REQUIRE(check.step().value());
  BOOST_TEST(check.text(0) == "ok");
}

// What a reader still needs stays in the log. All before counts as copied, without a
// synchronisation: others read it from the database from then on, unless that took not all.
BOOST_AUTO_TEST_CASE(a_checkpoint_that_a_reader_holds_up_leaves_nothing_in_memory) {
  const auto add = [](Database& to, std::int64_t bytes) {
    auto write = to.begin_write().value();
    must(to.prepare("INSERT INTO t VALUES(randomblob(?))").value().bind(1, bytes).run());
    BOOST_REQUIRE(write.commit().has_value());
  };
  const auto check = [](Database& in, std::int64_t rows) {
    BOOST_TEST(count(in) == rows);
    Statement text = in.prepare("PRAGMA integrity_check").value();
    BOOST_REQUIRE(text.step().value());
    BOOST_TEST(text.text(0) == "ok");
  };
  for (const rlim_t room : {RLIM_INFINITY, rlim_t{500'000}}) {
    const Folder folder;
    auto db = open(folder);
    must(db->execute("CREATE TABLE t(v BLOB) STRICT"));
    add(*db, 2'000'000);
    auto reader = open(folder);
    {
      const rlim_t size = std::filesystem::file_size(folder.file());
      const SmallFiles small(room == RLIM_INFINITY ? room : size + room);
      add(*db, 500'000);
      must(reader->begin_read());
      check(*reader, 2);
      add(*db, 500'000);  // and a checkpoint up to where the reader is
    }
    auto other = open(folder);
    check(*other, 3);
    reader->end_read();
    for (std::int64_t rows = 4; rows < 7; ++rows) {
      add(*other, 1'500'000);
      for (Database* each : {other.get(), db.get(), reader.get()}) check(*each, rows);
    }
  }
}

// SQLite has names of its own: one for a database that nobody else sees, one for memory.
BOOST_AUTO_TEST_CASE(a_name_is_always_that_of_a_file) {
  const auto nameless = Database::open("", Database::Mode::kOpenOrCreate);
  BOOST_TEST_REQUIRE(!nameless.has_value());
  BOOST_TEST((nameless.error().code == HResult::kErrorPathNotFound));
  const Folder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const char* name : {":memory:", ":other"}) {
    must(Database::open(name, Database::Mode::kOpenOrCreate).value()->execute("CREATE TABLE t(v)"));
    BOOST_TEST(std::filesystem::file_size(name) > 0u);
    BOOST_TEST(Database::open(name, Database::Mode::kOpen).has_value());
  }
  std::filesystem::current_path(before);
}

// A transaction larger than the page cache writes frames to the log before it ends. Another
// writer's frames take their place, and are not written over when the first goes on, or leaves.
BOOST_AUTO_TEST_CASE(frames_of_a_transaction_that_was_rolled_back_never_come_back) {
  const auto add = [](Database& db, int rows) {
    must(db.execute(("WITH c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c WHERE x<" +
                     std::to_string(rows) + ") INSERT INTO b SELECT randomblob(3900) FROM c")
                        .c_str()));
  };
  for (const bool leaves : {false, true}) {
    for (const int rows : {400, 430, 450, 480, 530}) {
      const Folder folder;
      must(open(folder)->execute("CREATE TABLE b(v BLOB) STRICT"));  // and the log is empty again
      auto first = open(folder);
      auto second = open(folder);
      {
        auto write = first->begin_write().value();
        add(*first, rows);
      }
      {
        auto write = second->begin_write().value();
        add(*second, 100);
        BOOST_REQUIRE(write.commit().has_value());
      }
      if (leaves) first.reset();
      for (Database* each : {first.get(), second.get()}) {
        if (each == nullptr) continue;
        Statement check = each->prepare("PRAGMA integrity_check").value();
        BOOST_REQUIRE(check.step().value());
        BOOST_TEST(check.text(0) == "ok");
      }
      first.reset();
      second.reset();
      auto again = open(folder);
      Statement rest = again->prepare("SELECT count(*) FROM b").value();
      BOOST_REQUIRE(rest.step().value());
      BOOST_TEST(rest.integer(0) == 100);
    }
  }
}

// SQLite rolls a whole back by itself when the disk is full: no later part is committed alone.
BOOST_AUTO_TEST_CASE(a_whole_that_meets_a_full_disk_leaves_nothing) {
  const Folder folder;
  auto db = open(folder);
  must(db->execute("CREATE TABLE t(v INTEGER) STRICT; CREATE TABLE b(v BLOB) STRICT"));
  const SmallFiles small(1 << 20);
  must(db->begin_whole());
  insert(*db, 1);
  {
    auto write = db->begin_write().value();
    BOOST_TEST(!db->execute("INSERT INTO b VALUES(randomblob(9000000))").has_value());
  }
  BOOST_TEST(!db->begin_write().has_value());
  BOOST_TEST(!db->end_whole(true).has_value());
  BOOST_TEST(count(*open(folder)) == 0);
  insert(*db, 2);
  BOOST_TEST(count(*open(folder)) == 1);
}

BOOST_AUTO_TEST_CASE(writes_of_a_whole_are_seen_here_at_once_and_elsewhere_together) {
  const Folder folder;
  auto db = open(folder);
  must(db->execute("CREATE TABLE t(v INTEGER) STRICT"));
  auto other = open(folder);
  const std::uint64_t before = db->change_word();
  must(db->begin_whole());
  insert(*db, 1);
  must(db->begin_whole());  // nests
  insert(*db, 2);
  {
    auto dropped = db->begin_write().value();
    must(db->execute("INSERT INTO t VALUES(3)"));
  }
  must(db->end_whole(true));
  BOOST_TEST(db->change_word() != before);
  BOOST_TEST(count(*db) == 2);
  BOOST_TEST(count(*other) == 0);
  must(db->end_whole(true));
  BOOST_TEST(count(*other) == 2);
  insert(*other, 4);  // the writers' turn is free again
  BOOST_TEST(count(*db) == 3);
}

BOOST_AUTO_TEST_CASE(a_whole_that_is_spoilt_inside_leaves_nothing) {
  for (const bool inside : {true, false}) {
    auto db = Database::in_memory().value();
    must(db->execute("CREATE TABLE t(v INTEGER) STRICT"));
    must(db->begin_whole());
    must(db->begin_whole());
    insert(*db, 1);
    must(db->end_whole(!inside));
    const std::uint64_t word = db->change_word();
    must(db->end_whole(inside));
    BOOST_TEST(count(*db) == 0);
    BOOST_TEST(db->change_word() != word);  // what was read meanwhile is stale
    insert(*db, 1);
    BOOST_TEST(count(*db) == 1);
  }
}

BOOST_AUTO_TEST_CASE(texts_are_ordered_by_windows_upcase) {
  auto db = Database::in_memory().value();
  must(
      db->execute("CREATE TABLE n(v TEXT COLLATE WINDOWS UNIQUE) STRICT; INSERT INTO n "
                  "VALUES('b_'),('A'),('ä'),('b(')"));
  BOOST_TEST(!db->execute("INSERT INTO n VALUES('\xC3\x84')").has_value());
  Statement s = db->prepare("SELECT group_concat(v) FROM (SELECT v FROM n ORDER BY v)").value();
  BOOST_REQUIRE(s.step().value());
  BOOST_TEST(s.text(0) == "A,b(,b_,\xC3\xA4");
}

BOOST_AUTO_TEST_SUITE_END()
