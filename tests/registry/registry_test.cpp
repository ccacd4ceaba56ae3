#include "registry/registry.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "base/clock.hpp"
#include "registry/draft.hpp"
#include "registry/memory_store.hpp"

namespace slwmi::reg {
namespace {

constexpr const char* kSl = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";

struct Machine {
  Machine() {
    OpBuilder ops;
    const KeyId sl = ops.create_key(
        KeyId::kLocalMachine, {"SOFTWARE", "Microsoft", "Windows NT", "CurrentVersion", "SL"});
    ops.set_value(sl, intern_name("VLRenewalInterval").spelling, make_dword(10080));
    ops.set_value(sl, intern_name("VLActivationInterval").spelling, make_dword(120));
    ops.create_key(KeyId::kLocalMachine,
                   {"SOFTWARE", "Microsoft", "Windows NT", "CurrentVersion", "SL", "Activation"});
    const KeyId store_key = ops.create_key(KeyId::kLocalMachine, {"SYSTEM", "Store"});
    ops.set_security(store_key, intern_sddl("O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;NS)"));
    for (const Sid& user : {sids::kNetworkService, sids::kStandardUser}) {
      ops.set_security(ops.create_key(KeyId::kUsers, {format_sid(user)}), user_default(user));
    }
    store =
        std::make_shared<MemoryStore>(HiveView(Image::make(ops.ops(), FileTime{1}), nullptr, {}));
  }
  Registry as(const char* who) { return {store, *find_principal(who), clock}; }
  HiveView view() { return *store->view(); }

