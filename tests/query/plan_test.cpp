// Planning and running on a small namespace: names, types, subclasses, projection, system
// properties, hints.
#include "query/plan.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/query/fixture.hpp"

using namespace slwmi;
using namespace slwmi::wql::test;

namespace {

struct Space {
  ClassPtr device = make_class("Device", {{"Id", Type::kUint32, true},
                                          {"Name", Type::kString},
                                          {"Free", Type::kUint64},
                                          {"Level", Type::kSint16},
                                          {"Load", Type::kReal64},
                                          {"On", Type::kBoolean},
                                          {"Built", Type::kDatetime},
                                          {"Tags", Type::kString, false, true},
                                          {"Part", Type::kObject}});
  ClassPtr modem = make_class("Modem", {{"Port", Type::kString}}, device);
  ClassPtr piece = make_class("Piece", {{"Serial", Type::kString}, {"Count", Type::kUint32}});
  RowProvider rows;
  TestCatalog catalog;

  Space() {
    catalog.classes = {device, modem, piece};
    catalog.providers = {{"Device", &rows}, {"Modem", &rows}};
    add(device, 1, "alpha", 10, -5, 0.5, true, "20080301000000.000000+000");
    add(device, 2, "Beta", 5000000000u, 5, 1.5, false, "20080302000000.000000+060");
    add(modem, 3, "gamma", 30, 0, -2, true, "20090101000000.000000+000");
    rows.rows.back().set(rows.rows.back().cls()->find_slot("Port"), Value::text("COM3"));
    Instance empty(device);
    empty.set(0, Value::uint32(4));
    rows.rows.push_back(empty);
    Instance part(piece);
    part.set(0, Value::text("S-1"));
    part.set(1, Value::uint32(7));
    rows.rows[0].set(8, Value::object(std::make_shared<const Instance>(part)));
  }

  void add(const ClassPtr& cls, std::uint32_t id, const char* name, std::uint64_t free, int level,
           double load, bool on, const char* built) {
    Instance row(cls);
    row.set(0, Value::uint32(id));
    row.set(1, Value::text(name));
    row.set(2, Value::unsigned_integer(Type::kUint64, free));
    row.set(3, Value::integer(Type::kSint16, level));
    row.set(4, Value::real(load));
    row.set(5, Value::boolean(on));
    row.set(6, Value::text(built, Type::kDatetime));
    rows.rows.push_back(row);
  }

