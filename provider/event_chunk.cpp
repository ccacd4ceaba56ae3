#include "provider/event_chunk.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/text.hpp"
#include "provider/client_id.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing {
namespace {

static_assert(std::endian::native == std::endian::little,
              "exchanges are written as they lie in memory");
static_assert(std::is_standard_layout_v<KmsExchange>);

constexpr std::uint32_t kMagic = 0x56454C53;  // "SLEV"
constexpr std::uint16_t kVersion = 4;
constexpr std::size_t kHeader = 40;
// What the first byte of a run says of it.
constexpr std::uint8_t kMinutesLater = 1;  // its time: whole minutes after the run before
constexpr std::uint8_t kHasEntries = 2;
constexpr std::uint8_t kMadeIds = 4;
constexpr std::uint8_t kOneMinutes = 8;
constexpr std::uint8_t kNear = 16;
constexpr std::uint8_t kKnownFlags = 31;
constexpr std::uint8_t kNumberTag = 0;
constexpr std::uint8_t kTextTag = 1;

// The record of a table that lies in a chunk.
template <class T>
T record_at(ByteSpan table, std::size_t number) {
  T out;
  std::memcpy(&out, table.data() + number * sizeof(T), sizeof(T));
  return out;
}

template <class T>
ByteSpan bytes_of(const std::vector<T>& table) {
  return std::as_bytes(std::span(table));
}

void write(ByteWriter& out, const LogEntry& entry) {
  out.u32(entry.machine);
  out.u16(static_cast<std::uint16_t>(entry.event));
  out.u16(static_cast<std::uint16_t>(entry.values.size()));
  out.u32(static_cast<std::uint32_t>(entry.clock));
  out.u64(entry.time.ticks);
  for (const EventValue& value : entry.values) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      out.u8(kTextTag);
      out.u16(static_cast<std::uint16_t>(text->size()));
      out.bytes(*text);
    } else {
      out.u8(kNumberTag);
      out.u64(std::get<std::uint64_t>(value));
    }
  }
}

// The next entry; the reader has failed where something is out of place.
LogEntry read_entry(ByteReader& in) {
  LogEntry entry;
  entry.machine = in.u32();
  entry.event = static_cast<EventId>(in.u16());
  const std::size_t values = in.u16();
  entry.clock = static_cast<std::int32_t>(in.u32());
  entry.time = {in.u64()};
  if (values > kMaxEventValues) in.fail();
  for (std::size_t i = 0; i < values && in.ok(); ++i) {
    const std::uint8_t tag = in.u8();
    if (tag == kTextTag) {
      const std::size_t size = in.u16();
      entry.values.emplace_back(std::string(as_text(in.span(size))));
    } else if (tag == kNumberTag) {
      entry.values.emplace_back(in.u64());
    } else {
      in.fail();
    }
  }
  return entry;
}

tl::unexpected<Error> bad_chunk(std::string what, std::size_t at) {
  return fail(HResult::kErrorInvalidData, std::move(what), SourcePos{at, 0, 0});
}

Result<> check_exchange(const KmsExchange& exchange, std::size_t names, std::size_t at) {
  constexpr std::uint8_t kParts = 0x1F, kFlags = 0x1F;
  if (exchange.minutes != 0) return bad_chunk("a frame has minutes of its own", at);
  if ((exchange.parts & ~kParts) != 0 || (exchange.flags & ~kFlags) != 0)
    return bad_chunk("an exchange has unknown bits", at);
  if (exchange.status > static_cast<std::uint8_t>(LicenseStatus::kNotification))
    return bad_chunk("an exchange has an unknown licence status", at);
  if (exchange.server_name < 0 || static_cast<std::size_t>(exchange.server_name) > names)
    return bad_chunk("an exchange has a server name that the chunk does not", at);
  return {};
}

// Machine numbers of a run from where they lie, one after the other.
class Clients {
 public:
  Clients(const std::byte* at, bool near) : at_(at), near_(near) {}
  std::uint32_t next() {
    if (near_ && !first_) {
      last_ += static_cast<std::uint32_t>(load_little_endian<2>(at_));
      at_ += 2;
    } else {
      last_ = static_cast<std::uint32_t>(load_little_endian<4>(at_));
      at_ += 4;
    }
    first_ = false;
    return last_;
  }

