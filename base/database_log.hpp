// A file system of SQLite's that gathers what a commit appends to the write-ahead log. SQLite
// writes each frame with two calls; here they lie in memory until the log is synchronised or read,
// and go to the file in one. Nothing else is changed: whoever reads the log looks only at frames
// that the WAL index names, and with synchronous=FULL it names none before they are synchronised.
// A file that does not take what was gathered fails the synchronisation, and so the commit.
//
// A transaction that is rolled back may have written frames, too: pages for which its cache had no
// room. They must be gone before another writer's frames take their place.
#pragma once

struct sqlite3;

namespace slwmi {

// The name for sqlite3_open_v2(); made on first use, from any thread. For connections with
// synchronous=FULL only.
const char* gathering_vfs();

// Drops what was gathered and not synchronised, and a failure to write it: at the end of every
// transaction, while nobody else may write.
void forget_gathered(sqlite3* db);

// While it lives, the log is read in large pieces: for a checkpoint, which reads most of it, and
// during which its frames stay as they are.
class ReadingLog {
 public:
  explicit ReadingLog(sqlite3* db) : db_(db) { set(true); }
  ~ReadingLog() { set(false); }
  ReadingLog(const ReadingLog&) = delete;
  ReadingLog& operator=(const ReadingLog&) = delete;

 private:
  void set(bool ahead);
  sqlite3* db_;
};

}  // namespace slwmi
