// Chunks: many log items of many machines as bytes, the form in which a world keeps them
// (docs/formats.md, "event chunks"). Written cheaply, read in place. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "provider/event_log.hpp"

namespace slwmi::licensing {

inline constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 28;
inline constexpr std::size_t kMaxEventValues = 32;  // of one entry

// Collects items in their order. Cheap per exchange: 64 bytes are copied.
class ChunkWriter {
 public:
  // `names` gives the texts of the exchanges' server names; it must outlive the writer. nullptr:
  // they have none.
  explicit ChunkWriter(const ServerNames* names = nullptr) : names_(names) {}

  void add(const KmsExchange& exchange);
  void add(std::span<const KmsExchange> exchanges);
  void add(const LogEntry& entry);  // must pass check()

  bool empty() const { return runs_.empty(); }
  std::size_t items() const { return exchanges_.size() + entries_; }
  std::size_t bytes() const;  // about what finish() returns
  FileTime first() const { return first_; }
  FileTime last() const { return last_; }
  // The sum of the items' digests.
  std::uint64_t digest() const;
  // The chunk; the writer is empty after.
  Bytes finish();

 private:
  struct Run {
    std::uint32_t exchanges = 0, entries = 0;
  };
  void note_time(FileTime time);

  const ServerNames* names_;
  std::vector<KmsExchange> exchanges_;
  ByteWriter encoded_;  // entries
  std::size_t entries_ = 0;
  std::uint64_t entries_digest_ = 0;
  std::vector<Run> runs_;
  bool has_names_ = false;
  FileTime first_, last_;
};

// Reads a chunk in place; the bytes must outlive the reader. Everything is checked when it opens.
class ChunkReader {
 public:
  // ERROR_INVALID_DATA with the offset of what is cut short, too long or out of range.
  static Result<ChunkReader> open(ByteSpan bytes);
  // The chunk that starts where `in` stands, which is behind it after.
  static Result<ChunkReader> next(ByteReader& in);

  std::size_t items() const { return exchanges_ + entries_; }
  ByteSpan exchange_bytes() const { return exchange_bytes_; }  // where they lie: KmsExchange each
  ByteSpan entry_bytes() const { return entry_bytes_; }
  std::string_view server_name(const KmsExchange& exchange) const;
  std::uint64_t digest() const;

  // Every item in its order. A sink returns false to stop.
  void each(FunctionRef<bool(const KmsExchange&)> exchange,
            FunctionRef<bool(const LogEntry&)> entry) const;
  // Only those that a machine's logs have: its own attempts, the requests that it served as a host,
  // and its other entries.
  void each_of(std::uint32_t machine, FunctionRef<bool(const KmsExchange&)> exchange,
               FunctionRef<bool(const LogEntry&)> entry) const;

 private:
  ChunkReader() = default;
  template <bool kAll>
  void walk(std::uint32_t machine, FunctionRef<bool(const KmsExchange&)> exchange,
            FunctionRef<bool(const LogEntry&)> entry) const;

  ByteSpan runs_, exchange_bytes_, entry_bytes_;
  std::vector<std::string_view> names_;
  std::size_t exchanges_ = 0, entries_ = 0;
};

// What the transactions of a machine wrote: chunks one behind the other. false of the sink stops.
Result<> each_chunk(ByteSpan bytes, FunctionRef<bool(const ChunkReader&)> sink);

// Tells the chunks which machine wrote them: entries and exchanges without a machine become its
// own, and a server name that is the host's full name now, which `full_name` tells, becomes none.
// Returns the machine, or 0 when a host's log has some of it too.
Result<std::uint32_t> adopt(std::span<std::byte> chunks, std::uint32_t machine,
                            FunctionRef<std::string(std::uint32_t)> full_name);

}  // namespace slwmi::licensing
