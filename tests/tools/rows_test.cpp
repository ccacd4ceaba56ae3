#include "tools/cli/rows.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using slwmi::tools::Cell;
using slwmi::tools::Format;
using slwmi::tools::Record;
using slwmi::tools::RowPrinter;
using slwmi::tools::RowStyle;
using slwmi::tools::Writer;

Cell array(std::vector<Cell> items) {
  Cell cell;
  cell.kind = Cell::Kind::kArray;
  cell.items = std::move(items);
  return cell;
}

std::string print(const std::vector<Record>& records, Format format, bool chosen = true,
                  int columns = 80) {
  Writer out;
  RowStyle style;
  style.format = format;
  style.chosen = chosen;
  style.columns = columns;
  RowPrinter rows(out, style);
  for (const Record& record : records) rows.add(record);
  rows.finish();
  return out.text();
}

const std::vector<Record> kTwo = {
    {{"Name", "Vista"},
     {"Status", Cell::number(std::uint64_t{1})},
     {"Addon", Cell::boolean(false)},
     {"Url", Cell()}},
    {{"Name", "a,\"b\""},
     {"Status", Cell::number(std::uint64_t{20})},
     {"Addon", Cell::boolean(true)},
     {"Url", ""}},
};

BOOST_AUTO_TEST_SUITE(rows)

BOOST_AUTO_TEST_CASE(a_list_aligns_names_and_parts_rows_by_a_blank_line) {
  BOOST_TEST(print(kTwo, Format::kList) ==
             "Name   : Vista\nStatus : 1\nAddon  : FALSE\nUrl    :\n\n"
             "Name   : a,\"b\"\nStatus : 20\nAddon  : TRUE\nUrl    :\n");
}

BOOST_AUTO_TEST_CASE(a_list_indents_the_further_lines_of_a_text) {
  BOOST_TEST(print({{{"A", "1\n2"}}}, Format::kList) == "A : 1\n    2\n");
}

BOOST_AUTO_TEST_CASE(a_table_has_a_head_and_numbers_to_the_right) {
  BOOST_TEST(print(kTwo, Format::kTable) ==
             "Name  Status Addon Url\n"
             "----  ------ ----- ---\n"
             "Vista      1 FALSE\n"
             "a,\"b\"     20 TRUE\n");
}

BOOST_AUTO_TEST_CASE(a_table_that_nobody_asked_for_and_does_not_fit_becomes_a_list) {
  BOOST_TEST(print({{{"A", "12345"}}}, Format::kTable, false, 4) == "A : 12345\n");
  BOOST_TEST(print({{{"A", "12345"}}}, Format::kTable, true, 4) == "A\n-\n12345\n");
}

BOOST_AUTO_TEST_CASE(csv_quotes_what_needs_it_and_tells_null_from_empty) {
  BOOST_TEST(print(kTwo, Format::kCsv) ==
             "Name,Status,Addon,Url\nVista,1,FALSE,\n\"a,\"\"b\"\"\",20,TRUE,\"\"\n");
}

BOOST_AUTO_TEST_CASE(json_keeps_types_and_nulls) {
  BOOST_TEST(print(kTwo, Format::kJson) ==
             "[\n  {\"Name\":\"Vista\",\"Status\":1,\"Addon\":false,\"Url\":null},\n"
             "  {\"Name\":\"a,\\\"b\\\"\",\"Status\":20,\"Addon\":true,\"Url\":\"\"}\n]\n");
  BOOST_TEST(print({{{"A", array({Cell("x"), Cell::number(std::uint64_t{2}), Cell()})}}},
                   Format::kJson) == "[\n  {\"A\":[\"x\",2,null]}\n]\n");
}

BOOST_AUTO_TEST_CASE(no_rows_are_nothing_or_an_empty_array) {
  BOOST_TEST(print({}, Format::kList).empty());
  BOOST_TEST(print({}, Format::kTable).empty());
  BOOST_TEST(print({}, Format::kCsv).empty());
  BOOST_TEST(print({}, Format::kJson) == "[]\n");
}

BOOST_AUTO_TEST_CASE(rows_of_different_classes_share_one_head) {
  const std::vector<Record> mixed = {{{"A", "1"}, {"B", "2"}}, {{"A", "3"}, {"C", "4"}}};
  BOOST_TEST(print(mixed, Format::kCsv) == "A,B,C\n1,2,\n3,,4\n");
  BOOST_TEST(print(mixed, Format::kTable) == "A B C\n- - -\n1 2\n3   4\n");
}

BOOST_AUTO_TEST_CASE(lone_surrogates_leave_as_the_replacement_character) {
  const std::string lone = "a\xED\xA0\x80z";
  BOOST_TEST(print({{{"A", lone}}}, Format::kJson) == "[\n  {\"A\":\"a\xEF\xBF\xBDz\"}\n]\n");
  BOOST_TEST(slwmi::tools::printable(lone, false) == "a\xEF\xBF\xBDz");
}

BOOST_AUTO_TEST_CASE(control_characters_do_not_reach_a_table) {
  BOOST_TEST(print({{{"A", "x\x1b[31m\ny"}}}, Format::kTable) == "A\n-\nx\\x1b[31m y\n");
}

BOOST_AUTO_TEST_CASE(arrays_and_objects_show_in_one_line) {
  Cell object;
  object.kind = Cell::Kind::kObject;
  object.names = {"Day"};
  object.items = {Cell::number(std::uint64_t{3})};
  BOOST_TEST(plain_text(array({Cell("a"), object})) == "{a, {Day=3}}");
  BOOST_TEST(json_text(array({Cell("a"), object})) == "[\"a\",{\"Day\":3}]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
