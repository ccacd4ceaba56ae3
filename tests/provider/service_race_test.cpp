// Two calls of one machine's licensing service at once: no decision is written over what it did not
// see.
#include <functional>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using test::TestMachine;

// Lets somebody else act before it answers the n-th question for the present state.
class Meddled final : public reg::Store {
 public:
  Meddled(std::shared_ptr<reg::Store> store, int n, std::function<void()> act)
      : store_(std::move(store)), left_(n), act_(std::move(act)) {}
  Result<reg::HiveView> view() override {
    if (left_ > 0 && --left_ == 0) act_();
    return store_->view();
  }
  Result<reg::Generation> commit(const reg::ChangeSet& changes) override {
    return store_->commit(changes);
  }
  bool met() const { return left_ == 0; }

 private:
  std::shared_ptr<reg::Store> store_;
  int left_;
  std::function<void()> act_;
};

BOOST_AUTO_TEST_SUITE(service_race)

BOOST_AUTO_TEST_CASE(every_reset_is_counted_whenever_another_comes_between) {
  int conflicts = 0, moments = 0;
  for (int n = 1; n < 20; ++n) {
    BOOST_TEST_CONTEXT("before question " << n) {
      TestMachine m;
      Host other = m.host;
      const auto meddled = std::make_shared<Meddled>(
          m.store, n, [&] { BOOST_TEST(Service(other, m.clock).generalized().has_value()); });
      m.host.store = meddled;
      const auto done = m.service().generalized();
      if (!meddled->met()) continue;
      ++moments;
      if (!done) BOOST_TEST(done.error().code == HResult::kErrorTransactionalConflict);
      conflicts += done ? 0 : 1;
      m.host.store = m.store;
      BOOST_TEST(m.license().rearms_used == (done ? 2u : 1u));
    }
  }
  BOOST_TEST(conflicts >= 1);
  BOOST_TEST(moments >= 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
