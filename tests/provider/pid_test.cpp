#include "provider/pid.hpp"

#include <boost/test/unit_test.hpp>

namespace slwmi::licensing {
namespace {

BOOST_AUTO_TEST_SUITE(extended_product_ids)

BOOST_AUTO_TEST_CASE(have_the_documented_fields) {
  PidFields fields;
  fields.key = {140, 9'000'002};
  fields.channel = Channel::kKmsClient;
  fields.os = {6, 0, 6001};
  fields.installed = *from_civil({2008, 3, 1, 23, 59});
  const std::string pid = extended_product_id(fields);
  BOOST_TEST(pid == "70007-00140-009-000002-03-1033-6001.0000-0612008");
  BOOST_TEST(pid.size() == 48u);  // as the guide's RPC example
  fields.channel = Channel::kOemSlp;
  fields.installed = *from_civil({2007, 12, 31});
  BOOST_TEST(extended_product_id(fields) == "70007-00140-009-000002-02-1033-6001.0000-3652007");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
