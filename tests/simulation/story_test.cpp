// A machine's story with what repeats itself told once.
#include "world/simulation/story.hpp"

#include <boost/test/unit_test.hpp>

#include "base/text.hpp"

using namespace slwmi;
using namespace slwmi::world::simulation;

namespace {

// "a" succeeds, "a!" fails with RPC_S_SERVER_UNAVAILABLE, "a?" with DNS_ERROR_RCODE_NAME_ERROR; in
// upper case in another state. Lines are a minute apart.
std::vector<StoryLine> story(std::string_view text) {
  std::vector<StoryLine> out;
  while (!text.empty()) {
    StoryLine line;
    line.at = FileTime{} + minutes(static_cast<std::int64_t>(out.size()));
    line.what = ascii_lower(text.substr(0, 1));
    line.state = line.what[0] == text[0] ? "licensed" : "notification";
    line.detail = line.state;
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '!' || text[0] == '?')) {
      line.result =
          text[0] == '!' ? HResult::kRpcSServerUnavailable : HResult::kDnsErrorRcodeNameError;
      line.detail += ", " + std::to_string(out.size()) + " left";
      text.remove_prefix(1);
    }
    out.push_back(std::move(line));
  }
  return out;
}

// "0 a, 1-4 b! x3": minutes, what, and how often.
std::string told(std::string_view text) {
  const auto minute = [](FileTime at) { return std::to_string(whole_minutes(at - FileTime{})); };
  std::string out;
  for (const StoryLine& line : folded(story(text))) {
    out += (out.empty() ? "" : ", ") + minute(line.at);
    if (line.times > 1) out += "-" + minute(line.until);
    out += " " + (line.state == "licensed" ? line.what : ascii_upper(line.what));
    if (failed(line.result)) out += line.result == HResult::kRpcSServerUnavailable ? "!" : "?";
    if (line.times > 1) out += " x" + std::to_string(line.times);
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stories)

BOOST_AUTO_TEST_CASE(are_told_with_what_repeats_itself_once) {
  struct {
    const char* what;
    const char* story;
    const char* told;
  } const kStories[] = {
      {"nothing", "", ""},
      {"one failure", "a!", "0 a!"},
      {"failures one after another", "ba!a!a!b", "0 b, 1-3 a! x3, 4 b"},
      {"two hosts in turn", "a!b!b!a!a!", "0-4 a! x3, 1-2 b! x2"},
      {"another error counts for itself", "a!a?a!a?", "0-2 a! x2, 1-3 a? x2"},
      {"a success ends them", "a!a!ba!a!", "0-1 a! x2, 2 b, 3-4 a! x2"},
      {"another state ends them", "a!a!A!A!", "0-1 a! x2, 2-3 A! x2"},
      {"they end for good", "a!b!ca!", "0 a!, 1 b!, 2 c, 3 a!"},
      {"equal successes that follow each other", "aaab", "0-2 a x3, 3 b"},
      {"successes in turn stay", "abab", "0 a, 1 b, 2 a, 3 b"},
      {"a success is no failure of the same name", "aa!a", "0 a, 1 a!, 2 a"},
  };
  for (const auto& row : kStories)
    BOOST_TEST_CONTEXT(row.what) BOOST_TEST(told(row.story) == row.told);
}

BOOST_AUTO_TEST_SUITE_END()
