// ASSOCIATORS OF and REFERENCES OF over a small namespace of disks, partitions and drives.
#include <boost/test/unit_test.hpp>

#include "tests/query/fixture.hpp"

using namespace slwmi;
using namespace slwmi::wql::test;

namespace {

struct Space {
  ClassPtr device = make_class("Device", {{"Id", Type::kString, true}, {"Size", Type::kUint32}});
  ClassPtr disk = make_class("Disk", {}, device, {"dynamic"});
  ClassPtr partition = make_class("Partition", {}, device);
  ClassPtr link = make_class("DiskToPartition",
                             {{"Antecedent", Type::kReference, true, false, "Disk"},
                              {"Dependent", Type::kReference, true, false, "Partition"},
                              {"Note", Type::kString}},
                             nullptr, {"association"});
  ClassPtr twin = make_class("Twins",
                             {{"A", Type::kReference, true, false, "Device"},
                              {"B", Type::kReference, true, false, "Device"}},
                             nullptr, {"association", "special"});
  RowProvider rows;
  TestCatalog catalog;

  Space() {
    catalog.classes = {device, disk, partition, link, twin};
    for (const ClassPtr& cls : catalog.classes) catalog.providers[cls->name()] = &rows;
    add(disk, "C:", 10);
    add(disk, "D:", 20);
    add(partition, "p1", 1);
    add(partition, "p2", 2);
    tie(link, "Disk.Id=\"C:\"", "\\\\.\\root\\cimv2:Partition=\"P1\"");
    tie(link, "disk.id=\"c:\"", "Partition.Id=\"p2\"");
    tie(link, "Disk.Id=\"D:\"", "Partition.Id=\"p2\"");
    tie(link, "Disk.Id=\"D:\"", "Partition.Id=\"gone\"");
    tie(link, "Disk.Id=\"D:\"", "\\\\ELSEWHERE\\root\\cimv2:Partition.Id=\"p1\"");
    tie(link, "\\\\.\\root\\other:Disk.Id=\"D:\"", "Partition.Id=\"p1\"");
    tie(twin, "Disk.Id=\"C:\"", "Disk.Id=\"D:\"");
  }
  void add(const ClassPtr& cls, const char* id, std::uint32_t size) {
    Instance row(cls);
    row.set(0, Value::text(id));
    row.set(1, Value::uint32(size));
    rows.rows.push_back(row);
  }
  void tie(const ClassPtr& cls, const char* a, const char* b) {
    Instance row(cls);
    row.set(0, Value::text(a, Type::kReference));
    row.set(1, Value::text(b, Type::kReference));
    rows.rows.push_back(row);
  }