  std::shared_ptr<MemoryStore> store;
  ManualClock clock{FileTime{1000}};
};

template <class T>
std::uint32_t code(const Result<T>& result) {
  return result ? 0 : value_of(result.error().code);
}

template <class T>
void must(const Result<T>& result) {
  BOOST_REQUIRE(result.has_value());
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "|") + part;
  return out;
}
std::string names(const Key& key) {
  std::vector<std::string> out;
  const std::vector<ValueEntry> values = *key.values();
  for (const ValueEntry& entry : values) out.push_back(entry.name);
  return joined(out);
}

struct {
  const char* why;
  const char* who;
  const char* path;
  Access want;
  std::uint32_t code;
} const kOpens[] = {
    {"everybody reads HKLM", "standard", kSl, access::kRead, 0},
    {"a standard user does not write it", "standard", kSl, access::kSetValue, 0x80070005},
    {"an unelevated administrator does not", "administrator-unelevated", kSl, access::kSetValue,
     0x80070005},
    {"an elevated one does", "administrator", kSl, access::kAllAccess, 0},
    {"SYSTEM does", "system", kSl, access::kAllAccess, 0},
    {"a key that is not there", "system", "HKLM\\SOFTWARE\\Nothing", access::kRead, 0x80070002},
    {"nor its parent", "system", "HKLM\\Nothing\\At\\All", access::kRead, 0x80070002},
    {"the service's store is closed to administrators", "administrator", "HKLM\\SYSTEM\\Store",
     access::kRead, 0x80070005},
    {"and open to the service", "network-service", "HKLM\\SYSTEM\\Store", access::kAllAccess, 0},
    {"HKCU is the caller's", "network-service", "HKCU", access::kAllAccess, 0},
    {"of whom HKU has a hive", "standard", "HKU\\S-1-5-20", access::kRead, 0x80070005},
    {"no root", "system", "SOFTWARE", access::kRead, 0x800700A1},
    {"asking for nothing", "system", kSl, 0, 0x80070005},
    {"in any case, with a backslash behind", "standard", "hklm\\software\\MICROSOFT\\",
     access::kRead, 0},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(opening_asks_the_keys_descriptor) {
  Machine machine;
  for (const auto& c : kOpens) {
    BOOST_TEST_CONTEXT(c.why) BOOST_TEST(code(machine.as(c.who).open(c.path, c.want)) == c.code);
  }
}

BOOST_AUTO_TEST_CASE(a_user_without_a_hive_works_in_the_default_one) {
  OpBuilder ops;
  const KeyId hive = ops.create_key(KeyId::kUsers, {".DEFAULT"});
  ops.create_key(hive, {"Software"});
  ops.set_security(hive, intern_sddl("O:SYG:SYD:(A;CI;KA;;;SY)(A;CI;KR;;;BU)"));
  const auto store =
      std::make_shared<MemoryStore>(HiveView(Image::make(ops.ops(), {}), nullptr, {}));
  const ManualClock clock(FileTime{1});
  Registry stranger(store, *find_principal("S-1-5-21-1-2-3-4"), clock);
  BOOST_TEST(*stranger.open("HKCU\\Software")->path() == "HKEY_USERS\\.DEFAULT\\Software");
  BOOST_TEST(code(stranger.open_root(Root::kCurrentUser, access::kSetValue)) == 0x80070005u);
  BOOST_TEST(code(stranger.create("HKCU\\Software\\New")) == 0x80070005u);
}

BOOST_AUTO_TEST_CASE(values_are_set_read_and_deleted_by_names_in_any_case) {
  Machine machine;
  Registry registry = machine.as("administrator");
  Key key = *registry.open(kSl, access::kAllAccess);
  BOOST_TEST((as_dword(key.get("vlrenewalinterval")->view()) == 10080u));
  BOOST_TEST(key.set("VLRENEWALINTERVAL", make_dword(15)).has_value());
  BOOST_TEST((as_dword(key.get("VLRenewalInterval")->view()) == 15u));
  BOOST_TEST(names(key) == "VLRenewalInterval|VLActivationInterval");
  BOOST_TEST(key.set("", make_sz("default")).has_value());
  BOOST_TEST(names(key) == "VLRenewalInterval|VLActivationInterval|");
  BOOST_TEST(key.remove_value("vlrenewalINTERVAL").has_value());
  BOOST_TEST(code(key.get("VLRenewalInterval")) == 0x80070002u);
  BOOST_TEST(code(key.remove_value("VLRenewalInterval")) == 0x80070002u);
  BOOST_TEST(key.set("VLRenewalInterval", make_dword(16)).has_value());
  BOOST_TEST(names(key) == "VLActivationInterval||VLRenewalInterval");
  BOOST_TEST(code(key.get("never heard of")) == 0x80070002u);
}

BOOST_AUTO_TEST_CASE(any_type_and_length_is_kept_to_the_byte) {
  Machine machine;
  Registry registry = machine.as("system");
  const std::byte bytes[] = {std::byte{1}, std::byte{0}, std::byte{0xFF}};
  for (const std::uint32_t type : {0u, 1u, 4u, 7u, 11u, 12u, 0xFFFFFFFFu}) {
    for (std::size_t size = 0; size <= 3; ++size) {
      const ValueData data(static_cast<ValueType>(type), ByteSpan(bytes, size));
      BOOST_TEST(registry.set("HKLM\\SOFTWARE\\Types", "v", data).has_value());
      BOOST_TEST((*registry.get("HKLM\\SOFTWARE\\Types", "v") == data));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_handle_does_what_it_was_opened_for_and_no_more) {
  Machine machine;
  Registry registry = machine.as("administrator");
  Key reader = *registry.open(kSl, access::kRead);
  BOOST_TEST(code(reader.set("x", make_dword(1))) == 0x80070005u);
  BOOST_TEST(code(reader.remove_value("VLRenewalInterval")) == 0x80070005u);
  BOOST_TEST(code(reader.set_security({}, kDaclPart)) == 0x80070005u);
  Key writer = *registry.open(kSl, access::kSetValue);
  BOOST_TEST(code(writer.get("VLRenewalInterval")) == 0x80070005u);
  BOOST_TEST(code(writer.subkeys()) == 0x80070005u);
  BOOST_TEST(code(writer.security()) == 0x80070005u);
  BOOST_TEST(machine.view().generation() == 0u);
}

BOOST_AUTO_TEST_CASE(a_handle_keeps_its_rights_when_the_acl_changes) {
  Machine machine;
  Registry registry = machine.as("administrator");
  Key old = *registry.open(kSl, access::kAllAccess);
  BOOST_TEST(old.set_security(*parse_sddl("D:P(A;;KA;;;SY)"), kDaclPart).has_value());
  BOOST_TEST(old.set("x", make_dword(1)).has_value());
  BOOST_TEST(code(registry.open(kSl, access::kRead)) == 0x80070005u);
  BOOST_TEST(code(registry.open(kSl, access::kWriteDac)) == 0u);  // the owner's
  BOOST_TEST(to_sddl(*old.security()) == "O:BAG:SYD:P(A;;KA;;;SY)");
}

BOOST_AUTO_TEST_CASE(creating_makes_what_is_missing_and_opens_what_is_there) {
  Machine machine;
  Registry registry = machine.as("administrator");
  bool made = false;
  Key key = *registry.create("HKLM\\SOFTWARE\\Policies\\A\\B", access::kAllAccess, &made);
  BOOST_TEST(made);
  BOOST_TEST(*key.path() == "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\A\\B");
  must(registry.create("HKLM\\software\\POLICIES\\a", access::kRead, &made));
  BOOST_TEST(!made);
  BOOST_TEST(joined(*registry.open("HKLM\\SOFTWARE")->subkeys()) == "Microsoft|Policies");
  BOOST_TEST(code(machine.as("standard").create("HKLM\\SOFTWARE\\Mine")) == 0x80070005u);
  BOOST_TEST(code(machine.as("standard").create("HKCU\\Software\\Mine")) == 0u);
  BOOST_TEST(code(registry.create("HKLM\\Direct")) == 0x80070057u);
  BOOST_TEST(code(registry.create("HKLM\\SOFTWARE\\" + std::string(257, 'k'))) == 0x80070057u);
  std::string deep = "HKLM\\SOFTWARE";
  for (int i = 0; i < 33; ++i) deep += "\\d";
  BOOST_TEST(code(registry.create(deep)) == 0x80070057u);
}

BOOST_AUTO_TEST_CASE(a_new_key_inherits_its_descriptor) {
  Machine machine;
  Registry registry = machine.as("administrator");
  Key key = *registry.create("HKLM\\SOFTWARE\\New");
  BOOST_TEST(
      to_sddl(*key.security()) ==
      "O:BAG:SYD:AI(A;CIID;KR;;;WD)(A;CIID;KR;;;RC)(A;CIID;KA;;;BA)(A;CIID;KA;;;SY)(A;ID;KA;;;BA)"
      "(A;CIIOID;KA;;;CO)");
  BOOST_TEST((machine.view().explicit_security(key.id()) == SecurityId::kInherited));
  Key service = *machine.as("network-service").create("HKLM\\SYSTEM\\Store\\Sku");
  BOOST_TEST(to_sddl(*service.security()) == "O:NSG:SYD:AI(A;CIID;KA;;;SY)(A;CIID;KA;;;NS)");
}

BOOST_AUTO_TEST_CASE(keys_with_subkeys_cannot_be_deleted_and_trees_can) {
  Machine machine;
  Registry registry = machine.as("administrator");
  must(registry.create("HKLM\\SOFTWARE\\Top\\Sub"));
  BOOST_TEST(code(registry.remove_key("HKLM\\SOFTWARE\\Top")) == 0x80070005u);
  Key software = *registry.open("HKLM\\SOFTWARE", access::kAllAccess);
  BOOST_TEST(code(software.remove_key("Absent")) == 0x80070002u);
  BOOST_TEST(code(software.remove_key("Top\\Sub")) == 0u);
  BOOST_TEST(code(software.remove_key("top")) == 0u);
  BOOST_TEST(code(registry.open("HKLM\\SOFTWARE\\Top")) == 0x80070002u);
  BOOST_TEST(code(software.remove_tree("Microsoft")) == 0u);
  BOOST_TEST(code(registry.open(kSl)) == 0x80070002u);
  BOOST_TEST(code(registry.remove_key("HKLM\\SOFTWARE")) == 0x80070005u);
  must(registry.create(kSl));
  BOOST_TEST(names(*registry.open(kSl)) == "");
}

BOOST_AUTO_TEST_CASE(a_deleted_keys_handle_says_so) {
  Machine machine;
  Registry registry = machine.as("administrator");
  Key key = *registry.create("HKLM\\SOFTWARE\\Gone");
  BOOST_TEST(key.remove_key("").has_value());
  BOOST_TEST(code(key.get("x")) == 0x800703FAu);
  BOOST_TEST(code(key.set("x", make_dword(1))) == 0x800703FAu);
  BOOST_TEST(code(key.subkeys()) == 0x800703FAu);
  BOOST_TEST(code(key.create("again")) == 0x800703FAu);
}

BOOST_AUTO_TEST_CASE(enumeration_is_by_upcased_name_for_keys_and_by_age_for_values) {
  Machine machine;
  Registry registry = machine.as("administrator");
  for (const char* name : {"b", "A", "_", "C", "(x"}) {
    must(registry.create(std::string("HKLM\\SOFTWARE\\E\\") + name));
    must(registry.set("HKLM\\SOFTWARE\\E", name, make_dword(1)));
  }
  const Key key = *registry.open("HKLM\\SOFTWARE\\E");
  BOOST_TEST(joined(*key.subkeys()) == "(x|A|b|C|_");
  BOOST_TEST(names(key) == "b|A|_|C|(x");
  BOOST_TEST(*key.subkey_at(1) == "A");
  BOOST_TEST(code(key.subkey_at(5)) == 0x80070103u);
  BOOST_TEST(key.value_at(4)->name == "(x");
  BOOST_TEST(code(key.value_at(5)) == 0x80070103u);
}

BOOST_AUTO_TEST_CASE(info_counts_and_measures) {
  Machine machine;
  Registry registry = machine.as("administrator");
  must(registry.set("HKLM\\SOFTWARE\\I", "имя", make_sz("abc")));
  must(registry.create("HKLM\\SOFTWARE\\I\\sub key"));
  const KeyInfo info = *registry.open("HKLM\\SOFTWARE\\I")->info();
  BOOST_TEST(info.subkeys == 1u);
  BOOST_TEST(info.values == 1u);
  BOOST_TEST(info.longest_subkey == 7u);
  BOOST_TEST(info.longest_value_name == 3u);
  BOOST_TEST(info.longest_value == 8u);
}

BOOST_AUTO_TEST_CASE(last_write_times_move_with_values_and_subkeys) {
  Machine machine;
  Registry registry = machine.as("administrator");
  const auto written = [&](const char* path) {
    return registry.open(path)->info()->last_write.ticks;
  };
  BOOST_TEST(written(kSl) == 1u);
  machine.clock.set(FileTime{2000});
  must(registry.set(kSl, "x", make_dword(1)));
  BOOST_TEST(written(kSl) == 2000u);
  BOOST_TEST(written("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion") == 1u);
  machine.clock.set(FileTime{3000});
  must(registry.open(kSl, access::kSetValue)->remove_value("x"));
  BOOST_TEST(written(kSl) == 3000u);
  machine.clock.set(FileTime{4000});
  must(registry.create(std::string(kSl) + "\\New"));
  BOOST_TEST(written(kSl) == 4000u);
  machine.clock.set(FileTime{5000});
  must(registry.remove_key(std::string(kSl) + "\\New"));
  BOOST_TEST(written(kSl) == 5000u);
  machine.store->push(
      {std::make_shared<const Layer>(std::vector<Op>{
          {.kind = OpKind::kSetValue, .key = key_of(kSl), .value = make_dword(1)}})},
      FileTime{6000});
  BOOST_TEST(written(kSl) == 6000u);
}

BOOST_AUTO_TEST_CASE(a_transaction_shows_itself_its_writes_and_nobody_else) {
  Machine machine;
  Registry registry = machine.as("administrator");
  Registry other = machine.as("administrator");
  Transaction transaction = *registry.begin();
  Key key = *registry.create("HKLM\\SOFTWARE\\T");
  must(key.set("a", make_dword(1)));
  BOOST_TEST(key.get("a").has_value());
  BOOST_TEST(joined(*registry.open("HKLM\\SOFTWARE")->subkeys()) == "Microsoft|T");
  BOOST_TEST(code(other.open("HKLM\\SOFTWARE\\T")) == 0x80070002u);
  BOOST_TEST(transaction.pending().size() == 2u);
  BOOST_TEST((*transaction.commit() == 1u));
  BOOST_TEST(other.get("HKLM\\SOFTWARE\\T", "a").has_value());
  BOOST_TEST(code(transaction.commit()) == value_of(HResult::kEUnexpected));
}

BOOST_AUTO_TEST_CASE(a_transaction_that_is_not_committed_leaves_no_trace) {
  Machine machine;
  Registry registry = machine.as("administrator");
  {
    const Transaction transaction = *registry.begin();
    must(registry.set(kSl, "VLRenewalInterval", make_dword(1)));
    must(registry.remove_key(std::string(kSl) + "\\Activation"));
  }
  BOOST_TEST((as_dword(registry.get(kSl, "VLRenewalInterval")->view()) == 10080u));
  BOOST_TEST(code(registry.open(std::string(kSl) + "\\Activation")) == 0u);
  BOOST_TEST(machine.view().generation() == 0u);
  BOOST_TEST(machine.view().own().empty());
}

BOOST_AUTO_TEST_CASE(transactions_nest_and_the_inner_one_rolls_back_alone) {
  Machine machine;
  Registry registry = machine.as("administrator");
  Transaction outer = *registry.begin();
  must(registry.set(kSl, "a", make_dword(1)));
  {
    const Transaction inner = *registry.begin();
    must(registry.set(kSl, "a", make_dword(2)));
    must(registry.set(kSl, "b", make_dword(2)));
  }
  BOOST_TEST((as_dword(registry.get(kSl, "a")->view()) == 1u));
  {
    Transaction inner = *registry.begin();
    must(registry.set(kSl, "c", make_dword(3)));
    BOOST_TEST((*inner.commit() == 0u));
  }
  BOOST_TEST(machine.view().generation() == 0u);
  BOOST_TEST((*outer.commit() == 1u));
  BOOST_TEST(registry.get(kSl, "a").has_value());
  BOOST_TEST(!registry.get(kSl, "b").has_value());
  BOOST_TEST(registry.get(kSl, "c").has_value());
}

BOOST_AUTO_TEST_CASE(an_outer_commit_waits_for_the_inner_one) {
  Machine machine;
  Registry registry = machine.as("administrator");
  Transaction outer = *registry.begin();
  Transaction inner = *registry.begin();
  BOOST_TEST(code(outer.commit()) == value_of(HResult::kEUnexpected));
  BOOST_TEST(inner.commit().has_value());
}

BOOST_AUTO_TEST_CASE(an_exclusive_transaction_is_refused_when_anybody_wrote_since_it_began) {
  Machine machine;
  Registry registry = machine.as("administrator");
  for (const bool exclusive : {true, false}) {
    BOOST_TEST_CONTEXT(exclusive) {
      Transaction transaction = *registry.begin();
      if (exclusive) transaction.make_exclusive();
      must(registry.set(kSl, "a", make_dword(1)));
      must(machine.as("administrator").set(kSl, "b", make_dword(2)));
      const auto done = transaction.commit();
      BOOST_TEST(code(done) == (exclusive ? 0x80071A90u : 0u));
      BOOST_TEST(registry.get(kSl, "a").has_value() == !exclusive);
    }
  }
  Transaction transaction = *registry.begin();
  transaction.make_exclusive();
  must(registry.set(kSl, "a", make_dword(1)));
  machine.store->push({}, FileTime{1});  // no own write
  BOOST_TEST(transaction.commit().has_value());
}

BOOST_AUTO_TEST_CASE(attached_events_go_with_the_commit_and_roll_back_with_their_transaction) {
  Machine machine;
  Registry registry = machine.as("administrator");
  std::vector<Bytes> heard;
  machine.store->observe([&](const ChangeSet& changes, Generation) { heard = changes.events; });
  const Bytes one(1), two(2), three(3);
  Transaction outer = *registry.begin();
  outer.attach(one);
  {
    Transaction inner = *registry.begin();
    inner.attach(two);
  }
  {
    Transaction inner = *registry.begin();
    inner.attach(three);
    must(registry.set(kSl, "a", make_dword(1)));
    BOOST_TEST(inner.commit().has_value());
  }
  BOOST_TEST(heard.empty());
  BOOST_TEST(outer.commit().has_value());
  BOOST_TEST((heard == std::vector<Bytes>{one, three}));
  Transaction alone = *registry.begin();  // events without a change
  alone.attach(two);
  BOOST_TEST(alone.commit().has_value());
  BOOST_TEST((heard == std::vector<Bytes>{two}));
}

BOOST_AUTO_TEST_CASE(a_denied_call_changes_nothing) {
  Machine machine;
  for (const char* who : {"standard", "administrator-unelevated", "anonymous"}) {
    Registry registry = machine.as(who);
    BOOST_TEST(code(registry.set(kSl, "VLRenewalInterval", make_dword(1))) == 0x80070005u);
    BOOST_TEST(code(registry.set("HKLM\\SOFTWARE\\New\\Key", "v", make_dword(1))) == 0x80070005u);
    BOOST_TEST(code(registry.remove_key(std::string(kSl) + "\\Activation")) == 0x80070005u);
  }
  BOOST_TEST(machine.view().generation() == 0u);
  BOOST_TEST(machine.as("administrator").set(kSl, "VLRenewalInterval", make_dword(1)).has_value());
}

BOOST_AUTO_TEST_CASE(a_push_wins_over_older_writes_and_loses_to_newer_ones) {
  Machine machine;
  Registry registry = machine.as("administrator");
  const auto interval = [&] {
    return as_dword(registry.get(kSl, "VLRenewalInterval")->view()).value_or(0);
  };
  must(registry.set(kSl, "VLRenewalInterval", make_dword(1)));
  const auto layer = std::make_shared<const Layer>(
      std::vector<Op>{{.kind = OpKind::kSetValue,
                       .key = key_of(kSl),
                       .spelling = intern_name("VLRenewalInterval").spelling,
                       .value = make_dword(2)}});
  machine.store->push({layer}, FileTime{1});
  BOOST_TEST(interval() == 2u);
  must(registry.set(kSl, "VLRenewalInterval", make_dword(3)));
  BOOST_TEST(interval() == 3u);
  machine.store->push({layer}, FileTime{1});
  BOOST_TEST(interval() == 2u);
  machine.store->push({}, FileTime{1});
  BOOST_TEST(interval() == 3u);
  must(registry.open(kSl, access::kSetValue)->remove_value("VLRenewalInterval"));
  BOOST_TEST(!registry.get(kSl, "VLRenewalInterval").has_value());
  machine.store->push({layer}, FileTime{1});
  BOOST_TEST(interval() == 2u);
  const auto found = machine.view().explain(key_of(kSl), intern_name("VLRenewalInterval").id);
  BOOST_TEST((found.source == Source::kLayer));
}

BOOST_AUTO_TEST_CASE(secure_key_takes_the_key_from_everybody_but_administrators) {
  Machine machine;
  const KeyId key = key_of(kSl);
  machine.store->push({std::make_shared<const Layer>(std::vector<Op>{
                          {.kind = OpKind::kSetSecurity, .security = secure_key(), .key = key}})},
                      FileTime{1});
  BOOST_TEST((machine.view().security(key) == secure_key()));
  BOOST_TEST(code(machine.as("anonymous").open(kSl, access::kRead)) == 0x80070005u);
  BOOST_TEST(code(machine.as("standard").open(kSl, access::kRead)) == 0u);
  BOOST_TEST(code(machine.as("standard").open(kSl, access::kSetValue)) == 0x80070005u);
  BOOST_TEST(code(machine.as("administrator").open(kSl, access::kAllAccess)) == 0u);
  machine.store->push({}, FileTime{1});
  BOOST_TEST((machine.view().explicit_security(key) == SecurityId::kInherited));
}

BOOST_AUTO_TEST_CASE(watchers_hear_of_what_they_asked_for) {
  const KeyId sl = key_of(kSl), below = key_of(std::string(kSl) + "\\Activation"),
              above = parent_of(sl);
  const ChangeSet value{.ops = {{.kind = OpKind::kSetValue, .key = sl}}};
  const ChangeSet key{.ops = {{.kind = OpKind::kCreateKey, .key = below}}};
  const ChangeSet security{.ops = {{.kind = OpKind::kSetSecurity, .key = below}}};
  const ChangeSet gone{.ops = {{.kind = OpKind::kDeleteKey, .key = above}}};
  BOOST_TEST(touches(value, sl, false, kNotifyLastSet));
  BOOST_TEST(!touches(value, sl, true, kNotifyName | kNotifySecurity));
  BOOST_TEST(!touches(value, above, false, kNotifyLastSet));
  BOOST_TEST(touches(value, above, true, kNotifyLastSet));
  BOOST_TEST(touches(key, sl, false, kNotifyName));
  BOOST_TEST(!touches(key, below, false, kNotifyName));
  BOOST_TEST(!touches(security, sl, false, kNotifySecurity));
  BOOST_TEST(touches(security, sl, true, kNotifySecurity));
  BOOST_TEST(touches(gone, sl, false, kNotifyName));
}

BOOST_AUTO_TEST_CASE(a_store_tells_its_observers_of_each_commit) {
  Machine machine;
  std::vector<Generation> heard;
  machine.store->observe([&](const ChangeSet& changes, Generation generation) {
    BOOST_TEST(touches(changes, key_of(kSl), false, kNotifyLastSet));
    heard.push_back(generation);
  });
  must(machine.as("system").set(kSl, "a", make_dword(1)));
  must(machine.as("system").set(kSl, "a", make_dword(2)));
  BOOST_TEST((heard == std::vector<Generation>{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_machine_with_one_key_of_its_own_costs_under_200_bytes) {
  Machine machine;
  must(machine.as("system").create("HKLM\\SOFTWARE\\One"));
  BOOST_TEST(machine.view().own().memory() == 120u);
}

BOOST_AUTO_TEST_CASE(operations_survive_their_byte_form) {
  std::vector<Op> ops = {
      {.kind = OpKind::kCreateKey,
       .security = machine_default(),
       .key = key_of("HKLM\\A\\B"),
       .spelling = intern_name("b").spelling},
      {.kind = OpKind::kSetValue,
       .key = key_of("HKU\\A"),
       .spelling = intern_name("Имя").spelling,
       .value = make_sz("text")},
      {.kind = OpKind::kSoftSetValue,
       .key = key_of("HKLM\\A"),
       .value = {static_cast<ValueType>(0xFFFFFFFF), {}}},
      {.kind = OpKind::kDeleteValue,
       .key = key_of("HKLM\\A"),
       .spelling = intern_name("x").spelling},
      {.kind = OpKind::kDeleteAllValues, .key = KeyId::kLocalMachine},
      {.kind = OpKind::kDeleteKey, .key = key_of("HKLM\\A\\B")},
      {.kind = OpKind::kSetSecurity, .security = secure_key(), .key = key_of("HKLM\\A")},
      {.kind = OpKind::kResetSecurity, .key = key_of("HKLM\\A")},
  };
  const auto bytes = encode_ops(ops);
  const auto back = decode_ops(bytes);
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST((*back == ops));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    BOOST_TEST_CONTEXT(length) BOOST_TEST(!decode_ops(ByteSpan(bytes).first(length)).has_value());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace slwmi::reg
