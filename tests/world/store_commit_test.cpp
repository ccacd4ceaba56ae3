// What the store commits as one: several machines, events, fleet pages; and what it refuses because
// somebody else wrote in between.
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "provider/machine_state.hpp"
#include "registry/image.hpp"
#include "tests/support/temporary_folder.hpp"
#include "world/batch.hpp"
#include "world/store.hpp"

using namespace slwmi;
using namespace slwmi::world;

namespace {

using Folder = test::TemporaryFolder;

Result<reg::ImagePtr> vista(const StoredProfile&) {
  return reg::embedded_image("6.0.6001", "Enterprise");
}
std::unique_ptr<Store> in_memory() { return Store::in_memory(7, {vista}).value(); }
std::unique_ptr<Store> open(const Folder& folder) {
  return Store::open(folder.file(), Database::Mode::kOpenOrCreate, 7, {vista}).value();
}
std::vector<MachineId> add(Store& store, int count) {
  std::vector<NewMachine> out;
  for (int i = 0; i < count; ++i)
    out.push_back(
        {"PC" + std::to_string(i), "contoso.com", {"vista-sp1", "kms-client", "Enterprise"}, 0});
  return store.add_machines(out).value();
}

reg::KeyId key() { return reg::key_of("HKLM\\SOFTWARE\\Contoso"); }
reg::ChangeSet set(std::string_view name, std::uint32_t number) {
  reg::OpBuilder ops;
  ops.create_key(reg::KeyId::kLocalMachine, {"SOFTWARE", "Contoso"});
  ops.set_value(key(), reg::intern_name(name).spelling, reg::make_dword(number));
  return {ops.take(), FileTime{100}, 0};
}
reg::ChangeSet exclusive(reg::ChangeSet changes, reg::Generation base) {
  changes.base = base;
  changes.exclusive = true;
  return changes;
}
std::int64_t read(const reg::HiveView& view, std::string_view name) {
  const auto found = view.find(key(), reg::intern_name(name).id);
  const auto number = found ? reg::as_dword(*found) : std::nullopt;
  return number ? std::int64_t{*number} : -1;
}
std::int64_t read(Store& store, MachineId id, std::string_view name) {
  return read(store.view(id).value(), name);
}
std::string text(Store& store, MachineId id, std::string_view name) {
  return licensing::read_text(store.view(id).value(), licensing::paths::kServiceSl, name)
      .value_or("");
}
template <class T>
HResult code(const Result<T>& result) {
  return result ? HResult::kSOk : result.error().code;
}
Bytes bytes(std::string_view text) {
  const ByteSpan span = as_bytes(text);
  return {span.begin(), span.end()};
}

constexpr HResult kConflict = HResult::kErrorTransactionalConflict;
constexpr const char* kProduct = "cfd8ff08-c0d7-452b-9f60-ef5c70c32094";

struct Seen {
  MachineId machine;
  std::string data;
  std::int64_t first, last;
  bool operator==(const Seen&) const = default;
};
std::vector<Seen> events(Store& store, const EventQuery& query = {}) {
  std::vector<Seen> out;
  BOOST_REQUIRE(store
                    .read_events(query,
                                 [&](const EventChunk& chunk) {
                                   out.push_back({chunk.machine, std::string(as_text(chunk.data)),
                                                  static_cast<std::int64_t>(chunk.first.ticks),
                                                  static_cast<std::int64_t>(chunk.last.ticks)});
                                   return true;
                                 })
                    .has_value());
  return out;
}
EventChunk chunk(MachineId machine, std::uint64_t first, std::uint64_t last,
                 std::string_view data) {
  return {.machine = machine,
          .first = FileTime{first},
          .last = FileTime{last},
          .count = static_cast<std::uint32_t>(data.size()),
          .data = as_bytes(data)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_commit)

// --- several at once

BOOST_AUTO_TEST_CASE(several_machines_and_their_events_are_one_generation) {
  const Folder folder;
  auto store = open(folder);
  auto other = open(folder);
  const std::vector<MachineId> ids = add(*store, 3);
  BOOST_TEST(read(*other, ids[0], "a") == -1);
  MachineChanges changes[] = {{ids[0], set("a", 1)}, {ids[2], set("a", 2)}};
  changes[0].changes.events = {bytes("sent,"), bytes("answered")};
  changes[1].changes.events = {bytes("served")};
  const reg::Generation before = store->generation().value();
  BOOST_TEST(store->commit({.machines = changes}).value() == before + 1);
  for (Store* each : {store.get(), other.get()}) {
    BOOST_TEST(read(*each, ids[0], "a") == 1);
    BOOST_TEST(read(*each, ids[1], "a") == -1);
    BOOST_TEST(read(*each, ids[2], "a") == 2);
    BOOST_TEST((events(*each) == std::vector<Seen>{{ids[0], "sent,answered", 100, 100},
                                                   {ids[2], "served", 100, 100}}));
  }
  const JournalEntry entry = store->journal(before).value().at(0);
  BOOST_TEST((entry.machines == std::vector<MachineId>{ids[0], ids[2]}));
  BOOST_TEST(has(entry.kind, JournalKind::kEvents));
}

BOOST_AUTO_TEST_CASE(a_commit_of_which_one_part_fails_leaves_nothing) {
  auto store = in_memory();
  const std::vector<MachineId> ids = add(*store, 1);
  MachineChanges changes[] = {{ids[0], set("a", 1)}, {ids[0] + 5, set("a", 2)}};
  changes[0].changes.events = {bytes("x")};
  BOOST_TEST((code(store->commit({.machines = changes})) == HResult::kErrorNotFound));
  BOOST_TEST(read(*store, ids[0], "a") == -1);
  BOOST_TEST(events(*store).empty());
}

BOOST_AUTO_TEST_CASE(clock_and_blobs_go_with_a_commit) {
  const Folder folder;
  auto store = open(folder);
  auto other = open(folder);
  BOOST_REQUIRE(other->now().has_value());
  const Bytes data = bytes("zones");
  const NamedBlob blobs[] = {{"network", data, JournalKind::kNetwork}};
  BOOST_REQUIRE(store->commit({.blobs = blobs, .clock = FileTime{777}}).has_value());
  BOOST_TEST(other->now().value().ticks == 777u);
  BOOST_TEST((*other->blob("network").value() == data));
}

// --- conflicts

BOOST_AUTO_TEST_CASE(an_exclusive_commit_is_refused_when_the_machine_was_written_meanwhile) {
  struct {
    const char* why;
    void (*meanwhile)(Store&, const std::vector<MachineId>&);
    bool refused;
  } const kRows[] = {
      {"nothing happened", [](Store&, const std::vector<MachineId>&) {}, false},
      {"another machine was written",
       [](Store& s, const std::vector<MachineId>& ids) { s.commit(ids[1], set("b", 2)).value(); },
       false},
      {"the clock moved",
       [](Store& s, const std::vector<MachineId>&) {
         BOOST_REQUIRE(s.set_now(FileTime{5}).has_value());
       },
       false},
      {"a policy came",
       [](Store& s, const std::vector<MachineId>& ids) {
         StoredPolicy policy;
         policy.name = "p";
         policy.layer = std::make_shared<const reg::Layer>(set("a", 9).ops);
         policy.hash = hash128(reg::encode_ops(policy.layer->ops()));
         s.change_policies(ids, [&](const auto&, auto) {
            return Store::NewList{{policy}};
          }).value();
       },
       false},
      {"the machine was written",
       [](Store& s, const std::vector<MachineId>& ids) { s.commit(ids[0], set("b", 2)).value(); },
       true},
      {"all machines were written",
       [](Store& s, const std::vector<MachineId>& ids) { s.commit_each(ids, set("b", 2)).value(); },
       true},
      {"it was among a few",
       [](Store& s, const std::vector<MachineId>& ids) {
         const MachineChanges changes[] = {{ids[0], set("b", 2)}, {ids[1], set("b", 2)}};
         s.commit({.machines = changes}).value();
       },
       true},
  };
  for (const auto& row : kRows) {
    for (const bool elsewhere : {false, true}) {
      BOOST_TEST_CONTEXT(row.why << (elsewhere ? ", by another process" : "")) {
        const Folder folder;
        auto store = open(folder);
        auto other = open(folder);
        const std::vector<MachineId> ids = add(*store, 2);
        const reg::Generation base = store->view(ids[0]).value().generation();
        row.meanwhile(elsewhere ? *other : *store, ids);
        const auto done = store->commit(ids[0], exclusive(set("a", 1), base));
        BOOST_TEST((code(done) == (row.refused ? kConflict : HResult::kSOk)));
        BOOST_TEST((read(*store, ids[0], "a") == 1) == !row.refused);
        const reg::Generation now = store->view(ids[0]).value().generation();
        BOOST_TEST(store->commit(ids[0], exclusive(set("a", 1), now)).has_value());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(plain_writes_are_never_refused) {
  auto store = in_memory();
  const std::vector<MachineId> ids = add(*store, 1);
  const reg::Generation base = store->view(ids[0]).value().generation();
  BOOST_REQUIRE(store->commit(ids[0], set("a", 1)).has_value());
  reg::ChangeSet late = set("a", 2);
  late.base = base;
  BOOST_TEST(store->commit(ids[0], late).has_value());
  BOOST_TEST(read(*store, ids[0], "a") == 2);
}

BOOST_AUTO_TEST_CASE(what_was_refused_is_run_again_in_a_turn_of_its_own) {
  const Folder folder;
  auto store = open(folder);
  auto other = open(folder);
  const MachineId id = add(*store, 1)[0];
  int attempts = 0;
  const auto done = without_conflict(*store, [&]() -> Result<reg::Generation> {
    const reg::HiveView view = store->view(id).value();
    const std::int64_t before = std::max<std::int64_t>(read(view, "a"), 0);
    if (++attempts == 1) other->commit(id, set("a", 40)).value();
    return store->commit(
        id, exclusive(set("a", static_cast<std::uint32_t>(before) + 2), view.generation()));
  });
  BOOST_TEST(done.has_value());
  BOOST_TEST(attempts == 2);
  BOOST_TEST(read(*store, id, "a") == 42);
}

BOOST_AUTO_TEST_CASE(a_blob_that_changed_meanwhile_is_not_replaced) {
  auto store = in_memory();
  const Bytes one = bytes("one");
  const Bytes two = bytes("two");
  const NamedBlob first[] = {{"b", one, JournalKind::kLedger, ByteSpan()}};
  const NamedBlob next[] = {{"b", two, JournalKind::kLedger, ByteSpan(one)}};
  BOOST_TEST(store->commit({.blobs = first}).has_value());
  BOOST_TEST((code(store->commit({.blobs = first})) == kConflict));
  BOOST_TEST(store->commit({.blobs = next}).has_value());
  BOOST_TEST((*store->blob("b").value() == two));
}

// --- the journal

BOOST_AUTO_TEST_CASE(a_reader_that_lags_behind_the_kept_journal_reads_anew) {
  const Folder folder;
  auto store = open(folder);
  auto other = open(folder);
  const std::vector<MachineId> ids = add(*store, 2);
  store->commit(ids[0], set("a", 1)).value();
  const reg::HiveView old = other->view(ids[0]).value();
  BOOST_TEST(read(old, "a") == 1);
  store->commit(ids[0], set("a", 2)).value();
  const reg::Generation written = store->generation().value();
  std::uint64_t time = 1000;
  while (store->journal(0, 1).value().front().generation <= written)
    BOOST_REQUIRE(store->set_now(FileTime{++time}).has_value());
  const reg::Generation now = store->generation().value();
  BOOST_TEST(now < written + 6000);
  BOOST_TEST(store->journal(now - 4000, 5000).value().size() == 4000u);
  BOOST_TEST((code(other->commit(ids[0], exclusive(set("a", 3), old.generation()))) == kConflict));
  BOOST_TEST(read(*other, ids[0], "a") == 2);
  BOOST_TEST(other->now().value().ticks == time);
  BOOST_TEST(other->commit(ids[1], set("a", 4)).value() == now + 1);
  BOOST_TEST((store->digest().value() == other->digest().value()));
}

// --- the time of a key

BOOST_AUTO_TEST_CASE(the_last_write_of_a_key_is_known_to_the_next_process) {
  struct {
    const char* why;
    std::vector<reg::Op> (*ops)(reg::KeyId);
  } const kRows[] = {
      {"a value is set",
       [](reg::KeyId at) -> std::vector<reg::Op> {
         return {{.kind = reg::OpKind::kSetValue,
                  .key = at,
                  .spelling = reg::intern_name("a").spelling,
                  .value = reg::make_dword(9)}};
       }},
      {"a value is deleted",
       [](reg::KeyId at) -> std::vector<reg::Op> {
         return {{.kind = reg::OpKind::kDeleteValue,
                  .key = at,
                  .spelling = reg::intern_name("b").spelling}};
       }},
      {"one is set, another deleted",
       [](reg::KeyId at) -> std::vector<reg::Op> {
         return {{.kind = reg::OpKind::kSetValue,
                  .key = at,
                  .spelling = reg::intern_name("c").spelling,
                  .value = reg::make_dword(9)},
                 {.kind = reg::OpKind::kDeleteValue,
                  .key = at,
                  .spelling = reg::intern_name("a").spelling}};
       }},
      {"a subkey is made",
       [](reg::KeyId at) -> std::vector<reg::Op> {
         const reg::Name name = reg::intern_name("Below");
         return {{.kind = reg::OpKind::kCreateKey,
                  .key = reg::intern_key(at, name.id),
                  .spelling = name.spelling}};
       }},
  };
  const reg::KeyId image_key = reg::key_of(licensing::paths::kSl);
  for (const auto& row : kRows) {
    for (const reg::KeyId at : {key(), image_key}) {
      BOOST_TEST_CONTEXT(row.why << (at == image_key ? ", key of the image" : ", own key")) {
        const Folder folder;
        MachineId id = 0;
        {
          auto store = open(folder);
          id = add(*store, 1)[0];
          std::vector<reg::Op> first;
          if (at != image_key) first = set("a", 1).ops;
          for (const char* name : {"a", "b"})
            first.push_back({.kind = reg::OpKind::kSetValue,
                             .key = at,
                             .spelling = reg::intern_name(name).spelling,
                             .value = reg::make_dword(1)});
          store->commit(id, {first, FileTime{1000}, 0}).value();
          store->commit(id, {row.ops(at), FileTime{700}, 0}).value();  // the clock was set back
          reg::OwnKey found;
          BOOST_REQUIRE(store->view(id).value().own().find(at, found));
          BOOST_TEST(found.written.ticks == 700u);
        }
        auto store = open(folder);
        reg::OwnKey found;
        BOOST_REQUIRE(store->view(id).value().own().find(at, found));
        BOOST_TEST(found.written.ticks == 700u);
      }
    }
  }
}

// --- batches

BOOST_AUTO_TEST_CASE(a_batch_shows_its_changes_and_commits_them_as_one) {
  auto store = in_memory();
  const std::vector<MachineId> ids = add(*store, 2);
  const reg::Generation before = store->generation().value();
  Batch batch(*store);
  const auto client = batch.machine(ids[0]);
  const auto host = batch.machine(ids[1]);
  BOOST_REQUIRE(host->commit(set("served", 1)).has_value());
  BOOST_REQUIRE(client->commit(set("asked", 1)).has_value());
  BOOST_REQUIRE(client->commit(set("answered", 1)).has_value());
  BOOST_REQUIRE(batch
                    .update_blob("ledger", JournalKind::kLedger,
                                 [](ByteSpan) -> Result<Bytes> { return bytes("1"); })
                    .has_value());
  BOOST_TEST(read(client->view().value(), "asked") == 1);
  BOOST_TEST(as_text(batch.blob("ledger").value()) == "1");
  BOOST_TEST(store->generation().value() == before);
  BOOST_TEST(read(*store, ids[0], "asked") == -1);
  BOOST_TEST(batch.commit().value() == before + 1);
  for (const char* name : {"asked", "answered"}) BOOST_TEST(read(*store, ids[0], name) == 1);
  BOOST_TEST(read(*store, ids[1], "served") == 1);
  BOOST_TEST(batch.empty());
  BOOST_TEST(batch.commit().value() == before + 1);  // nothing more
}

BOOST_AUTO_TEST_CASE(a_batch_is_refused_as_a_whole) {
  auto store = in_memory();
  const std::vector<MachineId> ids = add(*store, 2);
  Batch batch(*store);
  const auto client = batch.machine(ids[0]);
  const reg::Generation base = client->view().value().generation();
  BOOST_REQUIRE(batch.machine(ids[1])->commit(set("served", 1)).has_value());
  store->commit(ids[0], set("a", 5)).value();
  BOOST_REQUIRE(client->commit(exclusive(set("a", 1), base)).has_value());
  BOOST_TEST((code(batch.commit()) == kConflict));
  BOOST_TEST(batch.empty());
  BOOST_TEST(read(*store, ids[1], "served") == -1);
  BOOST_TEST(read(*store, ids[0], "a") == 5);
}

BOOST_AUTO_TEST_CASE(what_the_batch_changed_after_a_reading_refuses_what_was_decided_on_it) {
  auto store = in_memory();
  const MachineId id = add(*store, 1)[0];
  Batch batch(*store);
  const auto machine = batch.machine(id);
  const reg::Generation base = machine->view().value().generation();
  BOOST_REQUIRE(machine->commit(set("a", 1)).has_value());
  BOOST_TEST((code(machine->commit(exclusive(set("a", 2), base))) == kConflict));
  const reg::Generation now = machine->view().value().generation();
  BOOST_TEST(machine->commit(exclusive(set("a", 3), now)).has_value());
  BOOST_TEST(batch.commit().has_value());
  BOOST_TEST(read(*store, id, "a") == 3);
}

// --- events

BOOST_AUTO_TEST_CASE(events_are_read_by_machine_and_time_in_the_order_of_appending) {
  auto store = in_memory();
  const std::vector<MachineId> ids = add(*store, 2);
  const EventChunk first[] = {chunk(ids[1], 10, 20, "b1"), chunk(0, 5, 25, "m1"),
                              chunk(ids[0], 30, 40, "a1")};
  const EventChunk second[] = {chunk(ids[1], 50, 60, "b2")};
  BOOST_REQUIRE(store->commit({.events = first}).has_value());
  BOOST_REQUIRE(store->commit({.events = second}).has_value());
  const auto data = [&](const EventQuery& query) {
    std::string out;
    for (const Seen& seen : events(*store, query)) out += seen.data + " ";
    return out;
  };
  BOOST_TEST(data({}) == "b1 m1 a1 b2 ");
  BOOST_TEST(data({.machine = ids[0]}) == "m1 a1 ");
  BOOST_TEST(data({.machine = ids[1]}) == "b1 m1 b2 ");
  BOOST_TEST(data({.from = FileTime{22}, .to = FileTime{35}}) == "m1 a1 ");
  BOOST_TEST(data({.from = FileTime{61}}) == "");
  const EventTotals all = store->event_totals({}).value();
  BOOST_TEST(all.chunks == 4u);
  BOOST_TEST(all.entries == 8u);
  BOOST_TEST(all.bytes == 8u);
  BOOST_TEST(store->event_totals({.machine = ids[0]}).value().chunks == 2u);
  BOOST_REQUIRE(store->erase_events({.machine = ids[1], .to = FileTime{45}}).has_value());
  BOOST_TEST(data({}) == "m1 a1 b2 ");
  BOOST_REQUIRE(store->erase_events({.to = FileTime{45}}).has_value());
  BOOST_TEST(data({}) == "b2 ");
}

BOOST_AUTO_TEST_CASE(the_digest_of_a_world_does_not_depend_on_how_its_events_are_cut) {
  StoreHooks hooks{vista};
  hooks.events = [](const EventChunk& chunk) -> Result<std::uint64_t> {
    std::uint64_t sum = 0;
    for (const std::byte entry : chunk.data) sum += mix64(static_cast<std::uint64_t>(entry));
    return sum;
  };
  const auto digest_of = [&](std::initializer_list<const char*> pieces) {
    auto store = Store::in_memory(7, hooks).value();
    for (const char* piece : pieces) {
      const EventChunk chunks[] = {chunk(0, 1, 2, piece)};
      BOOST_REQUIRE(store->commit({.events = chunks}).has_value());
    }
    return store->digest().value();
  };
  BOOST_TEST((digest_of({"abc"}) == digest_of({"a", "bc"})));
  BOOST_TEST((digest_of({"abc"}) != digest_of({"abd"})));
  BOOST_TEST((digest_of({"abc"}) != digest_of({"abcc"})));
}

BOOST_AUTO_TEST_CASE(attached_events_become_the_machines_own) {
  StoreHooks hooks{vista};
  hooks.adopt = [](std::span<std::byte> data, EventChunk& chunk) -> Result<> {
    for (std::byte& each : data)
      if (each == std::byte{'?'}) each = static_cast<std::byte>('0' + chunk.machine);
    chunk.count = 5;
    return {};
  };
  auto store = Store::in_memory(7, hooks).value();
  const MachineId id = add(*store, 1)[0];
  reg::ChangeSet changes{.now = FileTime{4}};
  changes.events = {bytes("from ?")};
  BOOST_REQUIRE(store->commit(id, changes).has_value());
  BOOST_TEST((events(*store) == std::vector<Seen>{{id, "from " + std::to_string(id), 4, 4}}));
  BOOST_TEST(store->event_totals({}).value().entries == 5u);
}

// --- fleets

namespace {

FleetPage page_with(Store& store, MachineId id, licensing::Minute activated, bool traces) {
  const std::string texts[] = {kProduct, "kms1.contoso.com", "55041-00168"};
  const auto numbers = store.text_numbers(texts).value();
  FleetPage page{id / kFleetPageRows, std::vector<FleetRow>(kFleetPageRows)};
  FleetRow& row = page.rows[id % kFleetPageRows];
  row.product = numbers[0];
  row.license.activated_at = activated;
  row.license.set(licensing::LicenseFlag::kHasKey);
  if (traces) {
    row.host = numbers[1];
    row.port = 1689;
    row.pid = numbers[2];
  }
  return page;
}
Result<reg::Generation> put(Store& store, const FleetPage& page) {
  const FleetPage pages[] = {page};
  return store.commit({.fleet = pages, .fleet_base = store.generation().value()});
}
std::int64_t activated(Store& store, MachineId id) {
  const auto found = store.view(id).value().find(reg::key_of(licensing::paths::kStore),
                                                 reg::intern_name(kProduct).id);
  if (!found) return -1;
  const auto license = licensing::decode(found->data, parse_guid(kProduct).value());
  return license ? std::int64_t{license->activated_at} : -2;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_fleet_row_is_the_registry_values_that_it_stands_for) {
  const Folder folder;
  MachineId id = 0;
  {
    auto store = open(folder);
    auto other = open(folder);
    id = add(*store, 2)[1];
    BOOST_TEST(activated(*other, id) == -1);
    BOOST_REQUIRE(put(*store, page_with(*store, id, 1234, true)).has_value());
    for (Store* each : {store.get(), other.get()}) {
      BOOST_TEST(activated(*each, id) == 1234);
      BOOST_TEST(text(*each, id, "DiscoveredKeyManagementServiceName") == "kms1.contoso.com");
      BOOST_TEST(text(*each, id, "DiscoveredKeyManagementServicePort") == "1689");
      BOOST_TEST(text(*each, id, "CustomerPID") == "55041-00168");
      BOOST_TEST(activated(*each, id - 1) == -1);
    }
    BOOST_REQUIRE(put(*store, page_with(*store, id, 1300, false)).has_value());
    BOOST_TEST(activated(*other, id) == 1300);
    BOOST_TEST(text(*other, id, "CustomerPID") == "");
  }
  BOOST_TEST(activated(*open(folder), id) == 1300);
}

BOOST_AUTO_TEST_CASE(rows_and_the_same_values_written_one_by_one_have_one_digest) {
  auto packed = in_memory();
  auto plain = in_memory();
  const MachineId id = add(*packed, 1)[0];
  add(*plain, 1);
  const FleetPage page = page_with(*packed, id, 99, true);
  BOOST_REQUIRE(put(*packed, page).has_value());
  const auto ops =
      expand(page.rows[id % kFleetPageRows], {kProduct, "kms1.contoso.com", "55041-00168"}).value();
  BOOST_TEST((packed->digest().value() != plain->digest().value()));
  BOOST_REQUIRE(plain->commit(id, {ops, FileTime{100}, 0}).has_value());
  BOOST_TEST((packed->digest().value() == plain->digest().value()));
}

BOOST_AUTO_TEST_CASE(an_own_write_thaws_a_row_and_a_later_page_brings_it_back) {
  const Folder folder;
  MachineId id = 0;
  {
    auto store = open(folder);
    id = add(*store, 2)[0];
    const FleetPage page = page_with(*store, id, 50, true);
    BOOST_REQUIRE(put(*store, page).has_value());
    reg::ChangeSet forget{.now = FileTime{9}};
    forget.ops.push_back({.kind = reg::OpKind::kDeleteValue,
                          .key = reg::key_of(licensing::paths::kServiceSl),
                          .spelling = reg::intern_name("CustomerPID").spelling});
    BOOST_REQUIRE(store->commit(id, forget).has_value());
    BOOST_TEST(text(*store, id, "CustomerPID") == "");
  }
  {
    auto store = open(folder);  // from the file
    BOOST_TEST(text(*store, id, "CustomerPID") == "");
    BOOST_TEST(text(*store, id, "DiscoveredKeyManagementServicePort") == "1689");
    BOOST_TEST(activated(*store, id) == 50);
    const Store::Fleet fleet = store->fleet().value();
    BOOST_TEST((fleet.written == std::vector<MachineId>{id}));
    BOOST_REQUIRE(put(*store, page_with(*store, id, 60, false)).has_value());
    BOOST_TEST(activated(*store, id) == 60);
    BOOST_TEST(text(*store, id, "DiscoveredKeyManagementServicePort") == "");
    BOOST_TEST(store->fleet().value().written.empty());
  }
  auto store = open(folder);
  BOOST_TEST(activated(*store, id) == 60);
  BOOST_TEST(text(*store, id, "DiscoveredKeyManagementServicePort") == "");
}

BOOST_AUTO_TEST_CASE(a_page_keeps_the_rows_that_a_later_one_leaves_out) {
  auto store = in_memory();
  const std::vector<MachineId> ids = add(*store, 2);
  BOOST_REQUIRE(put(*store, page_with(*store, ids[0], 50, true)).has_value());
  BOOST_REQUIRE(put(*store, page_with(*store, ids[1], 70, true)).has_value());
  BOOST_TEST(activated(*store, ids[0]) == 50);
  BOOST_TEST(activated(*store, ids[1]) == 70);
}

BOOST_AUTO_TEST_CASE(pages_that_follow_from_an_older_state_are_refused) {
  struct {
    const char* why;
    void (*meanwhile)(Store&, MachineId row, MachineId other);
    bool refused;
  } const kRows[] = {
      {"nothing happened", [](Store&, MachineId, MachineId) {}, false},
      {"a machine without row was written",
       [](Store& s, MachineId, MachineId other) { s.commit(other, set("a", 1)).value(); }, false},
      {"a machine with a row was written",
       [](Store& s, MachineId row, MachineId) { s.commit(row, set("a", 1)).value(); }, true},
      {"another checkpoint came",
       [](Store& s, MachineId row, MachineId) { put(s, page_with(s, row, 5, false)).value(); },
       true},
      {"the clock moved",
       [](Store& s, MachineId, MachineId) { BOOST_REQUIRE(s.set_now(FileTime{5}).has_value()); },
       false},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.why) {
      const Folder folder;
      auto store = open(folder);
      auto other = open(folder);
      const std::vector<MachineId> ids = add(*store, 2);
      const FleetPage pages[] = {page_with(*store, ids[0], 50, true)};
      const reg::Generation base = store->generation().value();
      row.meanwhile(*other, ids[0], ids[1]);
      const auto done = store->commit({.fleet = pages, .fleet_base = base});
      BOOST_TEST((code(done) == (row.refused ? kConflict : HResult::kSOk)));
      BOOST_TEST((activated(*store, ids[0]) == 50) == !row.refused);
    }
  }
}

// --- machines

BOOST_AUTO_TEST_CASE(old_names_are_known_by_time) {
  auto store = in_memory();
  const MachineId id = add(*store, 1)[0];
  const auto rename = [&](std::uint64_t at, const char* name, const char* domain) {
    BOOST_REQUIRE(store->set_now(FileTime{at}).has_value());
    MachineInfo row = store->info(id).value();
    row.name = name;
    row.domain = domain;
    BOOST_REQUIRE(store->set_row(id, row).has_value());
  };
  const auto name = [&](std::uint64_t at) {
    const MachineName found = store->name_at(id, FileTime{at}).value();
    return found.name + "." + found.domain;
  };
  rename(100, "KMS1", "contoso.com");
  rename(200, "KMS1", "fabrikam.com");
  BOOST_TEST(name(99) == "PC0.contoso.com");
  BOOST_TEST(name(100) == "KMS1.contoso.com");
  BOOST_TEST(name(199) == "KMS1.contoso.com");
  BOOST_TEST(name(200) == "KMS1.fabrikam.com");
  BOOST_REQUIRE(store->set_now(FileTime{300}).has_value());
  BOOST_REQUIRE(store->remove_machine(id).has_value());
  BOOST_TEST(name(99) == "PC0.contoso.com");
  BOOST_TEST(name(500) == "KMS1.fabrikam.com");
  BOOST_TEST((code(store->name_at(id + 1, FileTime{1})) == HResult::kErrorNotFound));
}

BOOST_AUTO_TEST_CASE(all_machines_are_read_as_columns_that_follow_changes) {
  const Folder folder;
  auto store = open(folder);
  auto other = open(folder);
  const NewMachine machines[] = {
      {"PC1", "contoso.com", {"vista-sp1", "kms-client", "Enterprise"}, kVirtualMachine, "Ulm"},
      {"KMS1", "", {"2008", "kms-host", ""}, 0},
  };
  const std::vector<MachineId> ids = store->add_machines(machines).value();
  const auto columns = other->all_machines().value();
  BOOST_REQUIRE(columns->size() == 2u);
  BOOST_TEST(columns->name(0) == "PC1");
  BOOST_TEST(columns->name(1) == "KMS1");
  BOOST_TEST(columns->texts[columns->site[0]] == "Ulm");
  BOOST_TEST(columns->texts[columns->domain[1]] == "");
  BOOST_TEST(columns->profiles[columns->profile[1]]->role == "kms-host");
  BOOST_TEST(columns->flags[0] == kVirtualMachine);
  BOOST_TEST(other->all_machines().value() == columns);  // kept
  MachineInfo row = store->info(ids[1]).value();
  row.site = "Berlin";
  BOOST_REQUIRE(store->set_row(ids[1], row).has_value());
  const auto later = other->all_machines().value();
  BOOST_TEST(later->texts[later->site[1]] == "Berlin");
  BOOST_TEST(columns->texts[columns->site[1]] == "");  // of its own moment
}

BOOST_AUTO_TEST_CASE(a_snapshot_keeps_events_and_fleet) {
  auto store = in_memory();
  const MachineId id = add(*store, 1)[0];
  BOOST_REQUIRE(put(*store, page_with(*store, id, 50, true)).has_value());
  const EventChunk chunks[] = {chunk(id, 1, 2, "kept")};
  BOOST_REQUIRE(store->commit({.events = chunks}).has_value());
  const Hash128 before = store->digest().value();
  BOOST_REQUIRE(store->snapshot("s").has_value());
  BOOST_REQUIRE(store->commit(id, set("a", 1)).has_value());
  BOOST_REQUIRE(store->erase_events({}).has_value());
  BOOST_TEST((store->digest().value() != before));
  BOOST_REQUIRE(store->restore("s").has_value());
  BOOST_TEST((store->digest().value() == before));
  BOOST_TEST(activated(*store, id) == 50);
  BOOST_TEST(events(*store).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
