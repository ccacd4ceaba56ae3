// Chunks: many log items of many machines as bytes, the form in which a world keeps them
// (docs/formats.md, "event chunks"). What exchanges have in common is kept once, and what follows
// from the world's seed is not kept, so that most renewals cost 2 bytes and little more. Written
// cheaply, read in place. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/function_ref.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"
#include "provider/event_log.hpp"

namespace slwmi::licensing {

inline constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 28;
inline constexpr std::size_t kMaxEventValues = 32;  // of one entry

// Collects items in their order.
class ChunkWriter {
 public:
  // `names` gives the texts of the exchanges' server names; it must outlive the writer. nullptr:
  // they have none. `seed`: of the world whose numbers the clients have, where it is known;
  // client machine IDs that follow from it take no room.
  explicit ChunkWriter(const ServerNames* names = nullptr,
                       std::optional<std::uint64_t> seed = std::nullopt)
      : names_(names), seed_(seed) {}

  void add(const KmsExchange& exchange) {
    const ClientPart part = client_part(exchange);
    add(exchange, {std::span(&part, 1), 0});
  }
  // Several, one at least, that differ in these parts alone; a generation is of IDs that follow
  // from the seed above.
  void add(const KmsExchange& common, const AlikeClients& clients) {
    note_time(common.time);
    const std::uint32_t frame = frame_of(common);
    if (runs_.empty() || !runs_.back().takes(common.time, frame)) {
      runs_.push_back({.time = common.time, .frame = frame, .generation = clients.generation});
    } else if (runs_.back().generation != clients.generation) {
      runs_.back().generation = 0;
    }
    runs_.back().exchanges += static_cast<std::uint32_t>(clients.parts.size());
    rows_.insert(rows_.end(), clients.parts.begin(), clients.parts.end());
    items_ += clients.parts.size();
  }
  void add(const LogEntry& entry);  // must pass check()

  bool empty() const { return items_ == 0; }
  std::size_t items() const { return items_; }
  FileTime first() const { return first_; }
  FileTime last() const { return last_; }
  // The chunk; the writer is empty after.
  Bytes finish();

 private:
  friend class ChunkReader;

  // Exchanges of one time and frame that follow each other, and the entries after them.
  struct Run {
    FileTime time;
    std::uint32_t frame = 0;
    std::uint32_t exchanges = 0, entries = 0;
    // Of the client machine IDs, which are made; 0: they are kept, or it is not known yet.
    std::uint16_t generation = 0;
    bool one_minutes = false;  // all have the same minutes, which are kept once
    bool near = false;         // machines ascend, and of all but the first the step is kept
    // How many are kept of each, and the bytes that the machines take.
    std::size_t minutes() const { return one_minutes ? 1 : exchanges; }
    std::size_t client_ids() const { return generation != 0 ? 0 : exchanges; }
    std::size_t client_bytes() const { return near ? 2 + 2 * exchanges : 4 * exchanges; }
    bool takes(FileTime other_time, std::uint32_t other_frame) const {
      return entries == 0 && time == other_time && frame == other_frame;
    }
  };
  // The rows column by column, without what need not be kept.
  struct Columns {
    ByteWriter runs;
    Bytes clients;
    std::vector<std::uint32_t> minutes;
    std::vector<std::uint64_t> client_ids;
  };
  // Everything else of an exchange: few frames stand for most of many exchanges.
  struct Frame {
    static constexpr std::size_t kOffset = offsetof(KmsExchange, host);
    Frame() = default;
    explicit Frame(KmsExchange exchange) {
      exchange.minutes = 0;
      std::memcpy(bytes.data(), reinterpret_cast<const std::byte*>(&exchange) + kOffset,
                  bytes.size());
    }
    KmsExchange exchange() const {
      KmsExchange out;
      std::memcpy(reinterpret_cast<std::byte*>(&out) + kOffset, bytes.data(), bytes.size());
      return out;
    }
    // Whether the exchange has it.
    bool is_of(const KmsExchange& exchange) const {
      constexpr std::size_t kMinutes = offsetof(KmsExchange, minutes) - kOffset;
      constexpr std::size_t kBehind = kMinutes + sizeof exchange.minutes;
      const auto* const other = reinterpret_cast<const std::byte*>(&exchange) + kOffset;
      return std::memcmp(bytes.data(), other, kMinutes) == 0 &&
             std::memcmp(bytes.data() + kBehind, other + kBehind, bytes.size() - kBehind) == 0;
    }
    bool operator==(const Frame& other) const {
      return std::memcmp(bytes.data(), other.bytes.data(), bytes.size()) == 0;
    }
    std::array<std::byte, sizeof(KmsExchange) - kOffset> bytes{};
  };
  struct FrameHash {
    std::size_t operator()(const Frame& frame) const { return hash64(ByteSpan(frame.bytes)); }
  };

  void note_time(FileTime time) {
    if (items_ == 0 || time < first_) first_ = time;
    if (items_ == 0 || time > last_) last_ = time;
  }
  std::uint32_t frame_of(const KmsExchange& exchange) {
    if (!rows_.empty() && frames_[last_frame_].is_of(exchange)) return last_frame_;
    const Frame frame(exchange);
    const auto [at, fresh] =
        frame_numbers_.try_emplace(frame, static_cast<std::uint32_t>(frames_.size()));
    if (fresh) frames_.push_back(frame);
    return last_frame_ = at->second;
  }

  static void write_run(ByteWriter& out, const Run& run, FileTime before);
  void compare(std::span<const ClientPart> rows, Run& run) const;
  Columns columns() const;

  const ServerNames* names_;
  std::optional<std::uint64_t> seed_;
  std::vector<Run> runs_;
  std::vector<Frame> frames_;
  std::vector<ClientPart> rows_;
  std::unordered_map<Frame, std::uint32_t, FrameHash> frame_numbers_;
  std::uint32_t last_frame_ = 0;  // of the last exchange
  ByteWriter encoded_;            // entries
  std::size_t entries_ = 0;
  std::size_t items_ = 0;
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
  friend class Adoption;
  using Run = ChunkWriter::Run;
  using Frame = ChunkWriter::Frame;
  class Runs;

  ChunkReader() = default;
  KmsExchange frame(std::size_t number) const;
  Result<> check(std::size_t start) const;
  template <bool kAll>
  void walk(std::uint32_t machine, FunctionRef<bool(const KmsExchange&)> exchange,
            FunctionRef<bool(const LogEntry&)> entry) const;

  ByteSpan runs_, frames_, clients_, minutes_, client_ids_, entry_bytes_;
  std::uint64_t seed_ = 0;
  std::vector<std::string_view> names_;
  std::size_t exchanges_ = 0, entries_ = 0;
};

// What the transactions of a machine wrote: chunks one behind the other. false of the sink stops.
Result<> each_chunk(ByteSpan bytes, FunctionRef<bool(const ChunkReader&)> sink);

struct Adopted {
  std::uint32_t machine = 0;  // 0: a host's log has some of it too
  std::size_t items = 0;
};

// Tells the chunks which machine wrote them: entries and exchanges without a machine become its
// own, and a server name that is the host's full name now, which `full_name` tells, becomes none.
Result<Adopted> adopt(std::span<std::byte> chunks, std::uint32_t machine,
                      FunctionRef<std::string(std::uint32_t)> full_name);

}  // namespace slwmi::licensing