 private:
  const std::byte* at_;
  bool near_;
  bool first_ = true;
  std::uint32_t last_ = 0;
};

}  // namespace

// The runs of a chunk one after the other, each with where its columns lie.
class ChunkReader::Runs {
 public:
  explicit Runs(ByteSpan bytes) : in_(bytes) {}

  // False at the end, or where a run is cut short or out of range: then ok() is false.
  bool next() {
    clients_at_ += run_.client_bytes();
    minutes_at_ += run_.minutes();
    client_ids_at_ += run_.client_ids();
    const FileTime before = run_.time;
    run_ = {};
    if (in_.at_end()) return false;
    position_ = in_.position();
    const std::uint8_t flags = in_.u8();
    run_.time = (flags & kMinutesLater) != 0
                    ? FileTime{before.ticks + in_.varint() * kTicksPerMinute}
                    : FileTime{in_.u64()};
    run_.frame = number();
    run_.exchanges = number();
    if ((flags & kHasEntries) != 0) run_.entries = number();
    if ((flags & kMadeIds) != 0) run_.generation = in_.u8();
    run_.one_minutes = (flags & kOneMinutes) != 0;
    run_.near = (flags & kNear) != 0;
    if ((flags & ~kKnownFlags) != 0 || (run_.exchanges == 0 && (run_.one_minutes || run_.near)) ||
        ((flags & kMadeIds) != 0 && run_.generation == 0))
      in_.fail();
    if (!in_.ok()) run_ = {};
    return in_.ok();
  }
  bool ok() const { return in_.ok(); }
  const Run& run() const { return run_; }
  std::size_t position() const { return position_; }  // of the run, among the bytes

  std::size_t clients_at() const { return clients_at_; }        // bytes
  std::size_t minutes_at() const { return minutes_at_; }        // numbers
  std::size_t client_ids_at() const { return client_ids_at_; }  // likewise

 private:
  std::uint32_t number() {
    const std::uint64_t out = in_.varint();
    if (out > 0xFFFFFFFF) in_.fail();
    return static_cast<std::uint32_t>(out);
  }

  ByteReader in_;
  Run run_;
  std::size_t position_ = 0, clients_at_ = 0, minutes_at_ = 0, client_ids_at_ = 0;
};

void ChunkWriter::add(const LogEntry& entry) {
  note_time(entry.time);
  if (runs_.empty()) runs_.push_back({});
  ++runs_.back().entries;
  ++entries_;
  ++items_;
  write(encoded_, entry);
}

// What need not be kept of the rows of a run. Machines of which one is not known yet are not near.
void ChunkWriter::compare(std::span<const ClientPart> rows, Run& run) const {
  if (rows.empty()) return;
  if (seed_ && run.generation == 0) run.generation = made_generation(*seed_, rows);
  std::uint32_t other_minutes = 0;
  bool near = rows.size() > 1 && rows.front().client != 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    other_minutes |= rows[i].minutes ^ rows[0].minutes;
    near &= rows[i].client >= rows[i - 1].client && rows[i].client - rows[i - 1].client <= 0xFFFF;
  }
  run.one_minutes = other_minutes == 0;
  run.near = near;
}

ChunkWriter::Columns ChunkWriter::columns() const {
  Columns out;
  out.clients.resize(rows_.size() * sizeof(std::uint32_t));
  std::byte* client = out.clients.data();
  const auto put = [&](auto number) {
    std::memcpy(client, &number, sizeof number);
    client += sizeof number;
  };
  auto rows = std::span<const ClientPart>(rows_);
  FileTime before;
  for (Run run : runs_) {
    const auto own = rows.first(run.exchanges);
    rows = rows.subspan(run.exchanges);
    compare(own, run);
    write_run(out.runs, run, before);
    before = run.time;
    if (!own.empty()) put(own.front().client);
    for (std::size_t i = 1; i < own.size(); ++i) {
      if (run.near) {
        put(static_cast<std::uint16_t>(own[i].client - own[i - 1].client));
      } else {
        put(own[i].client);
      }
    }
    for (const ClientPart& row : own.first(run.minutes())) out.minutes.push_back(row.minutes);
    for (const ClientPart& row : own.first(run.client_ids()))
      out.client_ids.push_back(row.client_id);
  }
  out.clients.resize(static_cast<std::size_t>(client - out.clients.data()));
  return out;
}

