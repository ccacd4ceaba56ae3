#include "base/database.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/database_log.hpp"
#include "base/text.hpp"

namespace slwmi {
namespace {

// Frames of the log after which a commit copies it into the file: about a hundred method calls.
constexpr int kCheckpointFrames = 900;
// A process that writes more than this many times gives the log its full size at once, so that its
// commits overwrite blocks that are there and cost one flush of data each.
constexpr int kWritesBeforeGrowth = 3;
constexpr off_t kWalBytes = 1 << 20;
constexpr int kBusyMilliseconds = 60'000;  // a last resort: writers queue before they ask SQLite

// The WAL-index header, file format 3007000: the version first, and at 40 a checksum over all that
// a commit changes (change counter, last frame, page count, frame checksum, salts).
constexpr std::uint32_t kWalIndexVersion = 3007000;
constexpr std::size_t kWalIndexChecksum = 40;

// Bytes of the -lock file. A writer takes the first, waits for the second holding it, and lets the
// first go: whoever has just written must queue again behind the one that waits.
constexpr off_t kTurnstile = 0;
constexpr off_t kWriter = 1;

// Locks of the open file: they go with the process that dies, and no other descriptor drops them.
bool set_lock(int file, short type, off_t at) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = at;
  range.l_len = 1;
  while (::fcntl(file, type == F_UNLCK ? F_OFD_SETLK : F_OFD_SETLKW, &range) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

int compare_windows(void*, int na, const void* a, int nb, const void* b) {
  const auto order =
      compare_ignore_case({static_cast<const char*>(a), static_cast<std::size_t>(na)},
                          {static_cast<const char*>(b), static_cast<std::size_t>(nb)});
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

HResult code_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return HResult::kErrorFileCorrupt;
    case SQLITE_CANTOPEN:
      return HResult::kErrorPathNotFound;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return HResult::kEAccessdenied;
    case SQLITE_NOMEM:
      return HResult::kEOutofmemory;
    case SQLITE_FULL:
      return HResult::kErrorDiskFull;
    default:
      return HResult::kEFail;
  }
}

int count_frames(void* frames, sqlite3*, const char*, int in_wal) {
  *static_cast<int*>(frames) = in_wal;
  return SQLITE_OK;
}

// Where a disk is full or memory at its end, SQLite rolls back more than the statement that met it.
tl::unexpected<Error> given_up() {
  return fail(HResult::kEFail,
              "the transaction around was rolled back when something in it failed");
}

}  // namespace

// --- Statement

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(db_, other.db_);
  std::swap(stmt_, other.stmt_);
  return *this;
}
Statement::~Statement() { sqlite3_finalize(stmt_); }

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(stmt_, index, value);
  return *this;
}
Statement& Statement::bind(int index, std::string_view text) {
  sqlite3_bind_text(stmt_, index, text.data() == nullptr ? "" : text.data(),
                    static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}
Statement& Statement::bind(int index, ByteSpan blob) {
  if (blob.empty()) {
    sqlite3_bind_zeroblob(stmt_, index, 0);
  } else {
    sqlite3_bind_blob(stmt_, index, blob.data(), static_cast<int>(blob.size()), SQLITE_STATIC);
  }
  return *this;
}
Statement& Statement::bind(int index, double value) {
  sqlite3_bind_double(stmt_, index, value);
  return *this;
}
Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(stmt_, index);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  auto failure = db_->error(code, "reading or writing the world");
  sqlite3_reset(stmt_);
  return failure;
}

Result<> Statement::run() {
  for (;;) {
    SL_TRY(const bool row, step());
    if (!row) break;
  }
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(stmt_, column); }
double Statement::real(int column) const { return sqlite3_column_double(stmt_, column); }
std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, column));
  return data == nullptr ? std::string_view{}
                         : std::string_view(
                               data, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column)));
}
ByteSpan Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(stmt_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(stmt_, column) == SQLITE_NULL;
}

// --- Database

tl::unexpected<Error> Database::error(int code, std::string_view doing) const {
  std::string message(doing);
  message += path_.empty() ? "" : " " + path_;
  message += ": ";
  message += db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_);
  return fail(code_of(code), std::move(message));
}

void Database::use_small_buffers() {
  static_cast<void>(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 512, 20));
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode) {
  if (path.empty()) return fail(HResult::kErrorPathNotFound, "the file has no name");
  struct stat info {};
  const bool there = ::stat(path.c_str(), &info) == 0;
  if (!there && mode == Mode::kOpen)
    return fail(HResult::kErrorFileNotFound, "there is no file " + path);
  if (there && mode == Mode::kCreate)
    return fail(HResult::kErrorAlreadyExists, "the file " + path + " exists already");
  if (there && !S_ISREG(info.st_mode))
    return fail(HResult::kErrorFileCorrupt, path + " is no file");
  std::unique_ptr<Database> out(new Database);
  out->path_ = path;
  out->created_ = !there || info.st_size == 0;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (there ? 0 : SQLITE_OPEN_CREATE);
  const std::string name = path.starts_with(':') ? "./" + path : path;  // no ":memory:" of SQLite's
  if (const int code = sqlite3_open_v2(name.c_str(), &out->db_, flags, gathering_vfs());
      code != SQLITE_OK) {
    return out->error(code, "opening");
  }
  SL_CHECK(out->open_lock());
  SL_CHECK(out->configure());
  return out;
}

