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

// A database or its log. The file of the system's lies behind it in the memory that SQLite gives.
struct File {
  sqlite3_file base;
  bool is_log = false;
  std::vector<char> gathered;  // for the file from `at` on
  sqlite3_int64 at = 0;
  // To write some of it. A log keeps it: the transaction cannot be committed any more.
  int failure = SQLITE_OK;
  bool held_up = false;  // the checkpoint, by a reader
  bool reads_ahead = false;
  std::vector<char> ahead;  // of the file from `ahead_at` on
  sqlite3_int64 ahead_at = 0;
  sqlite3_int64 read_end = 0;  // of what was read last

  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  const sqlite3_io_methods& methods() { return *file()->pMethods; }

  void flush() {
    if (failure == SQLITE_OK && !gathered.empty())
      failure = methods().xWrite(file(), gathered.data(), static_cast<int>(gathered.size()), at);
    gathered.clear();
  }
  int write_out() {
    flush();
    return is_log ? failure : std::exchange(failure, SQLITE_OK);
  }

  bool has_ahead(int size, sqlite3_int64 from) const {
    return from >= ahead_at && from + size <= ahead_at + static_cast<sqlite3_int64>(ahead.size());
  }
  // Nothing where the file ends before.
  void read_ahead(int size, sqlite3_int64 from) {
    ahead.clear();
    sqlite3_int64 end = 0;
    if (methods().xFileSize(file(), &end) != SQLITE_OK || end - from < size) return;
    ahead.resize(static_cast<std::size_t>(
        std::min<sqlite3_int64>(end - from, static_cast<sqlite3_int64>(kMostGathered))));
    ahead_at = from;
    if (methods().xRead(file(), ahead.data(), static_cast<int>(ahead.size()), from) != SQLITE_OK)
      ahead.clear();
  }
};
static_assert(offsetof(File, base) == 0);  // SQLite holds a file by its `base`

using Methods = sqlite3_io_methods;

template <auto kMethod, class... Arguments>
int as_it_is(sqlite3_file* file, Arguments... arguments) {
  File& own = File::of(file);
  return (own.methods().*kMethod)(own.file(), arguments...);
}

// With what was gathered in the file.
template <auto kMethod, class... Arguments>
int after_writing(sqlite3_file* file, Arguments... arguments) {
  if (const int code = File::of(file).write_out(); code != SQLITE_OK) return code;
  return as_it_is<kMethod>(file, arguments...);
}

int close(sqlite3_file* file) {
  const int code = as_it_is<&Methods::xClose>(file);
  File::of(file).~File();
  return code;
}

int read(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
  File& own = File::of(file);
  if (const int code = own.write_out(); code != SQLITE_OK) return code;
  if (own.reads_ahead) {
    const sqlite3_int64 gap = at - std::exchange(own.read_end, at + size);
    if (!own.has_ahead(size, at) && gap >= 0 && gap <= kFrameHeader) own.read_ahead(size, at);
    if (own.has_ahead(size, at)) {
      std::memcpy(data, own.ahead.data() + (at - own.ahead_at), static_cast<std::size_t>(size));
      return SQLITE_OK;
    }
  }
  return as_it_is<&Methods::xRead>(file, data, size, at);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  File& own = File::of(file);
  own.ahead.clear();
  const auto end = own.at + static_cast<sqlite3_int64>(own.gathered.size());
  if (own.held_up || at != end || own.gathered.size() >= kMostGathered) {
    if (const int code = own.write_out(); code != SQLITE_OK) return code;
  }
  if (own.held_up) return as_it_is<&Methods::xWrite>(file, data, size, at);
  if (own.gathered.empty()) own.at = at;
  const char* const bytes = static_cast<const char*>(data);
  own.gathered.insert(own.gathered.end(), bytes, bytes + size);
  return SQLITE_OK;
}

// SQLite says so when a checkpoint has copied its pages, before it calls them copied. It takes no
// answer; a failure is that of the synchronisation that follows.
int control(sqlite3_file* file, int operation, void* argument) {
  File::of(file).flush();
  return as_it_is<&Methods::xFileControl>(file, operation, argument);
}

// A checkpoint that meets a reader goes no further than what that one sees, and does not
// synchronise: nobody would hear of a late failure, so that it gathers nothing.
int lock_shared_memory(sqlite3_file* file, int first, int count, int flags) {
  constexpr int kCheckpointer = 1;  // WAL_CKPT_LOCK
  const int code = as_it_is<&Methods::xShmLock>(file, first, count, flags);
  File& own = File::of(file);
  if (code == SQLITE_BUSY) {
    own.held_up = true;
  } else if (first == kCheckpointer) {
    own.held_up = false;
  }
  return code;
}

void barrier(sqlite3_file* file) {
  File& own = File::of(file);
  own.methods().xShmBarrier(own.file());
}

// Nothing is gathered where a database is locked or mapped: each transaction has synchronised
// before, and each checkpoint has told control(). A log has no shared memory of its own, and is not
// mapped.
constexpr Methods kMethods = {
    3,
    close,
    read,
    write,
    after_writing<&Methods::xTruncate, sqlite3_int64>,
    after_writing<&Methods::xSync, int>,
    after_writing<&Methods::xFileSize, sqlite3_int64*>,
    as_it_is<&Methods::xLock, int>,
    as_it_is<&Methods::xUnlock, int>,
    as_it_is<&Methods::xCheckReservedLock, int*>,
    control,
    as_it_is<&Methods::xSectorSize>,
    as_it_is<&Methods::xDeviceCharacteristics>,
    as_it_is<&Methods::xShmMap, int, int, int, void volatile**>,
    lock_shared_memory,
    barrier,
    as_it_is<&Methods::xShmUnmap, int>,
    as_it_is<&Methods::xFetch, sqlite3_int64, int, void**>,
    as_it_is<&Methods::xUnfetch, sqlite3_int64, void*>,
};

// The log of a connection that has one.
File* log_of(sqlite3* db) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
  return file == nullptr || file->pMethods != &kMethods ? nullptr : &File::of(file);
}

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const system = system_vfs();
  if ((flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_DB)) == 0)
    return system->xOpen(system, path, file, flags, out_flags);
  File& own = *new (file) File{};
  own.is_log = (flags & SQLITE_OPEN_WAL) != 0;
  const int code = system->xOpen(system, path, own.file(), flags, out_flags);
  if (code != SQLITE_OK) {
    own.~File();
    file->pMethods = nullptr;  // not to be closed
    return code;
  }
  own.base.pMethods = &kMethods;
  return SQLITE_OK;
}

}  // namespace

void forget_gathered(sqlite3* db) {
  File* const log = log_of(db);
  if (log == nullptr) return;
  log->gathered.clear();
  log->failure = SQLITE_OK;
}

void ReadingLog::set(bool ahead) {
  File* const log = log_of(db_);
  if (log == nullptr) return;
  log->reads_ahead = ahead;
  log->ahead.clear();
}

const char* gathering_vfs() {
  static const int kRegistered = [] {
    static sqlite3_vfs vfs = *system_vfs();  // all else is as the system does it
    vfs.zName = kName;
    vfs.szOsFile += static_cast<int>(sizeof(File));
    vfs.xOpen = open;
    return sqlite3_vfs_register(&vfs, 0);
  }();
  return kRegistered == SQLITE_OK ? kName : nullptr;
}

}  // namespace slwmi