void ChunkWriter::write_run(ByteWriter& out, const Run& run, FileTime before) {
  const std::uint64_t later = run.time.ticks - before.ticks;
  const bool minutes_later = run.time >= before && later % kTicksPerMinute == 0;
  out.u8(static_cast<std::uint8_t>((minutes_later ? kMinutesLater : 0) |
                                   (run.entries != 0 ? kHasEntries : 0) |
                                   (run.generation != 0 ? kMadeIds : 0) |
                                   (run.one_minutes ? kOneMinutes : 0) | (run.near ? kNear : 0)));
  minutes_later ? out.varint(later / kTicksPerMinute) : out.u64(run.time.ticks);
  out.varint(run.frame);
  out.varint(run.exchanges);
  if (run.entries != 0) out.varint(run.entries);
  if (run.generation != 0) out.u8(static_cast<std::uint8_t>(run.generation));
}

Bytes ChunkWriter::finish() {
  ServerNames used;
  for (Frame& frame : frames_) {
    KmsExchange exchange = frame.exchange();
    exchange.server_name =
        used.number_of(names_ != nullptr ? names_->text_of(exchange.server_name) : "");
    frame = Frame(exchange);
  }
  const Columns columns = this->columns();
  ByteWriter out;
  out.u32(kMagic);
  out.u16(kVersion);
  out.u16(0);
  out.u64(seed_.value_or(0));
  for (const std::size_t count :
       {columns.runs.position(), frames_.size(), rows_.size(),
        static_cast<std::size_t>(used.size()), entries_, encoded_.position()})
    out.u32(static_cast<std::uint32_t>(count));
  out.bytes(columns.runs.data());
  out.bytes(bytes_of(frames_));
  out.bytes(columns.clients);
  out.bytes(bytes_of(columns.minutes));
  out.bytes(bytes_of(columns.client_ids));
  for (std::int32_t i = 1; i <= used.size(); ++i) {
    out.u16(static_cast<std::uint16_t>(used.text_of(i).size()));
    out.bytes(used.text_of(i));
  }
  out.bytes(encoded_.data());
  runs_.clear();
  frames_.clear();
  rows_.clear();
  frame_numbers_.clear();
  encoded_ = {};
  entries_ = items_ = 0;
  return out.take();
}

Result<ChunkReader> ChunkReader::open(ByteSpan bytes) {
  ByteReader in(bytes);
  SL_TRY(ChunkReader out, next(in));
  if (!in.at_end()) return bad_chunk("bytes follow the event chunk", in.position());
  return out;
}

Result<ChunkReader> ChunkReader::next(ByteReader& in) {
  const std::size_t start = in.position();
  const std::uint32_t magic = in.u32();
  const std::uint16_t version = in.u16();
  if (!in.ok() || magic != kMagic) return bad_chunk("the bytes are no event chunk", start);
  if (version != kVersion) return bad_chunk("the event chunk is of another version", start + 4);
  if (in.u16() != 0) return bad_chunk("the event chunk has unknown flags", start + 6);
  ChunkReader out;
  out.seed_ = in.u64();
  const std::size_t run_bytes = in.u32();
  const std::size_t frames = in.u32();
  out.exchanges_ = in.u32();
  const std::size_t names = in.u32();
  out.entries_ = in.u32();
  const std::size_t entry_bytes = in.u32();
  out.runs_ = in.span(run_bytes);
  out.frames_ = in.span(frames * sizeof(Frame));
  if (!in.ok()) return bad_chunk("the event chunk is cut short", in.position());
  Runs runs(out.runs_);
  std::size_t exchanges = 0, entries = 0;
  while (runs.next()) {
    const Run& run = runs.run();
    if (run.exchanges != 0 && run.frame >= frames)
      return bad_chunk("a run of the event chunk has a frame that the chunk does not",
                       start + kHeader + runs.position());
    exchanges += run.exchanges;
    entries += run.entries;
  }
  if (!runs.ok())
    return bad_chunk("a run of the event chunk is cut short or out of range",
                     start + kHeader + runs.position());
  if (exchanges != out.exchanges_ || entries != out.entries_)
    return bad_chunk("the runs of the event chunk do not add up", start + kHeader);
  out.clients_ = in.span(runs.clients_at());
  out.minutes_ = in.span(runs.minutes_at() * sizeof(std::uint32_t));
  out.client_ids_ = in.span(runs.client_ids_at() * sizeof(std::uint64_t));
  for (std::size_t i = 0; i < names && in.ok(); ++i) {
    const std::size_t at = in.position();
    const std::string_view name = as_text(in.span(in.u16()));
    if (in.ok() && (name.empty() || find_invalid(name)))
      return bad_chunk("a server name of the event chunk is no text", at);
    out.names_.push_back(name);
  }
  out.entry_bytes_ = in.span(entry_bytes);
  if (!in.ok()) return bad_chunk("the event chunk is cut short", in.position());
  if (in.position() - start > kMaxChunkBytes)
    return bad_chunk("the event chunk is too large", start);
  SL_CHECK(out.check(start));
  return out;
}

