#include "provider/event_chunk.hpp"

#include <bit>
#include <cstring>

#include "base/text.hpp"
#include "provider/license.hpp"

namespace slwmi::licensing {
namespace {

static_assert(std::endian::native == std::endian::little,
              "exchanges are written as they lie in memory");

constexpr std::uint32_t kMagic = 0x56454C53;  // "SLEV"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kHeader = 28;
constexpr std::size_t kRunBytes = 8;
constexpr std::uint8_t kNumberTag = 0;
constexpr std::uint8_t kTextTag = 1;

KmsExchange exchange_at(ByteSpan bytes, std::size_t index) {
  KmsExchange out;
  std::memcpy(&out, bytes.data() + index * sizeof(KmsExchange), sizeof out);
  return out;
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
  if ((exchange.parts & ~kParts) != 0 || (exchange.flags & ~kFlags) != 0)
    return bad_chunk("an exchange has unknown bits", at);
  if (exchange.status > static_cast<std::uint8_t>(LicenseStatus::kNotification))
    return bad_chunk("an exchange has an unknown licence status", at);
  if (exchange.server_name < 0 || static_cast<std::size_t>(exchange.server_name) > names)
    return bad_chunk("an exchange has a server name that the chunk does not", at);
  return {};
}

}  // namespace

void ChunkWriter::note_time(FileTime time) {
  if (runs_.empty() || time < first_) first_ = time;
  if (runs_.empty() || time > last_) last_ = time;
}

void ChunkWriter::add(const KmsExchange& exchange) {
  note_time(exchange.time);
  if (runs_.empty() || runs_.back().entries != 0) runs_.emplace_back();
  ++runs_.back().exchanges;
  has_names_ |= exchange.server_name != 0;
  exchanges_.push_back(exchange);
}

void ChunkWriter::add(std::span<const KmsExchange> exchanges) {
  for (const KmsExchange& exchange : exchanges) add(exchange);
}

void ChunkWriter::add(const LogEntry& entry) {
  note_time(entry.time);
  if (runs_.empty()) runs_.emplace_back();
  ++runs_.back().entries;
  ++entries_;
  entries_digest_ += licensing::digest(entry);
  write(encoded_, entry);
}

std::size_t ChunkWriter::bytes() const {
  return kHeader + runs_.size() * kRunBytes + exchanges_.size() * sizeof(KmsExchange) +
         encoded_.position();
}

std::uint64_t ChunkWriter::digest() const {
  std::uint64_t sum = entries_digest_;
  for (const KmsExchange& exchange : exchanges_)
    sum += licensing::digest(
        exchange, names_ != nullptr ? names_->text_of(exchange.server_name) : std::string_view());
  return sum;
}

Bytes ChunkWriter::finish() {
  ServerNames used;
  if (has_names_)
    for (KmsExchange& exchange : exchanges_)
      exchange.server_name =
          used.number_of(names_ != nullptr ? names_->text_of(exchange.server_name) : "");
  ByteWriter out;
  out.u32(kMagic);
  out.u16(kVersion);
  out.u16(0);
  out.u32(static_cast<std::uint32_t>(runs_.size()));
  out.u32(static_cast<std::uint32_t>(exchanges_.size()));
  out.u32(static_cast<std::uint32_t>(entries_));
  out.u32(static_cast<std::uint32_t>(used.size()));
  out.u32(static_cast<std::uint32_t>(encoded_.position()));
  for (const Run& run : runs_) {
    out.u32(run.exchanges);
    out.u32(run.entries);
  }
  out.bytes(std::as_bytes(std::span(exchanges_)));
  for (std::int32_t i = 1; i <= used.size(); ++i) {
    out.u16(static_cast<std::uint16_t>(used.text_of(i).size()));
    out.bytes(used.text_of(i));
  }
  out.bytes(encoded_.data());
  *this = ChunkWriter(names_);
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
  const std::size_t runs = in.u32();
  ChunkReader out;
  out.exchanges_ = in.u32();
  out.entries_ = in.u32();
  const std::size_t names = in.u32();
  const std::size_t entry_bytes = in.u32();
  out.runs_ = in.span(runs * kRunBytes);
  const std::size_t exchanges_at = in.position();
  out.exchange_bytes_ = in.span(out.exchanges_ * sizeof(KmsExchange));
  for (std::size_t i = 0; i < names && in.ok(); ++i) {
    const std::size_t at = in.position();
    const std::string_view name = as_text(in.span(in.u16()));
    if (in.ok() && (name.empty() || find_invalid(name)))
      return bad_chunk("a server name of the event chunk is no text", at);
    out.names_.push_back(name);
  }
  const std::size_t entries_at = in.position();
  out.entry_bytes_ = in.span(entry_bytes);
  if (!in.ok()) return bad_chunk("the event chunk is cut short", in.position());
  if (in.position() - start > kMaxChunkBytes)
    return bad_chunk("the event chunk is too large", start);

  std::size_t exchanges = 0, entries = 0;
  ByteReader counts(out.runs_);
  for (std::size_t i = 0; i < runs; ++i) {
    exchanges += counts.u32();
    entries += counts.u32();
  }
  if (exchanges != out.exchanges_ || entries != out.entries_)
    return bad_chunk("the runs of the event chunk do not add up", start + kHeader);
  for (std::size_t i = 0; i < out.exchanges_; ++i)
    SL_CHECK(check_exchange(exchange_at(out.exchange_bytes_, i), names,
                            exchanges_at + i * sizeof(KmsExchange)));
  ByteReader entry_reader(out.entry_bytes_);
  for (std::size_t i = 0; i < out.entries_; ++i) {
    const std::size_t at = entries_at + entry_reader.position();
    const LogEntry entry = read_entry(entry_reader);
    if (!entry_reader.ok())
      return bad_chunk("an entry of the event chunk is cut short",
                       entries_at + entry_reader.position());
    if (const auto good = check(entry); !good) return bad_chunk(good.error().message, at);
  }
  if (!entry_reader.at_end())
    return bad_chunk("the event chunk has more than its entries",
                     entries_at + entry_reader.position());
  return out;
}

std::string_view ChunkReader::server_name(const KmsExchange& exchange) const {
  const std::int32_t number = exchange.server_name;
  return number == 0 ? std::string_view() : names_[static_cast<std::size_t>(number) - 1];
}

template <bool kAll>
void ChunkReader::walk(std::uint32_t machine, FunctionRef<bool(const KmsExchange&)> exchange,
                       FunctionRef<bool(const LogEntry&)> entry) const {
  ByteReader runs(runs_);
  ByteReader entries(entry_bytes_);
  std::size_t next = 0;
  while (!runs.at_end()) {
    const std::size_t end = next + runs.u32();
    std::size_t left = runs.u32();
    for (; next < end; ++next) {
      const KmsExchange item = exchange_at(exchange_bytes_, next);
      const bool wanted = kAll || item.client == machine ||
                          (item.host == machine && item.has(ExchangePart::kServed));
      if (wanted && !exchange(item)) return;
    }
    for (; left != 0; --left) {
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

Result<std::uint32_t> adopt(std::span<std::byte> chunks, std::uint32_t machine,
                            FunctionRef<std::string(std::uint32_t)> full_name) {
  bool shared = false;
  SL_CHECK(each_chunk(chunks, [&](const ChunkReader& chunk) {
    // Both spans lie in `chunks`.
    const auto writable = [&](ByteSpan part) {
      return chunks.subspan(static_cast<std::size_t>(part.data() - chunks.data()), part.size());
    };
    const auto exchanges = writable(chunk.exchange_bytes());
    for (std::size_t at = 0; at < exchanges.size(); at += sizeof(KmsExchange)) {
      KmsExchange exchange = exchange_at(exchanges, at / sizeof(KmsExchange));
      if (exchange.client == 0) exchange.client = machine;
      if (const std::string_view server = chunk.server_name(exchange);
          exchange.host != 0 && !server.empty() &&
          equal_ignore_case(server, full_name(exchange.host)))
        exchange.server_name = 0;
      shared |= exchange.client != machine ||
                (exchange.has(ExchangePart::kServed) && exchange.host != machine);
      std::memcpy(exchanges.data() + at, &exchange, sizeof exchange);
    }
    const auto entries = writable(chunk.entry_bytes());
    ByteReader in(entries);
    while (!in.at_end()) {
      const std::size_t at = in.position();
      const LogEntry entry = read_entry(in);
      if (entry.machine == 0) std::memcpy(entries.data() + at, &machine, sizeof machine);
      shared |= entry.machine != 0 && entry.machine != machine;
    }
    return true;
  }));
  return shared ? 0 : machine;
}

}  // namespace slwmi::licensing
