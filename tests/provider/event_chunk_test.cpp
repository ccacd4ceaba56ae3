#include "provider/event_chunk.hpp"

#include <boost/test/unit_test.hpp>

#include "base/hash.hpp"
#include "provider/client_id.hpp"
#include "provider/license.hpp"
#include "tests/provider/printing.hpp"

namespace slwmi::licensing {
namespace {

const FileTime kNow = time_of(214'000'000);

// An exchange as read back, with the text of its server name in place of the number.
struct Named {
  KmsExchange exchange;
  std::string server;
  bool operator==(const Named&) const = default;
};
using Item = std::variant<Named, LogEntry>;

std::vector<Item> read(ByteSpan bytes, std::optional<std::uint32_t> machine = {}) {
  const auto chunk = ChunkReader::open(bytes);
  BOOST_TEST_REQUIRE(chunk.has_value());
  std::vector<Item> out;
  const auto exchange = [&](const KmsExchange& e) {
    Named named{e, std::string(chunk->server_name(e))};
    named.exchange.server_name = 0;
    out.emplace_back(std::move(named));
    return true;
  };
  const auto entry = [&](const LogEntry& e) {
    out.emplace_back(e);
    return true;
  };
  machine ? chunk->each_of(*machine, exchange, entry) : chunk->each(exchange, entry);
  return out;
}

KmsExchange random_exchange(std::uint64_t seed) {
  KmsExchange out;
  auto* words = reinterpret_cast<unsigned char*>(&out);
  for (std::size_t i = 0; i < sizeof out; ++i)
    words[i] = static_cast<unsigned char>(random_value(seed, i, kNow, "exchange"));
  out.parts &= 0x1Fu;
  out.flags &= 0x1Fu;
  out.status = static_cast<std::uint8_t>(random_below(mix64(seed), 6));
  out.client = static_cast<std::uint32_t>(seed % 5);
  out.host = static_cast<std::uint32_t>(seed % 3);
  out.server_name = 0;
  return out;
}

LogEntry random_entry(std::uint64_t seed) {
  const auto events = event_declarations();
  const EventDeclaration& event = events[random_below(mix64(seed), events.size())];
  LogEntry out = make_entry(event.id, {mix64(seed + 1)}, {});
  out.machine = static_cast<std::uint32_t>(seed % 5);
  out.clock = static_cast<std::int32_t>(seed) - 100;
  for (const auto& parameter : event.parameters) {
    if (parameter.kind == ParameterKind::kText || parameter.kind == ParameterKind::kGuid)
      out.values.emplace_back(std::string(parameter.example) + std::to_string(seed));
    else
      out.values.emplace_back(seed);
  }
  return out;
}

BOOST_AUTO_TEST_SUITE(event_chunk)

BOOST_AUTO_TEST_CASE(random_items_are_read_as_they_were_written) {
  ServerNames names;
  for (const char* name : {"unused.contoso.com", "kms01.contoso.com", "10.0.0.7"})
    names.number_of(name);
  for (std::uint64_t round = 0; round < 200; ++round) {
    BOOST_TEST_CONTEXT("round " << round) {
      ChunkWriter writer(&names, round % 3);
      std::vector<Item> wanted;
      std::uint64_t sum = 0;
      const std::uint64_t size = random_below(mix64(round), 40);
      for (std::uint64_t i = 0; i < size; ++i) {
        const std::uint64_t seed = round * 100 + i;
        if (random_below(mix64(seed * 7), 4) != 0) {
          // Many have a time and a frame in common, so that they make runs.
          KmsExchange exchange = random_exchange(i % 4 == 0 ? seed : round);
          exchange.client = static_cast<std::uint32_t>(seed % 5);
          if (round % 4 == 0) exchange.minutes = static_cast<std::uint32_t>(i / 8);
          if (round % 5 != 0 || i == 20)
            exchange.client_id =
                made_client_id(combine(round % 3, exchange.client), 1 + i / 10 % 2);
          Named named{exchange, ""};
          if (i / 8 % 3 != 0) {
            exchange.server_name = static_cast<std::int32_t>(2 + i / 8 % 2);
            named.server = names.text_of(exchange.server_name);
          }
          writer.add(exchange);
          sum += digest(exchange, named.server);
          wanted.emplace_back(std::move(named));
        } else {
          const LogEntry entry = random_entry(seed);
          BOOST_TEST_REQUIRE(check(entry).has_value());
          writer.add(entry);
          sum += digest(entry);
          wanted.emplace_back(entry);
        }
      }
      BOOST_TEST(writer.items() == size);
      const Bytes bytes = writer.finish();
      BOOST_TEST(writer.empty());
      BOOST_TEST((read(bytes) == wanted));
      BOOST_TEST(ChunkReader::open(bytes)->digest() == sum);
      for (std::uint32_t machine = 0; machine < 5; ++machine) {
        std::vector<Item> own;
        for (const Item& item : wanted) {
          const auto* named = std::get_if<Named>(&item);
          const bool of_machine = named == nullptr
                                      ? std::get<LogEntry>(item).machine == machine
                                      : named->exchange.client == machine ||
                                            (named->exchange.host == machine &&
                                             named->exchange.has(ExchangePart::kServed));
          if (of_machine) own.push_back(item);
        }
        BOOST_TEST((read(bytes, machine) == own));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_chunk_is_the_same_whatever_numbers_its_names_had) {
  ServerNames few, many;
  few.number_of("kms01.contoso.com");
  for (const char* name : {"a", "b", "kms01.contoso.com"}) many.number_of(name);
  KmsExchange exchange = random_exchange(3);
  ChunkWriter one(&few), other(&many);
  exchange.server_name = few.number_of("kms01.contoso.com");
  one.add(exchange);
  exchange.server_name = many.number_of("kms01.contoso.com");
  other.add(exchange);
  BOOST_TEST((one.finish() == other.finish()));
}

BOOST_AUTO_TEST_CASE(the_first_and_the_last_time_are_those_of_the_items) {
  ChunkWriter writer;
  for (const std::uint64_t minute : {5u, 3u, 9u}) {
    KmsExchange exchange;
    exchange.time = time_of(static_cast<Minute>(minute));
    writer.add(exchange);
  }
  BOOST_TEST(writer.first().ticks == time_of(3).ticks);
  BOOST_TEST(writer.last().ticks == time_of(9).ticks);
  writer.finish();
  writer.add(publishing_done("contoso.com", time_of(4)));
  BOOST_TEST(writer.first().ticks == time_of(4).ticks);
  BOOST_TEST(writer.last().ticks == time_of(4).ticks);
}

// Many clients alike cost little more than who they are, and how long they had left where that
// differs. IDs that a world's machines have made are not kept.
BOOST_AUTO_TEST_CASE(what_exchanges_have_in_common_is_kept_once) {
  constexpr std::uint32_t kClients = 1000;
  constexpr std::uint64_t kSeed = 7, kUsual = 0;  // of worlds
  const struct {
    const char* what;
    bool alike;                         // in the minutes left
    std::uint32_t generation;           // of the IDs; 0: a clone's
    std::optional<std::uint64_t> seed;  // that the writer knows
    std::size_t each;                   // bytes
  } kCases[] = {
      {"minutes and IDs differ", false, 0, kSeed, 14},
      {"IDs differ", true, 0, kSeed, 10},
      {"minutes differ", false, 1, kSeed, 6},
      {"renewals", true, 1, kSeed, 2},
      {"renewals in a world with the usual seed", true, 1, kUsual, 2},
      {"after a reset", true, 2, kSeed, 2},
      {"after more resets than are looked for", true, 5, kSeed, 10},
      {"the world is not known", true, 1, std::nullopt, 10},
  };
  for (const auto& each : kCases) {
    BOOST_TEST_CONTEXT(each.what) {
      const auto written = [&](std::uint32_t clients, std::vector<KmsExchange>* out) {
        ChunkWriter writer(nullptr, each.seed);
        for (std::uint32_t i = 1; i <= clients; ++i) {
          KmsExchange exchange = random_exchange(1);
          exchange.time = kNow;
          exchange.client = i;
          exchange.minutes = each.alike ? 5 : i;
          exchange.client_id =
              each.generation == 0
                  ? 99
                  : made_client_id(combine(each.seed.value_or(kSeed), i), each.generation);
          writer.add(exchange);
          if (out != nullptr) out->push_back(exchange);
        }
        return writer.finish();
      };
      std::vector<KmsExchange> wanted;
      const std::size_t two = written(2, nullptr).size();
      const Bytes bytes = written(kClients, &wanted);
      BOOST_TEST(bytes.size() == two + (kClients - 2) * each.each + 1,
                 "their number has a byte more");
      const std::vector<Item> items = read(bytes);
      BOOST_TEST_REQUIRE(items.size() == wanted.size());
      for (std::size_t i = 0; i < wanted.size(); ++i)
        BOOST_TEST((std::get<Named>(items[i]).exchange == wanted[i]));
    }
  }
}

// A run of machines that stand near each other, as many do that renew together, takes 4 bytes and 2
// for each after the first.
BOOST_AUTO_TEST_CASE(machines_are_kept_by_their_steps_where_these_are_short) {
  using Numbers = std::vector<std::uint32_t>;
  constexpr std::uint32_t kMost = 0xFFFFFFFF;
  const struct {
    const char* what;
    Numbers machines;
    bool near;
  } kCases[] = {
      {"one", {7}, false},
      {"two", {7, 8}, true},
      {"the same twice", {7, 7}, true},
      {"the longest step", {7, 7 + 0xFFFF}, true},
      {"a longer step", {7, 7 + 0x10000}, false},
      {"descending", {8, 7}, false},
      {"not known yet", {0, 1}, false},
      {"up to the last number", {kMost - 1, kMost}, true},
      {"beyond the last number", {kMost, 0}, false},
      {"one long step among others", {1, 2, 3, 90'000, 90'001}, false},
  };
  for (const auto& each : kCases) {
    BOOST_TEST_CONTEXT(each.what) {
      ChunkWriter writer;
      std::vector<ClientPart> parts;
      for (const std::uint32_t machine : each.machines) parts.push_back({5, machine, 9});
      KmsExchange common;
      common.time = kNow;
      writer.add(common, {parts, 0});
      const Bytes bytes = writer.finish();
      Numbers found;
      for (const Item& item : read(bytes)) found.push_back(std::get<Named>(item).exchange.client);
      BOOST_TEST(found == each.machines, boost::test_tools::per_element());
      constexpr std::size_t kOthers = 40 + 7 + 44 + 4;
      const std::size_t count = each.machines.size();
      BOOST_TEST(bytes.size() == kOthers + 8 * count + (each.near ? 2 + 2 * count : 4 * count));
    }
  }
}

// Who knows which IDs the clients have made may say so; where runs of different ones meet, it is
// found out.
BOOST_AUTO_TEST_CASE(generations_that_are_told_are_those_that_are_found) {
  constexpr std::uint64_t kSeed = 7;
  const auto written = [&](std::vector<std::uint16_t> generations, bool told) {
    ChunkWriter writer(nullptr, kSeed);
    KmsExchange common;
    common.time = kNow;
    for (std::uint32_t i = 0; i < generations.size(); ++i) {
      const std::uint64_t id = made_client_id(combine(kSeed, i + 1), generations[i]);
      const ClientPart parts[] = {{id, i + 1, 9}};
      writer.add(common, {parts, told ? generations[i] : std::uint16_t{0}});
    }
    return writer.finish();
  };
  for (const std::vector<std::uint16_t>& each :
       {std::vector<std::uint16_t>{1, 1, 1}, {3, 3}, {1, 2, 1}, {2, 1}}) {
    BOOST_TEST((written(each, true) == written(each, false)));
    BOOST_TEST(read(written(each, true)).size() == each.size());
  }
}

BOOST_AUTO_TEST_CASE(any_times_are_kept) {
  const FileTime kTimes[] = {
      FileTime{},   kNow,       kNow + minutes(1), kNow, FileTime{kNow.ticks + 1},
      kMaxFileTime, FileTime{1}};
  ChunkWriter writer;
  for (const FileTime time : kTimes) {
    KmsExchange exchange;
    exchange.time = time;
    writer.add(exchange);
  }
  std::vector<FileTime> found;
  for (const Item& item : read(writer.finish()))
    found.push_back(std::get<Named>(item).exchange.time);
  BOOST_TEST((found == std::vector<FileTime>(std::begin(kTimes), std::end(kTimes))));
}

BOOST_AUTO_TEST_CASE(a_sink_stops_the_reading) {
  ChunkWriter writer;
  writer.add(random_exchange(1));
  writer.add(random_entry(2));
  writer.add(random_exchange(3));
  const Bytes bytes = writer.finish();
  const auto chunk = ChunkReader::open(bytes);
  int exchanges = 0, entries = 0;
  chunk->each([&](const KmsExchange&) { return ++exchanges < 2; },
              [&](const LogEntry&) { return ++entries < 1; });
  BOOST_TEST(exchanges == 1);
  BOOST_TEST(entries == 1);
}

// A chunk with an exchange, an entry and a server name, to be damaged.
Bytes sample() {
  static ServerNames names;
  ChunkWriter writer(&names);
  KmsExchange exchange;
  exchange.time = kNow;
  exchange.server_name = names.number_of("kms");
  writer.add(exchange);
  writer.add(publishing_done("contoso.com", kNow));
  return writer.finish();
}

BOOST_AUTO_TEST_CASE(errors_name_the_offset) {
  const Bytes good = sample();
  BOOST_TEST_REQUIRE(ChunkReader::open(good).has_value());
  struct {
    const char* why;
    std::size_t byte;
    std::uint8_t value;
    std::size_t offset;
  } const kBad[] = {
      {"no magic number", 0, 0, 0},
      {"another version", 4, 1, 4},
      {"unknown flags", 6, 1, 6},
      {"runs of more bytes than there are", 18, 0xFF, 40},
      {"a run with unknown flags", 40, 0x20 | 0x0B, 40},
      {"a run with a number without end", 47, 0x80, 40},
      {"a frame that is not there", 45, 1, 40},
      {"minutes of no exchange", 46, 0, 40},
      {"runs that do not add up", 47, 2, 40},
      {"a frame with minutes", 64, 1, 48},
      {"a status above 5", 86, 6, 48},
      {"an unknown part of an exchange", 87, 0x20, 48},
      {"an unknown flag of an exchange", 88, 0x20, 48},
      {"a name that is not there", 89, 2, 48},
      {"a name with a negative number", 91, 0x80, 48},
      {"a name that is no UTF-8", 110, 0xFF, 108},
      {"an unknown event", 117, 0, 113},
      {"a value of an unknown kind", 133, 9, 134},
      {"a text that is cut short", 134, 0xFF, 136},
  };
  for (const auto& bad : kBad) {
    Bytes bytes = good;
    bytes[bad.byte] = std::byte{bad.value};
    const auto result = ChunkReader::open(bytes);
    BOOST_TEST_CONTEXT(bad.why) {
      BOOST_TEST_REQUIRE(!result.has_value());
      BOOST_TEST(result.error().code == HResult::kErrorInvalidData);
      BOOST_TEST(result.error().at->offset == bad.offset);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_cut_or_longer_chunk_is_taken) {
  Bytes bytes = sample();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    BOOST_TEST(!ChunkReader::open(ByteSpan(bytes).first(size)).has_value(), size);
  bytes.push_back(std::byte{0});
  BOOST_TEST(!ChunkReader::open(bytes).has_value());
}

BOOST_AUTO_TEST_CASE(chunks_behind_each_other_are_read_in_turn) {
  Bytes both = sample();
  const std::size_t first = both.size();
  const Bytes second = sample();
  both.insert(both.end(), second.begin(), second.end());
  std::size_t chunks = 0, items = 0;
  const auto count = [&](const ChunkReader& chunk) {
    ++chunks;
    items += chunk.items();
    return true;
  };
  BOOST_TEST(each_chunk(both, count).has_value());
  BOOST_TEST(chunks == 2u);
  BOOST_TEST(items == 4u);
  both[first + 4] = std::byte{9};
  const auto bad = each_chunk(both, count);
  BOOST_TEST_REQUIRE(!bad.has_value());
  BOOST_TEST(bad.error().at->offset == first + 4);
}

BOOST_AUTO_TEST_CASE(a_machine_adopts_what_it_wrote) {
  const auto full_name = [](std::uint32_t machine) {
    return "KMS" + std::to_string(machine) + ".contoso.com";
  };
  ChunkWriter writer;
  KmsExchange exchange;
  exchange.time = kNow;
  writer.add(exchange);
  writer.add(publishing_done("contoso.com", kNow));
  Bytes bytes = writer.finish();
  BOOST_TEST(adopt(bytes, 7, full_name).value().machine == 7u);
  BOOST_TEST(read(bytes, 7).size() == 2u);
  BOOST_TEST(read(bytes, 0).empty());

  exchange.host = 9;
  exchange.set(ExchangePart::kServed);
  writer.add(exchange);
  bytes = writer.finish();
  BOOST_TEST(adopt(bytes, 7, full_name).value().machine == 0u, "the host's log has it too");
  BOOST_TEST(read(bytes, 9).size() == 1u);
  BOOST_TEST(adopt(bytes, 8, full_name).value().machine == 0u, "it is another machine's already");
  BOOST_TEST(read(bytes, 7).size() == 1u);
  bytes.pop_back();
  BOOST_TEST((adopt(bytes, 7, full_name).error().code == HResult::kErrorInvalidData));
}

BOOST_AUTO_TEST_CASE(a_host_that_is_called_by_its_full_name_needs_no_server_name) {
  ServerNames names;
  const auto adopted = [&](std::uint32_t host, const char* server) {
    ChunkWriter writer(&names);
    KmsExchange exchange;
    exchange.host = host;
    exchange.server_name = names.number_of(server);
    writer.add(exchange);
    Bytes bytes = writer.finish();
    BOOST_TEST_REQUIRE(
        adopt(bytes, 7, [](std::uint32_t) { return std::string("kms9.contoso.com"); }).has_value());
    return std::get<Named>(read(bytes).at(0)).server;
  };
  BOOST_TEST(adopted(9, "KMS9.contoso.com") == "");
  BOOST_TEST(adopted(9, "kms") == "kms");
  BOOST_TEST(adopted(0, "KMS9.contoso.com") == "KMS9.contoso.com", "no machine was asked");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