// Whether the frames and entries of the chunk, which begins at offset `start`, are in their range.
Result<> ChunkReader::check(std::size_t start) const {
  const std::size_t frames_at = start + kHeader + runs_.size();
  const std::size_t frames = frames_.size() / sizeof(Frame);
  for (std::size_t i = 0; i < frames; ++i)
    SL_CHECK(check_exchange(frame(i), names_.size(), frames_at + i * sizeof(Frame)));
  std::size_t entries_at =
      frames_at + frames_.size() + clients_.size() + minutes_.size() + client_ids_.size();
  for (const std::string_view name : names_) entries_at += sizeof(std::uint16_t) + name.size();
  ByteReader entry_reader(entry_bytes_);
  for (std::size_t i = 0; i < entries_; ++i) {
    const std::size_t at = entries_at + entry_reader.position();
    const LogEntry entry = read_entry(entry_reader);
    if (!entry_reader.ok())
      return bad_chunk("an entry of the event chunk is cut short",
                       entries_at + entry_reader.position());
    if (const auto good = licensing::check(entry); !good)
      return bad_chunk(good.error().message, at);
  }
  if (!entry_reader.at_end())
    return bad_chunk("the event chunk has more than its entries",
                     entries_at + entry_reader.position());
  return {};
}

KmsExchange ChunkReader::frame(std::size_t number) const {
  return record_at<Frame>(frames_, number).exchange();
}

std::string_view ChunkReader::server_name(const KmsExchange& exchange) const {
  const std::int32_t number = exchange.server_name;
  return number == 0 ? std::string_view() : names_[static_cast<std::size_t>(number) - 1];
}

template <bool kAll>
void ChunkReader::walk(std::uint32_t machine, FunctionRef<bool(const KmsExchange&)> exchange,
                       FunctionRef<bool(const LogEntry&)> entry) const {
  ByteReader entries(entry_bytes_);
  for (Runs runs(runs_); runs.next();) {
    const Run& run = runs.run();
    KmsExchange read = run.exchanges != 0 ? frame(run.frame) : KmsExchange();
    read.time = run.time;
    const bool served = read.host == machine && read.has(ExchangePart::kServed);
    Clients clients(clients_.data() + runs.clients_at(), run.near);
    for (std::size_t k = 0; k < run.exchanges; ++k) {
      read.client = clients.next();
      if (!kAll && !served && read.client != machine) continue;
      read.minutes =
          record_at<std::uint32_t>(minutes_, runs.minutes_at() + (run.one_minutes ? 0 : k));
      read.client_id = run.generation != 0
                           ? made_client_id(combine(seed_, read.client), run.generation)
                           : record_at<std::uint64_t>(client_ids_, runs.client_ids_at() + k);
      if (!exchange(read)) return;
    }
    for (std::uint32_t left = run.entries; left != 0; --left) {
      const LogEntry item = read_entry(entries);
      if ((kAll || item.machine == machine) && !entry(item)) return;
    }
  }
}

