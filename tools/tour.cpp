// `slwmi tour`: what a newcomer wants to see, in a world of its own. Each step runs the command
// that it shows.
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/cli/invocation.hpp"
#include "tools/cli/slwmi.hpp"
#include "tools/commands.hpp"

namespace slwmi::tools {
namespace {

constexpr std::string_view kPolicy = R"({
  "policy": "kms-clients",
  "description": "KMS clients renew every two days and use our own host",
  "settings": {
    "VLRenewalInterval": "2 days",
    "VLActivationInterval": "1 hour",
    "KeyManagementServiceName": "kms.contoso.com"
  }
}
)";

// A folder that goes away with its files.
class Folder {
 public:
  Folder() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr && *base == '/' ? base : "/tmp") + "/slwmi-tour-XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (path_.empty()) return;
    for (const char* name : {"tour.slwmi", "tour.slwmi-wal", "tour.slwmi-shm", "tour.slwmi-lock",
                             "fleet.slwmi", "fleet.slwmi-wal", "fleet.slwmi-shm",
                             "fleet.slwmi-lock", "kms-clients.json", "fleet.json"}) {
      ::unlink((path_ + "/" + name).c_str());
    }
    ::rmdir(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string shell_word(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \\\"'()<>|&;*?$`#") == std::string::npos) return word;
  if (word.find('\'') == std::string::npos) return "'" + word + "'";
  return "\"" + word + "\"";
}

class Tour {
 public:
  Tour(Invocation& in, std::string folder) : in_(in), folder_(std::move(folder)) {}

  void title(std::string_view text) {
    in_.out() << '\n'
              << (in_.colored() ? "\x1b[1m" : "") << text << (in_.colored() ? "\x1b[0m" : "")
              << "\n";
  }
  void say(std::string_view text) { in_.out() << (text.empty() ? "" : "  ") << text << '\n'; }

  // Runs a command, shows it and what it prints.
  bool show(const std::vector<std::string>& words, int expected = kDone) {
    in_.out() << "\n  " << (in_.colored() ? "\x1b[36m" : "") << "$ slwmi";
    for (const std::string& word : words) in_.out() << ' ' << shell_word(word);
    in_.out() << (in_.colored() ? "\x1b[0m" : "") << '\n';
    Writer out;
    Writer err;
    const int code = run(words, out, err);
    indent(out.text());
    indent(err.text());
    in_.out().flush();
    return check(words, code, expected, "");
  }

  // Runs a command in silence and says how long it took.
  bool time(std::string_view what, const std::vector<std::string>& words) {
    Writer out;
    Writer err;
    const auto started = std::chrono::steady_clock::now();
    const int code = run(words, out, err);
    const auto took = std::chrono::steady_clock::now() - started;
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
    std::string number =
        std::to_string(microseconds / 1000) + "." + std::to_string(microseconds / 100 % 10);
    in_.out() << "  " << what << std::string(what.size() < 58 ? 58 - what.size() : 1, ' ')
              << std::string(number.size() < 8 ? 8 - number.size() : 0, ' ') << number << " ms\n";
    in_.out().flush();
    return check(words, code, kDone, err.text());
  }

  void use_world(const char* name) { world_ = folder_ + "/" + name; }
  bool write(const char* name, std::string_view text) {
    return write_file(folder_ + "/" + name, text).has_value();
  }
  std::string file(const char* name) const { return folder_ + "/" + name; }

 private:
  int run(std::vector<std::string> words, Writer& out, Writer& err) {
    // Files are shown by their names and lie in the tour's folder.
    for (std::string& word : words) {
      if (word.size() > 5 && word.ends_with(".json")) word.insert(0, folder_ + "/");
    }
    const auto environment = [this](const char* name) -> const char* {
      if (std::strcmp(name, "SLWMI_WORLD") == 0) return world_.c_str();
      return std::strcmp(name, "NO_COLOR") == 0 ? "1" : nullptr;
    };
    const auto input = [] { return std::string(); };
    return run_slwmi(words, Surroundings{out, err, environment, input, true, false, 90});
  }

