#include "base/database_log.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include <sqlite3.h>

namespace slwmi {
namespace {

constexpr const char* kName = "slwmi-wal";
// With the largest page on top it stays below 128 KiB, which SQLite's own files cannot write at
// once.
constexpr std::size_t kMostGathered = std::size_t{60} << 10;
constexpr sqlite3_int64 kFrameHeader = 24;  // between two pages of the log

sqlite3_vfs* system_vfs() { return sqlite3_vfs_find(nullptr); }

// A log. The file of the system's lies behind it in the memory that SQLite gives.
struct Log {
  sqlite3_file base;
  std::vector<char> gathered;  // for the file from `at` on
  sqlite3_int64 at = 0;
  int failure = SQLITE_OK;  // to write some of it: the transaction cannot be committed any more
  bool reads_ahead = false;
  std::vector<char> ahead;  // of the file from `ahead_at` on
  sqlite3_int64 ahead_at = 0;
  sqlite3_int64 read_end = 0;  // of what was read last

  static Log& of(sqlite3_file* file) { return *reinterpret_cast<Log*>(file); }
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  const sqlite3_io_methods& methods() { return *file()->pMethods; }

  int write_out() {
    if (failure == SQLITE_OK && !gathered.empty())
      failure = methods().xWrite(file(), gathered.data(), static_cast<int>(gathered.size()), at);
    gathered.clear();
    return failure;
  }

  bool has_ahead(int size, sqlite3_int64 from) const {
    return from >= ahead_at && from + size <= ahead_at + static_cast<sqlite3_int64>(ahead.size());
  }
  // Nothing where the file ends before.
  void read_ahead(int size, sqlite3_int64 from) {
    ahead.clear();
    sqlite3_int64 end = 0;
    if (methods().xFileSize(file(), &end) != SQLITE_OK || end - from < size) return;
    const auto most = static_cast<sqlite3_int64>(kMostGathered);
    ahead.resize(static_cast<std::size_t>(std::min(end - from, most)));
    ahead_at = from;
    if (methods().xRead(file(), ahead.data(), static_cast<int>(ahead.size()), from) != SQLITE_OK)
      ahead.clear();
  }
};
static_assert(offsetof(Log, base) == 0);  // SQLite holds a log by its `base`

// Calls of the log's file, with what was gathered in it.
template <auto kMethod, class... Arguments>
int after_writing(sqlite3_file* file, Arguments... arguments) {
  Log& log = Log::of(file);
  if (const int code = log.write_out(); code != SQLITE_OK) return code;
  return (log.methods().*kMethod)(log.file(), arguments...);
}

int close(sqlite3_file* file) {
  Log& log = Log::of(file);
  const int code = log.methods().xClose(log.file());
  log.~Log();
  return code;
}

int read(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
  Log& log = Log::of(file);
  if (const int code = log.write_out(); code != SQLITE_OK) return code;
  if (log.reads_ahead) {
    const sqlite3_int64 gap = at - std::exchange(log.read_end, at + size);
    if (!log.has_ahead(size, at) && gap >= 0 && gap <= kFrameHeader) log.read_ahead(size, at);
    if (log.has_ahead(size, at)) {
      std::memcpy(data, log.ahead.data() + (at - log.ahead_at), static_cast<std::size_t>(size));
      return SQLITE_OK;
    }
  }
  return log.methods().xRead(log.file(), data, size, at);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  Log& log = Log::of(file);
  log.ahead.clear();
  const auto end = log.at + static_cast<sqlite3_int64>(log.gathered.size());
  if (at != end || log.gathered.size() >= kMostGathered) {
    if (const int code = log.write_out(); code != SQLITE_OK) return code;
  }
  if (log.gathered.empty()) log.at = at;
  const char* const bytes = static_cast<const char*>(data);
  log.gathered.insert(log.gathered.end(), bytes, bytes + size);
  return SQLITE_OK;
}

int sector_size(sqlite3_file* file) {
  Log& log = Log::of(file);
  return log.methods().xSectorSize(log.file());
}

int characteristics(sqlite3_file* file) {
  Log& log = Log::of(file);
  return log.methods().xDeviceCharacteristics(log.file());
}

// Version 1: a log is neither mapped nor has it shared memory of its own.
using Methods = sqlite3_io_methods;
constexpr Methods kMethods = {
    1,
    close,
    read,
    write,
    after_writing<&Methods::xTruncate, sqlite3_int64>,
    after_writing<&Methods::xSync, int>,
    after_writing<&Methods::xFileSize, sqlite3_int64*>,
    after_writing<&Methods::xLock, int>,
    after_writing<&Methods::xUnlock, int>,
    after_writing<&Methods::xCheckReservedLock, int*>,
    after_writing<&Methods::xFileControl, int, void*>,
    sector_size,
    characteristics,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

// The log of a connection that has one.
Log* log_of(sqlite3* db) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
  return file == nullptr || file->pMethods != &kMethods ? nullptr : &Log::of(file);
}

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const system = system_vfs();
  if ((flags & SQLITE_OPEN_WAL) == 0) return system->xOpen(system, path, file, flags, out_flags);
  Log& log = *new (file) Log{};
  const int code = system->xOpen(system, path, log.file(), flags, out_flags);
  if (code != SQLITE_OK) {
    log.~Log();
    file->pMethods = nullptr;  // not to be closed
    return code;
  }
  log.base.pMethods = &kMethods;
  return SQLITE_OK;
}

}  // namespace

void forget_gathered(sqlite3* db) {
  Log* const log = log_of(db);
  if (log == nullptr) return;
  log->gathered.clear();
  log->failure = SQLITE_OK;
}

void ReadingLog::set(bool ahead) {
  Log* const log = log_of(db_);
  if (log == nullptr) return;
  log->reads_ahead = ahead;
  log->ahead.clear();
}

const char* gathering_vfs() {
  static const int kRegistered = [] {
    static sqlite3_vfs vfs = *system_vfs();  // all else is as the system does it
    vfs.zName = kName;
    vfs.szOsFile += static_cast<int>(sizeof(Log));
    vfs.xOpen = open;
    return sqlite3_vfs_register(&vfs, 0);
  }();
  return kRegistered == SQLITE_OK ? kName : nullptr;
}

}  // namespace slwmi