  // The ids of the rows, in order; or the error as hex.
  std::string ids(const std::string& where) {
    const auto result = query(catalog, "SELECT Id FROM Device WHERE " + where);
    if (!result) return to_hex(result.error().code);
    std::string text;
    for (const Instance& row : result->rows) text += row.at(0).to_display();
    return text;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wql_plan)

struct Row {
  const char* why;
  const char* where;
  const char* ids;
};

const char* const kRefused = "0x80041017";

const Row kRows[] = {
    {"a number", "Id = 2", "2"},
    {"a number in quotes", "Id = '2'", "2"},
    {"a signed number", "Level > -5", "23"},
    {"a number below the type", "Id > -1", "1243"},
    {"a number above the type", "Id < 4294967296", "1243"},
    {"above, never equal", "Id = 4294967296", ""},
    {"64 bits", "Free = 5000000000", "2"},
    {"far beyond 64 bits", "Free < 99999999999999999999999", "123"},
    {"a text against a number", "Id = 'x'", kRefused},
    {"a real against an integer", "Id = 1.0", kRefused},
    {"a real in quotes against an integer", "Id = '1.0'", kRefused},
    {"TRUE against an integer", "Id = TRUE", kRefused},
    {"an integer against a real", "Load > 1", "2"},
    {"a real", "Load = .5", "1"},
    {"a real in quotes", "Load = '-2'", "3"},
    {"no number in quotes", "Load > 'nan'", kRefused},
    {"text without case", "Name = 'BETA'", "2"},
    {"text order without case", "Name < 'b'", "1"},
    {"text not equal leaves null out", "Name <> 'beta'", "13"},
    {"NOT over null leaves it out", "NOT Name = 'beta'", "13"},
    {"IS NULL", "Name IS NULL", "4"},
    {"= NULL", "Name = NULL", "4"},
    {"<> NULL", "NULL <> Name", "123"},
    {"NOT IS NULL", "NOT Name IS NULL", "123"},
    {"TRUE against a text", "Name = TRUE", kRefused},
    {"a number against a text is its digits", "Name = 5", ""},
    {"LIKE", "Name LIKE '%A'", "123"},
    {"NOT LIKE", "NOT Name LIKE '%lph%'", "23"},
    {"LIKE without wildcards on a number", "Id LIKE '2'", "2"},
    {"LIKE with wildcards on a number", "Id LIKE '2%'", kRefused},
    {"boolean TRUE", "On = TRUE", "13"},
    {"boolean 1", "On = 1", "13"},
    {"boolean -1", "On = -1", "13"},
    {"boolean text", "On <> 'True'", "2"},
    {"boolean 2", "On = 2", kRefused},
    {"boolean order", "On >= 0", kRefused},
    {"boolean order with TRUE", "On > FALSE", kRefused},
    {"a moment", "Built = '20080301000000.000000+000'", "1"},
    {"the same moment elsewhere", "Built = '20080301230000.000000+000'", "2"},
    {"moments in order", "Built > '20080301120000.000000+000'", "23"},
    {"another date form", "Built >= '3/1/2008' AND Built < 'Jan 1, 2009'", "12"},
    {"asterisks are equal by characters", "Built = '20080301******.******+***'", ""},
    {"asterisks have no order", "Built > '20080301******.******+***'", kRefused},
    {"no date", "Built > 'soon'", kRefused},
    {"a number against a date", "Built > 5", kRefused},
    {"arrays", "Tags = 'x'", kRefused},
    {"arrays and NULL", "Tags IS NULL", kRefused},
    {"objects", "Part = 'x'", kRefused},
    {"objects and NULL", "Part IS NOT NULL", "1"},
    {"objects by class", "Part ISA 'Piece'", "1"},
    {"objects by another class", "Part ISA 'Device'", ""},
    {"ISA on a text", "Name ISA 'Piece'", kRefused},
    {"an embedded property", "Part.Count >= 7 AND Part.Serial LIKE 's%'", "1"},
    {"an embedded system property", "Part.__CLASS = 'piece'", "1"},
    {"an embedded property that is not there", "Part.Nothing = 7", ""},
    {"an embedded property of another type", "Part.Count = 'x'", ""},
    {"a dot on a text", "Name.x = 7", ""},
    {"an unknown property", "Nothing = 1", kRefused},
    {"an unknown object", "Nothing.x = 1", kRefused},
    {"the class before the name", "Device.Id = 1", "1"},
    {"__CLASS of a subclass", "__CLASS = 'modem'", "3"},
    {"__CLASS in order", "__CLASS < 'E'", "124"},
    {"__SUPERCLASS", "__SUPERCLASS = 'Device'", "3"},
    {"__SUPERCLASS IS NULL", "__SUPERCLASS IS NULL", "124"},
    {"__DYNASTY", "__Dynasty = 'Device'", "1243"},
    {"__GENUS", "__GENUS = 2", "1243"},
    {"__DERIVATION", "__DERIVATION = 'x'", kRefused},
    {"__SERVER", "__SERVER = 'vista-01'", "1243"},
    {"__NAMESPACE", "__NAMESPACE = 'root\\\\cimv2'", "1243"},
    {"__RELPATH", "__RELPATH = 'Modem.Id=3'", "3"},
    {"__PATH", "__PATH LIKE '%:device.id=_'", "124"},
    {"an unknown system property", "__NOTHING = 1", kRefused},
    {"__this ISA", "__this ISA 'Modem'", "3"},
    {"AND before OR", "Id = 4 OR Id = 1 AND On = TRUE", "14"},
    {"a class condition decides alone", "__CLASS = 'Modem' OR Id = 1", "13"},
    {"unknown or true", "Name = 'x' OR Id = 4", "4"},
    {"unknown and false", "NOT (Name = 'x' AND Id = 1)", "1234"},
};

BOOST_AUTO_TEST_CASE(finds_the_rows_for) {
  Space space;
  for (const Row& row : kRows) BOOST_TEST_CONTEXT(row.why << ": " << row.where) {
      std::string want = row.ids, got = space.ids(row.where);
      if (want[0] != '0') std::sort(got.begin(), got.end()), std::sort(want.begin(), want.end());
      BOOST_TEST(got == want);
    }
}

BOOST_AUTO_TEST_CASE(points_at_what_the_schema_refuses) {
  Space space;
  const auto error = [&](std::string_view text) { return query(space.catalog, text).error(); };
  BOOST_TEST(value_of(error("SELECT * FROM Nowhere").code) == 0x80041010u);
  BOOST_TEST(error("SELECT * FROM Nowhere").at->offset == 14u);
  BOOST_TEST(error("SELECT Id, Bad FROM Device").token == "Bad");
  BOOST_TEST(error("SELECT Id, Bad FROM Device").at->offset == 11u);
  BOOST_TEST(error("SELECT Id FROM Device WHERE Id = 'x'").token == "'x'");
  BOOST_TEST(error("SELECT Id FROM Device WHERE Id = 1.5").at->offset == 33u);
  BOOST_TEST(error("SELECT Id FROM Device WHERE Id = ''").token == "''");
  BOOST_TEST(error("SELECT Id FROM Device WHERE Id = ''").at->offset == 33u);
  BOOST_TEST(error("SELECT Id FROM Device WHERE Tags = 'x'").token == "Tags");
}

BOOST_AUTO_TEST_CASE(projects_the_listed_properties_once) {
  Space space;
  const auto result =
      query(space.catalog, "SELECT name, ID, Name, __CLASS FROM Device WHERE Level = 5");
  BOOST_REQUIRE(result.has_value());
  BOOST_TEST(result->columns == (std::vector<std::string>{"Name", "Id", "__CLASS"}),
             boost::test_tools::per_element());
  BOOST_REQUIRE(result->rows.size() == 1u);
  BOOST_TEST(result->rows[0].get("Name").to_display() == "Beta");
  BOOST_TEST(result->rows[0].get("Level").is_null());
  BOOST_TEST(space.rows.last_wanted == (std::vector<int>{1, 0, 3}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(rows_of_subclasses_have_their_own_properties_with_star_only) {
  Space space;
  const auto all = query(space.catalog, "SELECT * FROM Device WHERE Id = 3");
  BOOST_REQUIRE(all.has_value() && all->rows.size() == 1);
  BOOST_TEST(all->rows[0].cls()->name() == "Modem");
  BOOST_TEST(all->rows[0].get("Port").to_display() == "COM3");
  BOOST_TEST(all->rows[0].relpath() == "Modem.Id=3");
  const auto some = query(space.catalog, "SELECT Name FROM Device WHERE Id = 3");
  BOOST_TEST(some->rows[0].get("Port").is_null());
  BOOST_TEST(some->rows[0].relpath() == "");
  const auto located =
      query(space.catalog, "SELECT Name FROM Device WHERE Id = 3", {.ensure_locatable = true});
  BOOST_TEST(located->rows[0].relpath() == "Modem.Id=3");
}

BOOST_AUTO_TEST_CASE(rows_give_columns_and_system_properties) {
  Space space;
  const std::string text = "SELECT Part.Count, __PATH, Id, __RELPATH FROM Device WHERE Id = 1";
  const auto parsed = wql::parse(text);
  const auto made = wql::plan(*parsed, space.catalog);
  BOOST_REQUIRE(made.has_value());
  const Caller caller;
  std::string seen;
  const auto result = wql::run(*made, space.catalog, caller.call, [&](const wql::Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i)
      seen += row.name(i) + "=" + row.value(i).to_display() + ";";
    seen += row.system("__genus").to_display();
    return true;
  });
  BOOST_TEST(result.has_value());
  BOOST_TEST(
      seen ==
      "Part.Count=7;__PATH=\\\\VISTA-01\\root\\cimv2:Device.Id=1;Id=1;__RELPATH=Device.Id=1;2");
}

// As it lies in columns of values and of dictionary entries, and where it is made first.
BOOST_AUTO_TEST_CASE(a_row_gives_its_texts_as_its_values_are) {
  Space space;
  ColumnProvider columns;
  columns.rows = space.rows.rows;
  const Caller caller;
  for (cim::Provider* const provider :
       {static_cast<cim::Provider*>(&space.rows), static_cast<cim::Provider*>(&columns)}) {
    space.catalog.providers = {{"Device", provider}, {"Modem", provider}};
    for (const char* text : {"SELECT Name, Built, __CLASS FROM Device", "SELECT * FROM Modem"}) {
      const auto made = wql::plan(*wql::parse(text), space.catalog);
      BOOST_REQUIRE(made.has_value());
      std::size_t texts = 0, empty = 0;
      BOOST_TEST(wql::run(*made, space.catalog, caller.call, [&](const wql::Row& row) {
                   Value keep;
                   for (std::size_t i = 0; i < row.size(); ++i) {
                     BOOST_TEST(row.text(i, keep) == row.value(i).as_text());
                     ++(row.value(i).as_text().empty() ? empty : texts);
                   }
                   return true;
                 }).has_value());
      BOOST_TEST(texts > 0u);
      BOOST_TEST(empty > 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_selected_path_brings_the_keys_of_each_class) {
  Space space;
  const ClassPtr root = make_class("Root", {{"Note", Type::kString}});
  const ClassPtr leaf = make_class("Leaf", {{"Key", Type::kString, true}}, root);
  space.catalog.classes = {root, leaf};
  space.catalog.providers = {{"Leaf", &space.rows}};
  Instance row(leaf);
  row.set(0, Value::text("n"));
  row.set(1, Value::text("k"));
  space.rows.rows = {row};
  const auto paths = query(space.catalog, "SELECT __RELPATH FROM Root");
  BOOST_REQUIRE(paths.has_value() && paths->rows.size() == 1);
  BOOST_TEST(paths->rows[0].relpath() == "Leaf.Key=\"k\"");
  BOOST_TEST(query(space.catalog, "SELECT Note FROM Root WHERE __RELPATH = 'leaf.key=\"K\"'")
                 ->rows.size() == 1u);
  BOOST_TEST(query(space.catalog, "SELECT Note FROM Root WHERE __RELPATH = 'leaf.key=\"x\"'")
                 ->rows.empty());
}

BOOST_AUTO_TEST_CASE(tells_the_provider_what_must_hold_and_checks_all_the_same) {
  Space space;
  BOOST_TEST(space.ids("Id = 1 AND Name LIKE 'a%' AND (Level = 5 OR Level < 0)") == "1");
  BOOST_REQUIRE(space.rows.last_pushed.size() == 2u);
  BOOST_TEST(space.rows.last_pushed[0].slot == 0);
  BOOST_TEST((space.rows.last_pushed[0].op == cim::CompareOp::kEqual));
  BOOST_TEST(space.rows.last_pushed[0].value.as_uint32() == 1u);
  BOOST_TEST((space.rows.last_pushed[1].op == cim::CompareOp::kLike));
  BOOST_TEST(space.ids("Id > 2 AND Level <= 7") == "3");
  BOOST_TEST(space.rows.last_pushed[0].value.as_uint32() == 2u);
  BOOST_TEST(space.rows.last_pushed[1].value.as_sint64() == 7);
}

BOOST_AUTO_TEST_CASE(explains_what_is_pushed_and_what_is_skipped) {
  Space space;
  const auto explain = [&](std::string_view text) {
    return wql::explain(*wql::plan(*wql::parse(text), space.catalog));
  };
  BOOST_TEST(explain("SELECT Name FROM Device WHERE Id = 1 AND NOT (Name = 'x' OR On = TRUE) AND "
                     "__CLASS='Device'") ==
             "scan Device\n"
             "  read: Name, Id, On\n"
             "  pushed: Id = 1\n"
             "  checked: Id = 1 AND NOT (Name = \"x\" OR On = TRUE)\n"
             "skip Modem: the condition never holds\n");
}

BOOST_AUTO_TEST_CASE(a_sink_stops_the_run) {
  Space space;
  space.rows.batch_rows = 1;
  const auto made = wql::plan(*wql::parse("SELECT * FROM Device"), space.catalog);
  const Caller caller;
  int rows = 0;
  BOOST_TEST(wql::run(*made, space.catalog, caller.call, [&](const wql::Row&) {
               return ++rows < 2;
             }).has_value());
  BOOST_TEST(rows == 2);
  BOOST_TEST(space.rows.batches == 2);
}

struct Schema {
  const char* where;
  const char* names;
};

const Schema kSchema[] = {
    {"", "Device Modem Piece "},
    {" WHERE __this ISA 'Device'", "Device Modem "},
    {" WHERE NOT __this ISA 'device' ", "Piece "},
    {" WHERE __CLASS = 'modem'", "Modem "},
    {" WHERE __CLASS LIKE '%e%' AND NOT __CLASS = 'Piece'", "Device Modem "},
    {" WHERE __SUPERCLASS IS NULL", "Device Piece "},
    {" WHERE __SUPERCLASS = 'Device'", "Modem "},
    {" WHERE __DYNASTY = 'Device'", "Device Modem "},
    {" WHERE __GENUS = 1 AND __CLASS < 'E'", "Device "},
};

BOOST_AUTO_TEST_CASE(schema_queries_answer_classes) {
  Space space;
  for (const Schema& row : kSchema) BOOST_TEST_CONTEXT(row.where) {
      const auto result = query(space.catalog, "SELECT * FROM meta_class" + std::string(row.where));
      BOOST_REQUIRE(result.has_value());
      std::string names;
      for (const ClassPtr& cls : result->classes) names += cls->name() + " ";
      BOOST_TEST(names == row.names);
    }
}

BOOST_AUTO_TEST_CASE(event_queries_are_not_data_queries) {
  Space space;
  BOOST_TEST(value_of(query(space.catalog, "SELECT * FROM Device WITHIN 5").error().code) ==
             0x80041017u);
}

BOOST_AUTO_TEST_SUITE_END()
