#include "base/bytes.hpp"

#include <boost/test/unit_test.hpp>

#include "base/function_ref.hpp"
#include "base/text.hpp"

using namespace slwmi;

namespace {
int apply(FunctionRef<int(int)> f) { return f(20); }
int add_two(int x) { return x + 2; }
}  // namespace

BOOST_AUTO_TEST_SUITE(bytes)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_little_endian) {
  ByteWriter out;
  out.u8(1);
  out.u16(0x0203);
  out.u32(0x04050607);
  out.u64(0x08090A0B0C0D0E0F);
  out.bytes("abc");
  out.align(8);
  out.patch_u32(3, 7);
  BOOST_TEST(to_hex(out.data()) == "010302070000000f0e0d0c0b0a0908616263000000000000");
  ByteReader in(out.data());
  BOOST_TEST(in.u8() == 1u);
  BOOST_TEST(in.u16() == 0x0203u);
  BOOST_TEST(in.u32() == 7u);
  BOOST_TEST(in.u64() == 0x08090A0B0C0D0E0Fu);
  BOOST_TEST(as_text(in.span(3)) == "abc");
  BOOST_TEST(in.skip(6));
  BOOST_TEST(in.at_end());
  BOOST_TEST(in.ok());
}

BOOST_AUTO_TEST_CASE(reading_past_the_end_fails_for_good_and_remembers_where) {
  const std::string data = "abcde";
  ByteReader in(as_bytes(data));
  in.u32();
  BOOST_TEST(in.u16() == 0u);
  BOOST_TEST(!in.ok());
  BOOST_TEST(in.position() == 4u);
  BOOST_TEST(in.u8() == 0u);
  BOOST_TEST(in.span(0).empty());
  BOOST_TEST(in.remaining() == 0u);
  BOOST_TEST(!in.seek(0));
}

BOOST_AUTO_TEST_CASE(numbers_take_a_byte_for_seven_bits) {
  const struct {
    std::uint64_t number;
    const char* bytes;
  } kNumbers[] = {
      {0, "00"},        {0x7F, "7f"},       {0x80, "8001"},
      {0x3FFF, "ff7f"}, {0x4000, "808001"}, {0xFFFFFFFFFFFFFFFF, "ffffffffffffffffff01"},
  };
  for (const auto& each : kNumbers) {
    ByteWriter out;
    out.varint(each.number);
    BOOST_TEST(to_hex(out.data()) == each.bytes);
    ByteReader in(out.data());
    BOOST_TEST(in.varint() == each.number);
    BOOST_TEST(in.at_end());
    ByteReader cut(out.data().first(out.position() - 1));
    BOOST_TEST(cut.varint() == 0u);
    BOOST_TEST(!cut.ok());
    BOOST_TEST(cut.position() == 0u);
  }
  for (const char* bad : {"ffffffffffffffffff02", "ffffffffffffffffffff01"}) {
    const Bytes bytes = *from_hex(bad);
    ByteReader in(bytes);
    BOOST_TEST(in.varint() == 0u, bad);
    BOOST_TEST(!in.ok(), bad);
  }
}

BOOST_AUTO_TEST_CASE(sizes_near_the_limit_do_not_overflow) {
  ByteReader in(as_bytes("abc"));
  in.u8();
  BOOST_TEST(!in.need(static_cast<std::size_t>(-1)));
  ByteReader other(as_bytes("abc"));
  BOOST_TEST(!other.skip(static_cast<std::size_t>(-2)));
  ByteReader third(as_bytes("abc"));
  BOOST_TEST(third.skip(0));
  BOOST_TEST(third.seek(3));
  BOOST_TEST(!third.seek(4));
}

BOOST_AUTO_TEST_CASE(a_function_ref_calls_lambdas_functions_and_members_of_const_objects) {
  int calls = 0;
  BOOST_TEST(apply([&](int x) { return ++calls + x; }) == 21);
  BOOST_TEST(calls == 1);
  BOOST_TEST(apply(add_two) == 22);
  BOOST_TEST(apply(&add_two) == 22);
  const auto constant = [](int x) { return x; };
  BOOST_TEST(apply(constant) == 20);
}

BOOST_AUTO_TEST_SUITE_END()