void ChunkReader::each(FunctionRef<bool(const KmsExchange&)> exchange,
                       FunctionRef<bool(const LogEntry&)> entry) const {
  walk<true>(0, exchange, entry);
}

void ChunkReader::each_of(std::uint32_t machine, FunctionRef<bool(const KmsExchange&)> exchange,
                          FunctionRef<bool(const LogEntry&)> entry) const {
  walk<false>(machine, exchange, entry);
}

std::uint64_t ChunkReader::digest() const {
  std::uint64_t sum = 0;
  each(
      [&](const KmsExchange& exchange) {
        sum += licensing::digest(exchange, server_name(exchange));
        return true;
      },
      [&](const LogEntry& entry) {
        sum += licensing::digest(entry);
        return true;
      });
  return sum;
}

Result<> each_chunk(ByteSpan bytes, FunctionRef<bool(const ChunkReader&)> sink) {
  ByteReader in(bytes);
  while (!in.at_end()) {
    SL_TRY(const ChunkReader chunk, ChunkReader::next(in));
    if (!sink(chunk)) break;
  }
  return {};
}

// Both spans of a chunk lie in the bytes that are adopted.
class Adoption {
 public:
  Adoption(std::span<std::byte> chunks, std::uint32_t machine,
           FunctionRef<std::string(std::uint32_t)> full_name)
      : chunks_(chunks), machine_(machine), full_name_(full_name) {}

  void exchanges(const ChunkReader& chunk) {
    using Frame = ChunkReader::Frame;
    for (std::size_t i = 0; i < chunk.frames_.size() / sizeof(Frame); ++i) {
      KmsExchange exchange = chunk.frame(i);
      shared_ |= exchange.has(ExchangePart::kServed) && exchange.host != machine_;
      const std::string_view server = chunk.server_name(exchange);
      if (exchange.host == 0 || server.empty() ||
          !equal_ignore_case(server, full_name_(exchange.host)))
        continue;
      exchange.server_name = 0;
      put(chunk.frames_, i, Frame(exchange));
    }
    for (ChunkReader::Runs runs(chunk.runs_); runs.next();) {
      const std::byte* const at = chunk.clients_.data() + runs.clients_at();
      Clients clients(at, runs.run().near);
      for (std::size_t k = 0; k < runs.run().exchanges; ++k) {
        const std::uint32_t client = clients.next();
        if (client == 0 && !runs.run().near)
          put(chunk.clients_.subspan(runs.clients_at()), k, machine_);
        shared_ |= client != 0 && client != machine_;
      }
    }
  }

  void entries(const ChunkReader& chunk) {
    ByteReader in(chunk.entry_bytes_);
    while (!in.at_end()) {
      const std::size_t at = in.position();
      const LogEntry entry = read_entry(in);
      if (entry.machine == 0)
        std::memcpy(place_of(chunk.entry_bytes_) + at, &machine_, sizeof machine_);
      shared_ |= entry.machine != 0 && entry.machine != machine_;
    }
  }

  bool shared() const { return shared_; }

 private:
  std::byte* place_of(ByteSpan part) const {
    return chunks_.data() + (part.data() - chunks_.data());
  }
  template <class T>
  void put(ByteSpan table, std::size_t number, const T& record) const {
    std::memcpy(place_of(table) + number * sizeof(T), &record, sizeof(T));
  }

  std::span<std::byte> chunks_;
  std::uint32_t machine_;
  FunctionRef<std::string(std::uint32_t)> full_name_;
  bool shared_ = false;  // a host's log has some of it too
};

Result<Adopted> adopt(std::span<std::byte> chunks, std::uint32_t machine,
                      FunctionRef<std::string(std::uint32_t)> full_name) {
  Adoption adoption(chunks, machine, full_name);
  Adopted out;
  SL_CHECK(each_chunk(chunks, [&](const ChunkReader& chunk) {
    adoption.exchanges(chunk);
    adoption.entries(chunk);
    out.items += chunk.items();
    return true;
  }));
  out.machine = adoption.shared() ? 0 : machine;
  return out;
}

}  // namespace slwmi::licensing