  // What a command printed, without blank lines at its ends and without the name of the tour's
  // folder.
  void indent(std::string_view printed) {
    std::string text(printed);
    for (std::size_t at = text.find(folder_ + "/"); at != std::string::npos;
         at = text.find(folder_ + "/")) {
      text.erase(at, folder_.size() + 1);
    }
    const std::size_t begin = text.find_first_not_of('\n');
    if (begin == std::string::npos) return;
    std::string_view left =
        std::string_view(text).substr(begin, text.find_last_not_of('\n') + 1 - begin);
    while (!left.empty()) {
      const std::size_t end = std::min(left.find('\n'), left.size());
      in_.out() << (end == 0 ? "" : "    ") << left.substr(0, end) << '\n';
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }

  bool check(const std::vector<std::string>& words, int code, int expected,
             std::string_view complaint) {
    if (code == expected) return true;
    in_.err() << complaint << "slwmi: the tour expected \"" << words[0] << "\" to end with "
              << std::to_string(expected) << ", not " << std::to_string(code) << '\n';
    return false;
  }

  Invocation& in_;
  std::string folder_;
  std::string world_;
};

constexpr const char* kService = "SoftwareLicensingService";
constexpr const char* kProducts =
    "SELECT Name, LicenseStatus, GracePeriodRemaining FROM SoftwareLicensingProduct "
    "WHERE PartialProductKey IS NOT NULL";
constexpr const char* kSettings =
    "SELECT KeyManagementServiceMachine, VLActivationInterval, VLRenewalInterval FROM "
    "SoftwareLicensingService";
constexpr const char* kKey = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
constexpr int kFleet = 10000;

// 50 settings: the named ones and registry values of a company's own.
std::string fleet_policy() {
  std::string text =
      "{\"policy\": \"fleet\", \"settings\": {\"VLRenewalInterval\": \"2 days\", "
      "\"VLActivationInterval\": \"1 hour\"},\n"
      " \"registry\": [\n";
  for (int i = 1; i <= 48; ++i) {
    text += "  {\"key\": \"HKLM\\\\SOFTWARE\\\\Policies\\\\Contoso\", \"value\": \"Setting" +
            std::to_string(i) + "\", \"type\": \"REG_DWORD\", \"data\": " + std::to_string(i) +
            (i < 48 ? "},\n" : "}\n");
  }
  return text + "]}\n";
}

bool one_machine(Tour& tour) {
  tour.use_world("tour.slwmi");
  if (!tour.write("kms-clients.json", kPolicy)) return false;
  tour.title("1. A machine");
  tour.say("PC1 runs Windows Vista Enterprise with SP1 and is a KMS client. It answers WQL.");
  if (!tour.show({"world", "create", "PC1"}) || !tour.show({"query", kProducts})) return false;

  tour.title("2. Who may do what");
  tour.say("A standard user reads everything and changes nothing; an elevated administrator may.");
  const std::vector<std::string> call = {"call", kService, "SetKeyManagementServiceMachine",
                                         "MachineName=kms.fabrikam.com"};
  std::vector<std::string> denied = {"--as", "standard"};
  denied.insert(denied.end(), call.begin(), call.end());
  if (!tour.show(denied, kFailed) || !tour.show(call)) return false;
  tour.say("");
  tour.say("The value lies where Windows keeps it:");
  if (!tour.show({"reg", "query", kKey, "/v", "KeyManagementServiceName"})) return false;

  tour.title("3. A policy");
  tour.say(
      "kms-clients.json names three settings. The plan says what they change; a push changes it at "
      "once.");
  if (!tour.show({"policy", "plan", "kms-clients.json", "PC1"}, kDifferent)) return false;
  if (!tour.show({"policy", "apply", "kms-clients.json", "PC1"}) ||
      !tour.show({"query", kSettings}))
    return false;
  tour.say("");
  tour.say("Taking it away shows what lay below.");
  return tour.show({"policy", "remove", "kms-clients", "PC1"}) && tour.show({"query", kSettings});
}

bool time_passes(Tour& tour) {
  tour.title("4. A month later");
  tour.say("Time moves only when it is told to. No KMS host was found in 31 days.");
  return tour.show({"clock", "advance", "31d"}) && tour.show({"query", kProducts}) &&
         tour.show({"slmgr", "/dli"}) && tour.show({"explain", "0xC004F009"});
}

bool ten_thousand_machines(Tour& tour) {
  tour.use_world("fleet.slwmi");
  if (!tour.write("fleet.json", fleet_policy())) return false;
  tour.title("5. Ten thousand machines");
  tour.say("Another world; each line is one command, from start to end, and what it wrote lasts.");
  tour.say("");
  const std::string count = std::to_string(kFleet);
  return tour.time("make the world", {"world", "create"}) &&
         tour.time("add " + count + " machines", {"machine", "add", "PC", "--count", count}) &&
         tour.time("push 50 settings to all of them", {"policy", "apply", "fleet.json", "all"}) &&
         tour.time("ask PC09999 for its renewal interval",
                   {"-m", "PC09999", "get", kService, "VLRenewalInterval", "--value"}) &&
         tour.time("take the policy from all of them", {"policy", "remove", "fleet", "all"});
}

Outcome run_tour(Invocation& in) {
  const Folder folder;
  if (folder.path().empty()) return fail(HResult::kEAccessdenied, "cannot make a temporary folder");
  Tour tour(in, folder.path());
  in.out() << "A short tour of slwmi, in worlds of its own that are deleted afterwards.\n";
  if (!one_machine(tour) || !time_passes(tour) || !ten_thousand_machines(tour)) return kFailed;
  tour.title("Where to go from here");
  tour.say("slwmi --help                           the commands; each has --help with examples");
  tour.say("slwmi machine add PC1                  a machine in a world of your own");
  tour.say(
      "slwmi class SoftwareLicensingService   what the class declares: units, ranges, sources");
  return kDone;
}

constexpr Command kCommands[] = {
    {"",
     "a short guided tour in a world of its own",
     {},
     {},
     "Queries, a denied call, an accepted one, a policy and its effect; then the same for 10,000 "
     "machines, with "
     "timings. Your worlds are not touched.",
     "slwmi tour",
     run_tour},
};

}  // namespace

constexpr Group kTour{"tour", "a short guided tour in a world of its own", kCommands};

}  // namespace slwmi::tools
