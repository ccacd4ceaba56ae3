// A machine in memory that keeps what its licensing service writes to the event logs.
#pragma once

#include <string>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "provider/event_book.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing::test {

class Names final : public EventNames {
 public:
  std::string_view computer(std::uint32_t machine, FileTime) const override {
    return machine == 0 ? "PC1.contoso.com" : "KMS1.contoso.com";
  }
  std::string_view product(std::uint16_t, std::uint32_t) const override { return "ACTID"; }
};

// A machine whose commits are listened to.
struct Logged : TestMachine {
  explicit Logged(Profile profile = {}) : TestMachine(std::move(profile)) {
    store->observe([this](const reg::ChangeSet& changes, reg::Generation) {
      for (const Bytes& bytes : changes.events) BOOST_TEST(book.add(bytes).has_value());
    });
  }

  // What was written since the last call: "1016 ...; 1025 ...; " with short IDs.
  std::string news() {
    std::string out;
    for (const auto& item : book.log(EventLog::kApplication).kept()) {
      if (item.number <= seen) continue;
      seen = item.number;
      const EventRecord record = read_record(item.line, item.number, names);
      BOOST_TEST(record.time.ticks == clock.now().ticks);
      out += std::to_string(record.id());
      for (std::string text : record.parameters) {
        if (parse_guid(text)) text = "ID";
        if (text.find(", 0x") != std::string::npos) text = "ID" + text.substr(36);
        out += " " + text;
      }
      out += "; ";
    }
    return out;
  }

  Names names;
  LogBook book{0, {}, names};
  std::uint64_t seen = 0;
};

}  // namespace slwmi::licensing::test
