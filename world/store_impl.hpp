// Inside the store: its rows in memory, prepared statements, and the two tables of names. Not for
// other parts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "registry/names.hpp"
#include "world/store.hpp"

namespace slwmi::world {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint32_t kApplicationId = 0x534C5749;  // "SLWI"

// A machine of the picture. Kept small: a fleet has 100,000.
struct Store::Machine {
  std::string name;
  std::uint32_t profile = 0;
  std::uint32_t domain = 0;
  std::uint32_t list = 0;  // of policies; 0: none
  std::uint32_t flags = 0;
  std::uint32_t hardware = 0;
  bool row_loaded = false;
  bool own_loaded = false;
  FileTime installed = {};
  FileTime started = {};
  reg::Overlay own;
  reg::Generation touched = 0;  // newest commit that changed what the machine sees
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
  std::unordered_map<std::uint32_t, std::string> domains;
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

// SL_SQL(name, "SELECT ..."): a statement that is reset when the scope ends.
#define SL_SQL(name, text)                                       \
  SL_TRY(::slwmi::Statement* const name##_raw, sql_->get(text)); \
  const ::slwmi::world::Using name(name##_raw)

}  // namespace slwmi::world
