// Inside the store: its rows in memory, prepared statements, and the two tables of names. Not for
// other parts.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "registry/names.hpp"
#include "world/store.hpp"

namespace slwmi::world {

inline constexpr std::uint32_t kFormatVersion = 8;
// Entries of the journal that stay; a reader that lags further behind reads the world anew. They
// are pruned once in so many commits.
inline constexpr reg::Generation kJournalKept = 4096;
inline constexpr reg::Generation kJournalPrunedAt = 512;
inline constexpr std::uint32_t kApplicationId = 0x534C5749;  // "SLWI"

// A machine of the picture. Kept small: a fleet has 100,000.
struct Store::Machine {
  std::string name;
  std::uint32_t profile = 0;
  std::uint32_t domain = 0;
  std::uint32_t site = 0;
  std::uint32_t list = 0;  // of policies; 0: none
  std::uint32_t hardware = 0;
  std::uint32_t flags : 24 = 0;
  bool row_loaded : 1 = false;
  bool own_loaded : 1 = false;
  bool in_fleet : 1 = false;  // `own` has what a fleet row stands for
  FileTime installed = {};
  FileTime started = {};
  reg::Overlay own;
  reg::Generation written = 0;  // of the last commit of own values that was seen here
};

struct Store::StoredFleetPage {
  reg::Generation generation = 0;
  FileTime at;
  std::vector<FleetRow> rows;  // those that do not count have no product
};

// The machines of the picture by number. Numbers are given in order and never again, so that pages
// of machines side by side cost less than nodes of a map. No machine moves.
class Store::Table {
 public:
  // nullptr: not in the picture.
  Machine* find(MachineId id) const {
    const std::size_t page = id / kPage;
    return page < pages_.size() && pages_[page] != nullptr ? &(*pages_[page])[id % kPage] : nullptr;
  }
  Machine& at(MachineId id) {
    const std::size_t page = id / kPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) pages_[page] = std::make_unique<Page>();
    return (*pages_[page])[id % kPage];
  }
  void erase(MachineId id) {
    if (Machine* const machine = find(id)) *machine = Machine();
  }
  void clear() { pages_.clear(); }
  template <class F>
  void for_each(F visit) const {
    for (const auto& page : pages_) {
      if (page != nullptr) std::for_each(page->begin(), page->end(), visit);
    }
  }

 private:
  static constexpr std::size_t kPage = 64;
  using Page = std::array<Machine, kPage>;
  std::vector<std::unique_ptr<Page>> pages_;
};

// A list of policies as some push left it.
struct Store::List {
  std::vector<std::uint32_t> layers;
  reg::LayerListPtr compiled;
};

// Prepared on first use, kept until the end.
struct Store::Sql {
  explicit Sql(Database& database) : db(database) {}
  Database& db;
  std::unordered_map<const char*, Statement> statements;
  // `text` must be a string literal: its address is the name of the statement.
  Result<Statement*> get(const char* text) {
    Statement& statement = statements[text];
    if (!statement.valid()) {
      SL_TRY(statement, db.prepare(text));
    }
    return &statement;
  }
};

// Numbers that the file uses for registry keys and names, and what they are in this process.
struct Store::Names {
  std::unordered_map<std::uint32_t, reg::KeyId> keys;
  std::unordered_map<reg::KeyId, std::uint32_t> key_numbers;
  std::unordered_map<std::uint32_t, reg::SpellingId> spellings;
  std::unordered_map<reg::SpellingId, std::uint32_t> spelling_numbers;
  std::unordered_map<std::uint32_t, std::string> texts;  // domains and sites
  void clear() { *this = Names(); }
};

// Resets a statement at the end of a scope, so that no read transaction stays open.
class Using {
 public:
  explicit Using(Statement* statement) : statement_(statement) {}
  ~Using() { statement_->reset(); }
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;
  Statement* operator->() const { return statement_; }
  Statement& operator*() const { return *statement_; }

 private:
  Statement* statement_;
};

// A change of the file: its turn among the writers, and the picture brought up to date. Unless it
// is committed, nothing of it stays, in the file or in the picture.
class Store::Writing {
 public:
  static Result<Writing> begin(Store& store) {
    SL_TRY(Database::Write write, store.db_->begin_write());
    Writing out(store, std::move(write));
    store.in_one_state_ = true;
    // Nobody else writes now: an unchanged word says that the picture is up to date.
    if (store.generation_ == 0 || store.db_->change_word() != store.word_)
      SL_CHECK(store.follow_journal());
    return out;
  }
  Writing(Writing&& other) noexcept
      : store_(std::exchange(other.store_, nullptr)), write_(std::move(other.write_)) {}
  Writing& operator=(Writing&&) = delete;
  ~Writing() {
    if (store_ == nullptr) return;
    store_->in_one_state_ = false;
    store_->forget_all();  // numbers of rows that will not be
  }
  // Ends it where nothing was written: the picture stays.
  void leave() {
    store_->in_one_state_ = false;
    store_ = nullptr;
  }
  // The state is of `generation` once this returns.
  Result<> commit(reg::Generation generation) {
    SL_TRY(store_->word_, write_.commit());
    store_->generation_ = generation;
    store_->in_one_state_ = false;
    store_ = nullptr;
    return {};
  }

 private:
  Writing(Store& store, Database::Write write) : store_(&store), write_(std::move(write)) {}
  Store* store_;
  Database::Write write_;
};

template <class F>
auto Store::at_one_state(bool ready, F load) -> decltype(load()) {
  const std::uint64_t word = db_->change_word();  // before the state that it vouches for
  if (in_one_state_ || (ready && word == word_)) return load();
  SL_CHECK(db_->begin_read());
  in_one_state_ = true;
  auto out = [&]() -> decltype(load()) {
    SL_CHECK(follow_journal());
    return load();
  }();
  db_->end_read();
  in_one_state_ = false;
  if (out) word_ = word;
  return out;
}

// The eight bytes by which a damaged row is found. They fit SQLite's signed integers either way.
// `table`: hash64() of its name.
inline std::uint64_t row_digest(std::uint64_t table, std::initializer_list<std::uint64_t> numbers,
                                std::string_view text = {}, ByteSpan data = {}) {
  const std::uint64_t words =
      hash64(std::as_bytes(std::span(numbers.begin(), numbers.size())), table);
  const std::uint64_t bytes = data.empty() ? 0 : hash64(data);
  return combine(hash64(text, words), bytes) >> 1;
}
inline std::uint64_t row_digest(std::string_view table,
                                std::initializer_list<std::uint64_t> numbers,
                                std::string_view text = {}, ByteSpan data = {}) {
  return row_digest(hash64(table), numbers, text, data);
}
inline tl::unexpected<Error> damaged(std::string_view what) {
  return fail(HResult::kErrorFileCorrupt, "a row of the world is damaged: " + std::string(what));
}

// SL_SQL(name, "SELECT ..."): a statement that is reset when the scope ends.
#define SL_SQL(name, text)                                       \
  SL_TRY(::slwmi::Statement* const name##_raw, sql_->get(text)); \
  const ::slwmi::world::Using name(name##_raw)

}  // namespace slwmi::world