// The queue has a file of its own: closing any descriptor of the database would drop SQLite's
// locks.
Result<> Database::open_lock() {
  read_only_ = sqlite3_db_readonly(db_, "main") == 1;
  if (read_only_) return {};
  const std::string path = path_ + "-lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) return fail(HResult::kEAccessdenied, "cannot open " + path);
  return {};
}

Result<std::unique_ptr<Database>> Database::in_memory() {
  std::unique_ptr<Database> out(new Database);
  out->created_ = true;
  if (const int code = sqlite3_open_v2(":memory:", &out->db_,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
      code != SQLITE_OK) {
    return out->error(code, "opening a world in memory");
  }
  SL_CHECK(out->configure());
  return out;
}

Database::~Database() {
  // The last process to leave copies the log into the file; an empty log makes the next start
  // quick.
  if (!path_.empty() && db_ != nullptr) {
    sqlite3_exec(db_, "PRAGMA journal_size_limit=0", nullptr, nullptr, nullptr);
  }
  for (sqlite3_stmt* const statement : {begin_, begin_immediate_, commit_, savepoint_, release_})
    sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
  if (lock_ >= 0) ::close(lock_);
}

Result<> Database::configure() {
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_busy_timeout(db_, kBusyMilliseconds);
  sqlite3_create_collation(db_, "WINDOWS", SQLITE_UTF8, nullptr, compare_windows);
  SL_CHECK(
      execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA secure_delete=OFF"));
  if (path_.empty()) return {};
  SL_CHECK(execute("SELECT count(*) FROM sqlite_schema"));  // also makes the WAL index
  SL_CHECK(enter_wal_mode());
  SL_CHECK(execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0"));
  int keep = 1;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  sqlite3_wal_hook(db_, count_frames, &wal_frames_);
  checkpoint_at_ = kCheckpointFrames;
  map_wal_word();
  return {};
}

// Only for a file that is new (or was made by another tool): one process does it, the others wait
// in the queue of writers.
Result<> Database::enter_wal_mode() {
  if (read_only_) return {};
  const auto mode = [this]() -> Result<std::string> {
    SL_TRY(Statement query, prepare("PRAGMA journal_mode"));
    SL_CHECK(query.step());
    return std::string(query.text(0));
  };
  SL_TRY(std::string now, mode());
  if (now == "wal") return {};
  SL_CHECK(lock());
  Result<> done = execute(
      created_
          ? "PRAGMA page_size=1024; PRAGMA journal_mode=WAL; SELECT count(*) FROM sqlite_schema"
          : "PRAGMA journal_mode=WAL; SELECT count(*) FROM sqlite_schema");
  unlock();
  SL_CHECK(done);
  SL_TRY(now, mode());
  if (now != "wal") return fail(HResult::kEFail, "cannot keep a log beside " + path_);
  return {};
}

// The WAL index lies in shared memory that SQLite maps; asking SQLite for it (and never touching
// the -shm file) keeps its locks intact.
void Database::map_wal_word() {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) {
    return;
  }
  void volatile* index = nullptr;
  const int code = file->pMethods->xShmMap(file, 0, 32 * 1024, 0, &index);
  if ((code != SQLITE_OK && code != SQLITE_READONLY) || index == nullptr) return;
  const auto* const bytes = static_cast<const std::byte*>(const_cast<const void*>(index));
  std::uint32_t version = 0;
  std::memcpy(&version, bytes, sizeof version);
  if (version != kWalIndexVersion) return;
  wal_word_ = reinterpret_cast<const std::atomic<std::uint64_t>*>(bytes + kWalIndexChecksum);
}

int Database::changes() const { return sqlite3_changes(db_); }

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* stmt = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &stmt, nullptr);
  if (code != SQLITE_OK) return error(code, "preparing a statement for");
  return Statement(*this, stmt);
}

Result<> Database::execute(const char* sql) {
  if (const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) {
    return error(code, "reading or writing the world");
  }
  return {};
}

int Database::run(sqlite3_stmt*& statement, const char* sql) const {
  if (statement == nullptr) {
    const int code =
        sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return code;
  }
  sqlite3_step(statement);
  return sqlite3_reset(statement);  // the code of the step
}

Result<> Database::begin_read() {
  if (wholes_ > 0) return {};
  if (const int code = run(begin_, "BEGIN"); code != SQLITE_OK) return error(code, "reading");
  return {};
}
void Database::end_read() {
  if (wholes_ == 0) run(commit_, "COMMIT");
}

