// The world's file: SQLite behind a small interface, and the only place that knows it. WAL with
// full synchronisation, one writer at a time in the order of an operating-system queue, so that no
// caller ever meets a locked database; and a word in shared memory that every commit of any process
// changes, so that a reader knows in a nanosecond whether what it has in memory is still current.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace slwmi {

class Database;

// A prepared statement. Parameters count from 1, columns from 0. Texts and blobs of a row are valid
// until the next step or reset; bound ones must stay alive until then.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept : db_(other.db_), stmt_(other.stmt_) {
    other.stmt_ = nullptr;
  }
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  bool valid() const { return stmt_ != nullptr; }
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::uint64_t value) {
    return bind(index, static_cast<std::int64_t>(value));
  }
  Statement& bind(int index, std::uint32_t value) {
    return bind(index, static_cast<std::int64_t>(value));
  }
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, ByteSpan blob);
  Statement& bind(int index, double value);
  Statement& bind_null(int index);

  Result<bool> step();  // true: there is a row
  Result<> run();       // steps to the end and resets
  void reset();

  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  double real(int column) const;
  std::string_view text(int column) const;
  ByteSpan blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(Database& db, sqlite3_stmt* stmt) : db_(&db), stmt_(stmt) {}
  Database* db_ = nullptr;
  sqlite3_stmt* stmt_ = nullptr;
};

// One connection; used by one thread at a time, except change_word(). Never used across fork().
class Database {
 public:
  enum class Mode { kOpen, kCreate, kOpenOrCreate };

  // ERROR_FILE_NOT_FOUND, ERROR_ALREADY_EXISTS by mode; ERROR_PATH_NOT_FOUND for an empty path,
  // ERROR_FILE_CORRUPT when the file is no database. A file that may only be read opens, too.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode);
  static Result<std::unique_ptr<Database>> in_memory();
  // For a whole process, before its first open: 10 KiB of buffers per connection instead of 120.
  // Too late, it changes nothing.
  static void use_small_buffers();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<Statement> prepare(std::string_view sql);
  Result<> execute(const char* sql);                 // any number of statements, rows thrown away
  int changes() const;                               // rows that the last statement wrote
  bool created() const { return created_; }          // by this call of open
  bool read_only() const { return read_only_; }      // begin_write is refused
  const std::string& path() const { return path_; }  // empty: in memory

  // Reads inside see one state; nests with nothing. Ended by end_read().
  Result<> begin_read();
  void end_read();

  // Changes with every commit of every process; read it before the data that it vouches for. About
  // a nanosecond, no system call. It may change without a commit; where the shared memory of
  // writers cannot be seen (read-only media) it never repeats, so that every read asks the file.
  std::uint64_t change_word() const {
    if (wal_word_ != nullptr) {
      return wal_word_->load(std::memory_order_acquire) +
             local_word_.load(std::memory_order_relaxed);
    }
    if (!path_.empty()) return local_word_.fetch_add(1, std::memory_order_acq_rel);
    return local_word_.load(std::memory_order_acquire);
  }

  // A write transaction: waits for its turn, rolls back unless committed.
  class Write {
   public:
    Write(Write&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
    Write& operator=(Write&&) = delete;
    ~Write();
    // Returns once the changes survive a power failure: the change word of the state that it made.
    Result<std::uint64_t> commit();

   private:
    friend class Database;
    explicit Write(Database& db) : db_(&db) {}
    Database* db_;
  };
  // Holds the writer's turn over several Writes, so that nobody writes in between; nests.
  Result<> begin_turn();
  void end_turn();
  // Makes one of several Writes: each is seen here as soon as it is committed, and all of them
  // survive together once the outermost whole ends, or none. Nests: what is not kept inside is not
  // kept at all. Holds the writer's turn.
  Result<> begin_whole();
  Result<> end_whole(bool keep);
  // Writers take turns in the order of coming, more or less; one that dies loses its turn.
  // E_ACCESSDENIED when the file may only be read, E_UNEXPECTED inside another Write.
  Result<Write> begin_write();

 private:
  friend class Statement;
  Database() = default;
  Result<> open_lock();
  Result<> configure();
  Result<> enter_wal_mode();
  void map_wal_word();
  void grow_wal() const;
  void checkpoint_if_due();
  Result<> lock();
  void unlock();
  // Runs a statement without parameters or rows that is prepared once.
  int run(sqlite3_stmt*& statement, const char* sql) const;
  tl::unexpected<Error> error(int code, std::string_view doing) const;

  sqlite3* db_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* begin_immediate_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* savepoint_ = nullptr;
  sqlite3_stmt* release_ = nullptr;
  std::string path_;
  int lock_ = -1;
  bool created_ = false;
  bool read_only_ = false;
  bool writing_ = false;
  int turns_ = 0;          // held by begin_turn
  int wholes_ = 0;         // begun by begin_whole
  bool spoilt_ = false;    // something inside was not to be kept
  int writes_ = 0;         // begun here
  int wal_frames_ = 0;     // in the log after the last commit here
  int checkpoint_at_ = 0;  // frames
  const std::atomic<std::uint64_t>* wal_word_ = nullptr;
  mutable std::atomic<std::uint64_t> local_word_{0};
};

}  // namespace slwmi
