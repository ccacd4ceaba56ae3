// What lasts of a world: machines, their own registry writes, policy layers, the clock and users'
// classes in one file (docs/formats.md, "world files"), and the in-memory picture of it, which is
// filled machine by machine on first use and follows the journal when any process commits. The
// rowid of a journal entry is the world's generation. Any thread may call anything here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/database.hpp"
#include "base/function_ref.hpp"
#include "base/text.hpp"
#include "registry/hive_view.hpp"
#include "world/store_types.hpp"

namespace slwmi::world {

class Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::string& path, Database::Mode mode,
                                             std::uint64_t seed, StoreHooks hooks);
  static Result<std::unique_ptr<Store>> in_memory(std::uint64_t seed, StoreHooks hooks);
  ~Store();

  std::uint64_t seed() const { return seed_; }
  bool created() const { return db_->created(); }
  // Whether nothing was committed since `word` was read; about a nanosecond.
  std::uint64_t change_word() const { return db_->change_word(); }

  Result<reg::Generation> generation();
  Result<FileTime> now();
  Result<> set_now(FileTime time);
  // The entries after a generation. Only the last few thousand are kept: when the first that comes
  // is not the next one, what was between is not known any more.
  Result<std::vector<JournalEntry>> journal(reg::Generation after, std::size_t limit = 1000);

  // --- machines ---
  Result<std::vector<MachineId>> add_machines(
      std::span<const NewMachine> machines);  // ERROR_ALREADY_EXISTS
  Result<> remove_machine(MachineId id);
  Result<std::optional<MachineId>> find_machine(std::string_view name);
  // As many, in the same order; ERROR_NOT_FOUND names the first that is missing.
  Result<std::vector<MachineId>> find_machines(std::span<const std::string> names);
  Result<MachineInfo> info(MachineId id);
  Result<> set_started(MachineId id, FileTime time);
  Result<> count_hardware_change(MachineId id);
  // Name, domain, site, profile, flags, hardware. The old name stays known (name_at).
  Result<> set_row(MachineId id, const MachineInfo& row);
  // A new operating system on the machine: it was installed and started now, its own writes are
  // gone, its files are whole. Its policies are applied as before.
  Result<> reinstall(MachineId id);
  // What the machine was called at that time, also when it is gone by now. At the very time of a
  // renaming it is the new name. ERROR_NOT_FOUND when there never was such a machine.
  Result<MachineName> name_at(MachineId id, FileTime time);
  // Every name that a machine had before, by machine and in order of time. A machine that is gone
  // has its last name here.
  Result<std::vector<OldName>> old_names();
  Result<std::vector<std::string>> names();           // by upcased name
  Result<std::vector<MachineId>> ids();               // in that order
  Result<std::optional<MachineId>> oldest_machine();  // by when it was added
  // Kept until a machine is made, removed or changed.
  Result<std::shared_ptr<const MachineColumns>> all_machines();
  // Machines of a domain that were installed in a role, by id.
  Result<std::vector<MachineId>> in_role(std::string_view domain, std::string_view role);
  Result<std::size_t> machine_count();

  // --- registry ---
  // The machine's registry now, other processes' commits included.
  Result<reg::HiveView> view(MachineId id);
  Result<reg::Generation> commit(MachineId id, const reg::ChangeSet& changes);
  // The same changes on each machine, in one transaction.
  Result<reg::Generation> commit_each(std::span<const MachineId> machines,
                                      const reg::ChangeSet& changes);
  // All of it in one transaction, or nothing.
  Result<reg::Generation> commit(const Commit& what);
  // Runs `work`, whose commits are nobody's to come between: other processes and threads wait with
  // their writes until it returns.
  Result<> in_turn(FunctionRef<Result<>()> work);
  // Runs `work`, whose commits are seen here one by one and last together once it returns, or not
  // at all when it fails; nests.
  Result<> as_one(FunctionRef<Result<>()> work);

  // --- events ---
  // In the order of appending, at one state. The sink returns false to stop, and must not call the
  // store.
  Result<> read_events(const EventQuery& query, FunctionRef<bool(const EventChunk&)> sink);
  Result<EventTotals> event_totals(const EventQuery& query);
  // Removes the chunks that lie between the two times as a whole: those of the machine, or of 0
  // all.
  Result<> erase_events(const EventQuery& query);
  // Changes when chunks may be gone that were there: when they were erased or a snapshot restored.
  std::uint64_t event_epoch();

  // --- fleets ---
  // The numbers of texts that fleet rows name; made when they are new. Never 0.
  Result<std::vector<std::uint32_t>> text_numbers(std::span<const std::string> texts);
  // What the numbers stand for.
  Result<std::vector<std::string>> texts(std::span<const std::uint32_t> numbers);
  // All pages with the rows that still count. `written`: the machines without a row that have
  // written to their registry, so that view() is to be asked; all others are as their images and
  // policies have them.
  struct Fleet {
    reg::Generation generation = 0;  // of this state
    std::vector<FleetPage> pages;
    std::vector<MachineId> written;
  };
  Result<Fleet> fleet();

  // Who wants to know each state that this process ends, so that nothing between two looks is lost.
  class Witness {
   public:
    Witness() = default;
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    virtual ~Witness() = default;
    // The machine's registry was `view` until `at`, when a change comes that is about to be
    // committed; the world's clock shows `clock`, which may be earlier. Called with the store
    // locked: calls nothing of it.
    virtual void state_ends(const reg::HiveView& view, FileTime at, FileTime clock) = 0;
  };
  void add_witness(MachineId id, Witness& witness);
  void remove_witness(Witness& witness);  // when this returns it is called no more

  // --- policies ---
  struct PolicyTable {
    std::string name;
    std::size_t machines = 0;
    std::size_t settings = 0;
    reg::Generation generation = 0;
  };
  Result<std::vector<StoredPolicy>> policies(MachineId id);  // first to last applied
  // What a change makes of a list of policies.
  struct NewList {
    std::vector<StoredPolicy> policies;
    std::optional<reg::Generation> stamp = {};  // none: the generation of the change
    bool ask = false;                           // only the machines that Choose names get it
  };
  using NextList =
      std::function<NewList(const std::vector<StoredPolicy>& before, reg::Generation stamp)>;
  // A machine as plans look at it.
  struct MachineView {
    MachineId id = 0;
    std::string name;
    const StoredProfile* profile = nullptr;  // lives as long as the store
    reg::HiveView view;
    std::shared_ptr<const std::vector<StoredPolicy>> policies;  // first to last applied
  };
  using Choose = std::function<Result<std::vector<MachineId>>(std::span<const MachineView>)>;
  // Gives each machine the list that `next` makes of its present one; one transaction. Where
  // nothing becomes different nothing is written. Returns the world's generation then.
  Result<reg::Generation> change_policies(std::span<const MachineId> machines, const NextList& next,
                                          const Choose& choose = {});
  // All of them at one moment.
  Result<std::vector<MachineView>> views(std::span<const MachineId> machines);
  Result<std::vector<PolicyTable>> policy_table();
  // The policy of that name (in any case), from the newest list of a machine that has it.
  Result<std::optional<StoredPolicy>> find_policy(std::string_view name);

  // --- blobs: the compiled classes of users, and what else has a name ---
  Result<std::optional<Bytes>> blob(std::string_view name);
  Result<> set_blob(std::string_view name, ByteSpan data, JournalKind kind);
  // Replaces a blob by what `change` makes of it (empty when there is none), in one transaction.
  Result<> update_blob(std::string_view name, JournalKind kind,
                       const std::function<Result<Bytes>(ByteSpan)>& change);
  // Changes when the users' classes may have changed.
  std::uint64_t schema_epoch();
  // Changes when the network's model, or the name, domain or site of any machine may have changed.
  std::uint64_t network_epoch();

  // --- the whole ---
  Result<> snapshot(std::string_view name, bool replace = false);
  Result<> restore(std::string_view name);
  Result<std::vector<std::string>> snapshot_names();
  Result<Hash128> digest();

 private:
  struct Machine;
  struct List;
  struct Sql;
  struct Names;
  struct StoredFleetPage;
  class Table;
  class Writing;

  Store();
  Result<> prepare(std::uint64_t seed);
  // All below with mutex_ held.
  // Runs `load` on one state of the file, with the picture brought up to it. When nothing was
  // committed since and `ready` says that `load` needs nothing from the file, there is no read.
  template <class F>
  auto at_one_state(bool ready, F load) -> decltype(load());
  bool row_ready(MachineId id) const;
  bool view_ready(MachineId id) const;
  Result<> catch_up();
  Result<> follow_journal();  // reads the entries after generation_
  Result<> join_journal();    // for the first time: only where it ends
  Result<> read_journal();
  void follow(const JournalEntry& entry);
  void changed(JournalKind kind);  // what everybody keeps of it is stale
  static Result<JournalEntry> journal_entry(const Statement& row);
  static std::uint64_t journal_digest(const JournalEntry& entry);
  Result<std::uint64_t> meta(std::string_view name);
  Result<> set_meta(std::string_view name, std::uint64_t value);
  void forget_all();
  Result<reg::Generation> record(JournalKind kind, MachineId machine,
                                 std::span<const MachineId> machines = {});
  Result<Machine*> load(MachineId id);
  Result<> load_own(MachineId id, Machine& machine, reg::OwnDelta* from_fleet = nullptr);
  // Puts what the machine's fleet row stands for over its rows, and tells what that changed.
  Result<> add_fleet_row(MachineId id, Machine& machine, reg::OwnDelta* delta);
  Result<reg::ImagePtr> image(std::uint32_t profile);
  Result<std::uint32_t> key_number(reg::KeyId key);
  Result<reg::KeyId> key_of_number(std::uint32_t number);
  Result<std::uint32_t> next_number(const char* last);
  Result<std::uint32_t> text_number(std::string_view text);
  Result<std::uint32_t> spelling_number(reg::SpellingId spelling);
  Result<std::string> text_of_number(std::uint32_t number);
  Result<List*> list(std::uint32_t id);
  Result<std::vector<StoredPolicy>> policies_of_list(std::uint32_t id);
  Result<std::vector<PolicyTable>> count_policies();
  Result<std::optional<StoredPolicy>> newest_policy(std::string_view name);
  Result<std::vector<MachineView>> views_of(std::span<const MachineId> machines);
  Result<> move_machines(std::uint32_t from, std::uint32_t to, std::span<const MachineId> ids);
  Result<reg::LayerPtr> layer(std::uint32_t id, StoredPolicy* out);
  Result<reg::HiveView> make_view(MachineId id, Machine& machine);
  // What a commit of that generation and time changed of the machine's rows.
  Result<> write_delta(MachineId id, const reg::Overlay& before, const reg::OwnDelta& delta,
                       reg::Generation generation, FileTime at);
  struct StoredKey {
    reg::OwnKey key;
    reg::Generation touched = 0;  // of `written`
  };
  Result<std::vector<StoredKey>> own_keys(MachineId id);
  // Own writes of the machine, or what may be some, after `base`.
  bool written_after(const Machine& machine, reg::Generation base) const;
  Result<reg::Overlay> write_own(MachineId id, Machine& machine, const reg::ChangeSet& changes);
  Result<> put_events(std::span<const EventChunk> chunks, reg::Generation generation);
  Result<> put_blob(std::string_view name, ByteSpan data);
  // For blob(), until the blob changes.
  void keep_blob(std::string_view name, const std::optional<Bytes>& data);
  Result<Hash128> fold_all();
  Result<> fold_events(Hash128& hash);
  // The page as the file has it, with the rows that were thawed taken out; null: there is none.
  Result<const StoredFleetPage*> fleet_page(std::uint32_t page);
  Result<> put_fleet(const FleetPage& page, reg::Generation generation, FileTime at);
  Result<> check(const Commit& what);
  Result<> check_fleet(const Commit& what);
  void fleet_changed(reg::Generation generation);
  Result<> thaw(MachineId id, Machine& machine);
  Result<MachineColumns> read_columns();
  Result<> keep_name(MachineId id);
  void tell_witnesses(MachineId id, const reg::HiveView& before, FileTime at);
  // The same for changes other than of one registry.
  Result<> tell_witnesses();
  Result<std::uint32_t> profile_id(const StoredProfile& profile);
  Result<> load_profile(std::uint32_t id);
  Result<MachineId> last_machine_id();
  Result<std::optional<MachineId>> find(std::string_view name);
  std::optional<MachineId> found_before(std::string_view name) const;
  Result<> put_row(MachineId id, const Machine& machine);
  Result<> change_row(MachineId id, const std::function<Result<>(Machine&)>& change);
  static std::uint64_t digest_of_list(MachineId id, std::uint32_t list);
  static std::uint64_t digest_of(MachineId id, const Machine& row);
  Result<std::uint32_t> store_layer(const StoredPolicy& policy);
  Result<std::uint32_t> store_list(const std::vector<std::uint32_t>& layers,
                                   reg::Generation generation, FileTime applied);

  std::recursive_mutex mutex_;  // resolving an image asks for the definitions, which ask the store
  std::unique_ptr<Database> db_;
  std::unique_ptr<Sql> sql_;
  std::unique_ptr<Names> names_;
  StoreHooks hooks_;
  std::uint64_t seed_ = 0;
  std::uint64_t word_ = 0;     // of the state that the picture shows
  bool in_one_state_ = false;  // inside a read or a change
  reg::Generation generation_ = 0;
  // Conflicts: what was decided on a view older than these is refused.
  reg::Generation floor_ = 0;         // since when the picture remembers who wrote
  reg::Generation many_written_ = 0;  // of the last commit of many machines' own values
  FileTime now_ = {};
  std::uint64_t schema_epoch_ = 1;
  std::uint64_t event_epoch_ = 1;
  std::uint64_t network_epoch_ = 1;
  std::unique_ptr<Table> machines_;
  std::map<std::uint32_t, const StoredProfile*> profiles_;
  std::set<StoredProfile> profile_values_;  // what profiles_ and MachineInfo point to; only grows
  std::unordered_map<std::uint32_t, reg::ImagePtr> image_of_profile_;
  std::unordered_map<std::uint32_t, std::unique_ptr<List>> lists_;
  std::unordered_map<std::uint32_t, StoredPolicy> layers_;
  std::map<std::uint32_t, std::unique_ptr<StoredFleetPage>> fleet_pages_;  // a few
  std::map<std::string, std::optional<Bytes>, std::less<>> blobs_;         // as they are stored
  std::shared_ptr<const MachineColumns> columns_;
  std::unordered_map<std::string, MachineId, TextHash, std::equal_to<>> found_;  // by name
  std::vector<std::pair<MachineId, Witness*>> witnesses_;
};

// Runs `attempt`, which reads and then commits exclusively. When it is refused because somebody
// else wrote in between, it runs once more, in a turn in which nobody else can.
template <class Attempt>
auto without_conflict(Store& store, Attempt attempt) -> decltype(attempt()) {
  auto out = attempt();
  if (out || out.error().code != HResult::kErrorTransactionalConflict) return out;
  SL_CHECK(store.in_turn([&]() -> Result<> {
    out = attempt();
    return {};
  }));
  return out;
}

// The registry of one machine as a reg::Store: what providers and registries read and write. Keeps
// the last view and asks the store only when something was committed. For one thread at a time.
class MachineStore final : public reg::Store {
 public:
  MachineStore(world::Store& store, MachineId id) : store_(store), id_(id) {}
  Result<reg::HiveView> view() override;
  Result<reg::Generation> commit(const reg::ChangeSet& changes) override;
  // The present view without copying it; valid until the next call.
  Result<const reg::HiveView*> current();

 private:
  world::Store& store_;
  MachineId id_;
  std::uint64_t word_ = ~std::uint64_t{0};
  reg::HiveView view_;
};

}  // namespace slwmi::world