  std::string answer(const std::string& text) {
    const auto result = query(catalog, text);
    if (!result) return to_hex(result.error().code);
    std::string out;
    for (const ClassPtr& cls : result->classes) out += cls->name() + " ";
    for (const Instance& row : result->rows) {
      out += row.cls() == link || row.cls() == twin
                 ? row.cls()->name()
                 : row.at(0).to_display() + row.at(1).to_display();
      out += " ";
    }
    return out;
  }
};

struct Row {
  const char* why;
  const char* text;
  const char* answer;
};

const Row kRows[] = {
    {"all that is tied to it", "ASSOCIATORS OF {Disk.Id='C:'}", "p11 p22 D:20 "},
    {"the short path", "ASSOCIATORS OF {Disk=\"c:\"}", "p11 p22 D:20 "},
    {"what is gone is left out", "ASSOCIATORS OF {Disk='D:'} WHERE ResultClass = Partition",
     "p22 "},
    {"in both directions", "ASSOCIATORS OF {Partition='p2'}", "C:10 D:20 "},
    {"one association class", "ASSOCIATORS OF {Disk='C:'} WHERE AssocClass = Twins", "D:20 "},
    {"a role", "ASSOCIATORS OF {Disk='D:'} WHERE Role = B", "C:10 "},
    {"a role it does not play", "ASSOCIATORS OF {Disk='C:'} WHERE Role = Dependent", ""},
    {"a role of the result", "ASSOCIATORS OF {Disk='C:'} WHERE ResultRole = Dependent", "p11 p22 "},
    {"a superclass as result class", "ASSOCIATORS OF {Disk='C:'} WHERE ResultClass = Device",
     "p11 p22 D:20 "},
    {"a qualifier of the result", "ASSOCIATORS OF {Disk='C:'} WHERE RequiredQualifier = dynamic",
     "D:20 "},
    {"a qualifier of the association",
     "ASSOCIATORS OF {Disk='C:'} WHERE RequiredAssocQualifier = Special", "D:20 "},
    {"classes instead of instances", "ASSOCIATORS OF {Disk='C:'} WHERE ClassDefsOnly",
     "Partition Disk "},
    {"only keys", "ASSOCIATORS OF {Disk='C:'} WHERE KeysOnly AssocClass = Twins", "D: "},
    {"references", "REFERENCES OF {Disk='C:'}", "DiskToPartition DiskToPartition Twins "},
    {"references of one class", "REFERENCES OF {Disk='C:'} WHERE ResultClass = Twins", "Twins "},
    {"references by role", "REFERENCES OF {Disk='D:'} WHERE Role = A", ""},
    {"references by qualifier", "REFERENCES OF {Disk='D:'} WHERE RequiredQualifier = special",
     "Twins "},
    {"references as classes", "REFERENCES OF {Disk='C:'} WHERE ClassDefsOnly",
     "DiskToPartition Twins "},
    {"what a class is tied to", "ASSOCIATORS OF {Disk} WHERE SchemaOnly", "Partition Device "},
    {"the associations of a class", "REFERENCES OF {Partition} WHERE SchemaOnly",
     "DiskToPartition Twins "},
    {"no such instance", "ASSOCIATORS OF {Disk='X:'}", "0x80041002"},
    {"a source on this computer",
     "ASSOCIATORS OF {\\\\vista-01\\root\\cimv2:Disk='C:'} WHERE AssocClass = Twins", "D:20 "},
    {"a source on another computer", "ASSOCIATORS OF {\\\\PC2\\root\\cimv2:Disk='C:'}",
     "0x8004103A"},
    {"a source in another namespace", "REFERENCES OF {root\\default:Disk='C:'}", "0x8004103A"},
    {"no such class", "ASSOCIATORS OF {Nothing='X:'}", "0x80041010"},
    {"a bad path", "ASSOCIATORS OF {Disk.=}", "0x8004103A"},
    {"another key", "ASSOCIATORS OF {Disk.Size=5}", "0x8004103A"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wql_associations)

BOOST_AUTO_TEST_CASE(answers) {
  Space space;
  for (const Row& row : kRows) {
    BOOST_TEST_CONTEXT(row.why << ": " << row.text) {
      BOOST_TEST(space.answer(row.text) == row.answer);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_reference_compares_as_the_object_it_names) {
  Space space;
  const auto count = [&](const std::string& text) {
    return query(space.catalog, text)->rows.size();
  };
  BOOST_TEST(count("SELECT * FROM DiskToPartition WHERE Dependent = 'Partition=\"p1\"'") == 3u);
  BOOST_TEST(count("SELECT * FROM DiskToPartition WHERE Antecedent = 'DISK.ID=\"C:\"'") == 2u);
  BOOST_TEST(count("SELECT * FROM DiskToPartition WHERE Antecedent <> 'DISK.ID=\"C:\"'") == 4u);
  const std::string elsewhere = "SELECT * FROM DiskToPartition WHERE Dependent = '\\\\\\\\";
  BOOST_TEST(count(elsewhere + "ELSEWHERE\\\\root\\\\cimv2:Partition=\"p1\"'") == 3u);
  BOOST_TEST(count(elsewhere + "NOWHERE\\\\root\\\\cimv2:Partition=\"p1\"'") == 2u);
}

BOOST_AUTO_TEST_CASE(explains_which_associations_are_read) {
  Space space;
  const auto made =
      wql::plan(*wql::parse("ASSOCIATORS OF {Partition='p1'} WHERE AssocClass=DiskToPartition"),
                space.catalog);
  BOOST_TEST(wql::explain(*made) ==
             "scan DiskToPartition\n  from: Dependent\n  to: Antecedent, Dependent\n");
}

BOOST_AUTO_TEST_SUITE_END()