// Fills the log up to its kept size. The log's own file carries no locks, so a second descriptor
// does no harm; zeros behind the last frame mean nothing to a reader. Only inside a write
// transaction: nobody else appends then.
void Database::grow_wal() const {
  const int file = ::open((path_ + "-wal").c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  struct stat info {};
  static constexpr std::array<char, 1 << 16> kZeros{};
  if (::fstat(file, &info) == 0 && info.st_size < kWalBytes) {
    for (off_t at = info.st_size; at < kWalBytes;) {
      const auto size = std::min(kZeros.size(), static_cast<std::size_t>(kWalBytes - at));
      const ssize_t written = ::pwrite(file, kZeros.data(), size, at);
      if (written <= 0) break;
      at += written;
    }
    ::fsync(file);
  }
  ::close(file);
}

Result<> Database::lock() {
  if (lock_ < 0 || turns_ > 0) return {};
  const bool first = set_lock(lock_, F_WRLCK, kTurnstile);
  const bool both = first && set_lock(lock_, F_WRLCK, kWriter);
  if (first) set_lock(lock_, F_UNLCK, kTurnstile);
  if (!both) return fail(HResult::kEFail, "cannot lock " + path_ + "-lock");
  return {};
}

void Database::unlock() {
  writing_ = false;
  if (wholes_ == 0) forget_gathered(db_);
  if (lock_ >= 0 && turns_ == 0) set_lock(lock_, F_UNLCK, kWriter);
}

Result<> Database::begin_turn() {
  if (writing_) return fail(HResult::kEUnexpected, "a turn inside a write transaction");
  SL_CHECK(lock());
  ++turns_;
  return {};
}

void Database::end_turn() {
  --turns_;
  unlock();
}

Result<Database::Write> Database::begin_write() {
  if (read_only_) return fail(HResult::kEAccessdenied, path_ + " may only be read");
  if (writing_) return fail(HResult::kEUnexpected, "a write transaction inside another");
  SL_CHECK(lock());
  if (wholes_ > 0 && sqlite3_get_autocommit(db_) != 0) {  // this would commit alone
    unlock();
    return given_up();
  }
  const int code =
      wholes_ > 0 ? run(savepoint_, "SAVEPOINT part") : run(begin_immediate_, "BEGIN IMMEDIATE");
  if (code != SQLITE_OK) {
    Result<> failure = error(code, "beginning to write");
    unlock();
    return fail(std::move(failure).error());
  }
  writing_ = true;
  if (!path_.empty() && ++writes_ == kWritesBeforeGrowth) grow_wal();
  return Write(*this);
}

Result<std::uint64_t> Database::Write::commit() {
  Database& db = *db_;
  const bool part = db.wholes_ > 0;
  // On failure the destructor rolls back.
  if (const int code = part ? db.run(db.release_, "RELEASE part") : db.run(db.commit_, "COMMIT");
      code != SQLITE_OK)
    return db.error(code, "committing to");
  db_ = nullptr;
  if (part || db.wal_word_ == nullptr) db.local_word_.fetch_add(1, std::memory_order_release);
  const std::uint64_t word = db.change_word();  // nobody else writes before unlock()
  if (!part) db.checkpoint_if_due();
  db.unlock();
  return word;
}

Database::Write::~Write() {
  if (db_ == nullptr) return;
  const char* const undo = db_->wholes_ > 0 ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK";
  sqlite3_exec(db_->db_, undo, nullptr, nullptr, nullptr);
  db_->unlock();
}

Result<> Database::begin_whole() {
  if (read_only_) return fail(HResult::kEAccessdenied, path_ + " may only be read");
  SL_CHECK(begin_turn());
  if (wholes_ == 0) {
    if (Result<> begun = execute("BEGIN IMMEDIATE"); !begun) {
      end_turn();
      return begun;
    }
    spoilt_ = false;
  }
  ++wholes_;
  return {};
}

Result<> Database::end_whole(bool keep) {
  spoilt_ = spoilt_ || !keep;
  Result<> done;
  if (--wholes_ == 0) {
    if (sqlite3_get_autocommit(db_) != 0) {
      done = given_up();
    } else if (!spoilt_) {
      done = execute("COMMIT");
    }
    if (spoilt_ || !done) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    local_word_.fetch_add(1, std::memory_order_release);
    if (done && !spoilt_) checkpoint_if_due();
  }
  end_turn();
  return done;
}

// Inside the turn of the writer, because a checkpoint and a writer that begins the log anew should
// not meet. Waits for no reader: what an old reader still needs stays in the log, and the next try
// comes after as many frames again.
void Database::checkpoint_if_due() {
  if (wal_frames_ < kCheckpointFrames) checkpoint_at_ = kCheckpointFrames;  // the log began anew
  if (path_.empty() || wal_frames_ < checkpoint_at_) return;
  int logged = 0;
  int copied = 0;
  const ReadingLog reading(db_);
  sqlite3_wal_checkpoint_v2(db_, "main", SQLITE_CHECKPOINT_PASSIVE, &logged, &copied);
  checkpoint_at_ = wal_frames_ + kCheckpointFrames;
}

}  // namespace slwmi
