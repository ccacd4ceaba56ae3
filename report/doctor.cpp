#include "report/doctor.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "provider/explain.hpp"
#include "report/reports.hpp"

namespace slwmi::report {
namespace {

using licensing::Channel;
using licensing::ExchangePart;
using licensing::KmsExchange;
using licensing::LicenseStatus;
using world::net::Cause;
using Verdict = Finding::Kind;

constexpr IssueRow kRows[kIssues] = {
    {Issue::kKmsActivated, 1, 1, "Is the computer activated?"},
    {Issue::kKmsWillNotActivate, 1, 2, "Why does it not activate?"},
    {Issue::kKmsErrorCode, 1, 3, "What does the error code mean?"},
    {Issue::kNotCounted, 1, 4, "Does the KMS host count each client?"},
    {Issue::kNoDynamicDns, 1, 5, "Does DNS take the service records of KMS hosts?"},
    {Issue::kOnlyFirstHost, 1, 6, "Does DNS take those of the second host, too?"},
    {Issue::kKmsKeyOnClient, 1, 7, "Is a KMS key on a machine that is to be a client?"},
    {Issue::kMakActivated, 2, 1, "Is the computer activated?"},
    {Issue::kMakNoInternet, 2, 2, "Why does it not activate over the Internet?"},
    {Issue::kMakBothFail, 2, 3, "Why is it refused online and by telephone?"},
    {Issue::kMakErrorCode, 2, 4, "What does the error code mean?"},
};

std::string with_port(const std::string& name, std::uint16_t port) {
  return name + ":" + std::to_string(port);
}

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i)
    out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMost) out += " and " + std::to_string(names.size() - kMost) + " more";
  return out;
}

bool is_licensed(const DoctorFacts& facts) {
  return facts.status.status == LicenseStatus::kLicensed;
}

class Judge {
 public:
  explicit Judge(const DoctorFacts& facts) : facts_(facts) {}

  std::vector<Finding> findings() && {
    if (facts_.channel == Channel::kKmsClient) {
      activated(Issue::kKmsActivated);
      if (facts_.has_key) {
        kms_client();
      } else {
        explain(Issue::kKmsErrorCode, facts_.status.reason, "LicenseStatusReason is");
      }
    } else {
      if (facts_.channel == Channel::kKmsHost) kms_host();
      key_on_client();
      leftovers();
      by_service();
      return std::move(out_);
    }
    leftovers();
    return std::move(out_);
  }

 private:
  void add(Issue issue, std::string check, Verdict kind, std::string what,
           std::string advice = {}) {
    out_.push_back({issue, std::move(check), kind, std::move(what), std::move(advice)});
  }
  void explain(Issue issue, HResult code, const std::string& where) {
    const licensing::Explanation known = licensing::explain(code, facts_.os);
    std::string what = where + " " + to_hex(code);
    if (known.known()) what += ": " + known.meaning;
    add(issue, "error code", Verdict::kTrouble, std::move(what),
        known.steps.empty() ? "Look it up: slui 0x2a " + to_hex(code) : std::string(known.steps));
  }

  // --- row 1 of both tables
  void activated(Issue issue) {
    const licensing::Status& status = facts_.status;
    std::string what = facts_.edition + " is ";
    std::string left;
    if (status.remaining != 0) {
      const std::int64_t days = begun_days(minutes(status.remaining));
      left = std::to_string(days) + (days == 1 ? " day" : " days");
    }
    if (is_licensed(facts_)) {
      what += left.empty() ? "activated." : "activated; it must renew within " + left + ".";
      add(issue, "state", Verdict::kFine, std::move(what));
      return;
    }
    what += "not activated: " + std::string(state_name(status.status));
    what += left.empty() ? "." : ", " + left + " left.";
    add(issue, "state", Verdict::kTrouble, std::move(what), cure_of_state());
  }
  std::string cure_of_state() const {
    if (facts_.reset_pending) return "Restart it: the reset that was asked for waits for that.";
    if (!facts_.has_key) return "Install a product key: slmgr /ipk KEY";
    switch (facts_.status.reason) {
      case HResult::kSlINongenuineGracePeriod:
      case HResult::kSlENongenuineGraceTimeExpired:
      case HResult::kSlENotGenuine:
        return "Event 8209 says why a validation failed. Replace the key (slmgr /ipk KEY), that of "
               "every KMS host for its clients, activate again (slmgr /ato), then validate: slwmi "
               "genuine validate " +
               facts_.name.substr(0, facts_.name.find('.'));
      case HResult::kSlRemappingSpPubTsTampered:
      case HResult::kSlEValidityTimeExpired:
        return std::string(licensing::explain(facts_.status.reason, facts_.os).steps);
      default:
        if (facts_.channel == Channel::kOemSlp)  // Activate is not for it
          return "Restart it with the manufacturer's board in it: its firmware activates it.\nOr "
                 "install a retail key: slmgr /ipk KEY";
        return "Try: slmgr /ato";
    }
  }

  // --- Table 1, a client
  void kms_client() {
    const KmsTarget* const good = find_good_target();
    host_name(good);
    for (const KmsTarget& target : facts_.targets) one_target(target, good);
    if (!is_licensed(facts_)) threshold(good);
    last_attempt();
    const Verdict twins = facts_.same_id.empty() ? Verdict::kFine : Verdict::kTrouble;
    add(Issue::kNotCounted, "client machine ID", twins,
        facts_.same_id.empty() ? "No other machine uses its client machine ID."
                               : "Its client machine ID is also that of " + joined(facts_.same_id) +
                                     ": the KMS host counts one of them.",
        facts_.same_id.empty() ? ""
                               : "Give each clone an ID of its own: sysprep /generalize before "
                                 "imaging, or slmgr /rearm and a restart on the clones.");
    key_on_client();
  }

  static bool is_good(const KmsTarget& target) {
    return target.machine != 0 && target.enabled && target.activated && target.way.ok() &&
           target.listening_port == target.port;
  }
  const KmsTarget* find_good_target() const {
    const auto found = std::find_if(facts_.targets.begin(), facts_.targets.end(), is_good);
    return found == facts_.targets.end() ? nullptr : &*found;
  }

  void host_name(const KmsTarget* good) {
    if (facts_.invalid_registration)
      add(Issue::kKmsWillNotActivate, "KMS host name",
          good != nullptr ? Verdict::kRemark : Verdict::kTrouble,
          "KeyManagementServiceName or KeyManagementServicePort is no REG_SZ and is passed over.",
          "Set them as slmgr does: slmgr /skms HOST:PORT\nor let DNS tell the host: slmgr /ckms");
    if (!facts_.targets.empty()) return;
    add(Issue::kKmsWillNotActivate, "KMS host name", Verdict::kTrouble,
        "It knows no KMS host: DNS answers " + to_hex(facts_.lookup) + " and none is set.",
        "Name a host: slmgr /skms HOST\nor let a KMS host publish itself in DNS\nor install a MAK: "
        "slmgr /ipk KEY");
  }

  // A host that does not serve is no trouble as long as another one does.
  void one_target(const KmsTarget& target, const KmsTarget* good) {
    const Verdict bad = good != nullptr ? Verdict::kRemark : Verdict::kTrouble;
    const std::string name = with_port(target.name, target.port);
    const Issue issue = Issue::kKmsWillNotActivate;
    const char* const cure_name =
        target.origin == KmsTarget::Origin::kFixed
            ? "Set the right one: slmgr /skms HOST\nor let DNS tell it: "
              "slmgr /ckms"
            : "Remove the record from DNS: slwmi net record remove DOMAIN "
              "HOST";
    if (target.machine == 0) {
      add(issue, "KMS host name", bad, "No machine is called " + target.name + ".", cure_name);
    } else if (!target.way.ok()) {
      const bool firewall = target.way.cause == Cause::kPort;
      add(issue, firewall ? "firewall" : "KMS host accessible", bad,
          "It does not reach " + name + ": " + target.obstacle + ".",
          firewall ? "Open TCP port " + std::to_string(target.port) +
                         " between client and host, in the client's own firewall, too."
                   : "Restore the way between client and host.");
    } else if (!target.enabled) {
      add(issue, "KMS host name", bad, target.name + " is no KMS host.",
          std::string(cure_name) + "\nor install a KMS key there: slmgr /ipk KEY");
    } else if (target.listening_port != target.port) {
      add(issue, "KMS port", bad,
          target.name + " listens on port " + std::to_string(target.listening_port) + ", not on " +
              std::to_string(target.port) + ".",
          target.origin == KmsTarget::Origin::kFixed
              ? "Name the port: slmgr /skms " + with_port(target.name, target.listening_port)
              : "Restart the host, so that it publishes its port, or set it back: slmgr /sprt " +
                    std::to_string(target.port));
    } else if (!target.activated) {
      add(issue, "KMS host", bad, target.name + " is not activated and refuses requests.",
          "Activate it: slmgr /ato on the host");
    } else {
      add(issue, "KMS host", Verdict::kFine, name + " can be reached and serves clients.");
    }
  }

  void threshold(const KmsTarget* host) {
    if (host == nullptr) return;
    const bool met = host->count >= facts_.required;
    add(Issue::kKmsWillNotActivate, "threshold", met ? Verdict::kFine : Verdict::kTrouble,
        "The count of " + host->name + " is " + std::to_string(host->count) +
            "; this client needs " + std::to_string(facts_.required) + ".",
        met ? ""
            : "Let more physical computers ask the host: 25 for Windows Vista, 5 for Windows "
              "Server 2008. slmgr /dli on the host shows the count.");
  }

  void last_attempt() {
    const Issue issue = Issue::kKmsWillNotActivate;
    if (!facts_.last_attempt) {
      if (!is_licensed(facts_) && !facts_.reset_pending)
        add(issue, "event 12289", Verdict::kTrouble, "It never tried to activate.",
            "Try: slmgr /ato\nand see that Manual is not set below SL\\Activation.");
      return;
    }
    const KmsExchange& last = *facts_.last_attempt;
    const HResult code = failed(last.requested) ? last.requested : last.processed;
    const bool low = last.has(licensing::BindingFlag::kNotEnoughCount);
    if (!failed(code) && !low) {
      add(issue, "event 12289", Verdict::kFine, "Its last attempt succeeded.");
      return;
    }
    if (low) {
      add(issue, "event 12289", Verdict::kTrouble,
          "Its last attempt was answered with a count of " + std::to_string(last.count) + " of " +
              std::to_string(last.required) + ".",
          "Try again when the count suffices: slmgr /ato");
      return;
    }
    add(issue, "event 12289", Verdict::kTrouble,
        "Its last attempt ended with " + to_hex(code) + ".",
        "Mend what the other checks tell, then: slmgr /ato");
    const bool asked = !last.has(licensing::BindingFlag::kNotWindowsSlp);
    if (asked && !last.has(ExchangePart::kServed)) {
      add(issue, "event 12290", Verdict::kTrouble,
          "No KMS host logged that request: it did not arrive, or nobody could take it.",
          "See that client and host can talk, and that a KMS key is installed on the host.");
    } else if (asked && !failed(last.served)) {
      add(issue, "response", Verdict::kTrouble,
          "The KMS host logged the request, but the client did not get the response.",
          "Let routers and firewalls pass the answer (stateful traffic on the host's TCP port) to "
          "the client.");
    }
    explain(Issue::kKmsErrorCode, code, "Event 12288 has");
  }

  // --- Table 1, a host
  void kms_host() {
    if (facts_.needed != 0) {
      const bool met = facts_.count >= facts_.needed;
      add(Issue::kKmsWillNotActivate, "threshold", met ? Verdict::kFine : Verdict::kTrouble,
          "Its count is " + std::to_string(facts_.count) + "; its clients need " +
              std::to_string(facts_.needed) + ".",
          met ? "" : "Let more physical computers ask it.");
    }
    add(Issue::kNotCounted, "client machine IDs",
        facts_.twins.empty() ? Verdict::kFine : Verdict::kTrouble,
        facts_.twins.empty()
            ? "Its clients have client machine IDs of their own."
            : "Clients share client machine IDs and count as one: " + joined(facts_.twins) + ".",
        facts_.twins.empty() ? ""
                             : "Run slmgr /rearm and restart on the clones, or sysprep /generalize "
                               "the image.");
    for (const WantedRecord& record : facts_.records) service_record(record);
  }

  void service_record(const WantedRecord& record) {
    const std::string name = "_vlmcs._tcp." + record.domain;
    if (record.there) {
      add(Issue::kNoDynamicDns, "service record", Verdict::kFine,
          "DNS has its record of " + name + ".");
      return;
    }
    const bool others =
        failed(record.may_write) && !record.first_host.empty() && record.rule == "first-host";
    if (others) {
      add(Issue::kOnlyFirstHost, "service record", Verdict::kTrouble,
          "DNS has no record of this host at " + name + ": the name belongs to " +
              record.first_host + ", the first KMS host.",
          "Let all KMS hosts write it (slwmi net zone set " + record.domain +
              " --updates every-host), then restart this one.\nOr enter the record by hand: slwmi "
              "net record add " +
              record.domain + " " + facts_.name);
      return;
    }
    if (failed(record.may_write)) {
      add(Issue::kNoDynamicDns, "service record", Verdict::kTrouble,
          "DNS has no record of this host at " + name + " and refuses its update (" +
              to_hex(record.may_write) + ").",
          "Give the host write access to the zone, or enter the record by hand: slwmi net record "
          "add " +
              record.domain + " " + facts_.name);
      return;
    }
    add(Issue::kNoDynamicDns, "service record", Verdict::kTrouble,
        "DNS has no record of this host at " + name + ", though it may write one.",
        "Restart the host, which writes it.");
  }

  void key_on_client() {
    const Issue issue = Issue::kKmsKeyOnClient;
    const bool was_client = facts_.role == "kms-client";
    if (facts_.channel != Channel::kKmsHost || !was_client) {
      if (facts_.channel == Channel::kKmsClient)
        add(issue, "product key", Verdict::kFine, "It has no KMS key.");
      return;
    }
    add(issue, "product key", facts_.served ? Verdict::kRemark : Verdict::kTrouble,
        facts_.served
            ? "It was installed as a KMS client and is a KMS host that serves clients now."
            : "It was installed as a KMS client and has a KMS key; no client ever asked it.",
        "If it is to be a client: install the setup key of its edition (slmgr /ipk SETUPKEY), "
        "remove "
        "its records from DNS, and restart it.");
  }

  void leftovers() {
    for (const std::string& domain : facts_.leftover_records)
      add(Issue::kKmsKeyOnClient, "service record", Verdict::kTrouble,
          "DNS names it as a KMS host of " + domain + ", which it is not.",
          "Remove the record: slwmi net record remove " + domain + " " + facts_.name);
  }

  // --- Table 2, and KMS hosts, whose keys are activated the same way
  void by_service() {
    activated(Issue::kMakActivated);
    if (is_licensed(facts_)) return;
    if (!facts_.has_key) {
      explain(Issue::kMakErrorCode, facts_.status.reason, "LicenseStatusReason is");
      return;
    }
    if (!facts_.service.ok()) {
      add(Issue::kMakNoInternet, "Internet", Verdict::kTrouble,
          "It does not reach the activation service: " + facts_.service_obstacle + ".",
          "Give it a way to the Internet, with the right proxy settings.\nOr activate by "
          "telephone: "
          "slmgr /dti, then slmgr /atp CONFIRMATIONID\nOr let a machine that has a way activate "
          "for "
          "it.");
    } else {
      add(Issue::kMakNoInternet, "Internet", Verdict::kFine, "It reaches the activation service.");
    }
    if (!facts_.online_failure) {
      add(Issue::kMakErrorCode, "event 8198", Verdict::kFine, "No attempt of its key failed.");
      return;
    }
    if (is_refusal(*facts_.online_failure))
      add(Issue::kMakBothFail, "activation service", Verdict::kTrouble,
          "The activation service refused the key (" + to_hex(*facts_.online_failure) +
              "), and would by telephone, too.",
          "Call the activation centre, with the Volume License agreement and a proof of purchase "
          "at "
          "hand, for a new key or more activations.");
    explain(Issue::kMakErrorCode, *facts_.online_failure, "Event 8198 has");
  }

  // The service's own codes; the others are troubles of the way there.
  static bool is_refusal(HResult code) {
    const std::uint32_t facility = static_cast<std::uint32_t>(code) >> 8;
    return facility == 0xC004B1 || facility == 0xC004C0;
  }

  const DoctorFacts& facts_;
  std::vector<Finding> out_;
};

}  // namespace

std::span<const IssueRow> issue_rows() { return kRows; }

std::string row_name(Issue issue) {
  const IssueRow& row = kRows[static_cast<std::size_t>(issue)];
  return "Table " + std::to_string(row.table) + ", row " + std::to_string(row.row);
}

std::string_view to_text(Finding::Kind kind) {
  constexpr std::string_view kNames[] = {"fine", "remark", "trouble"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool Diagnosis::is_well() const {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& each) { return each.kind == Verdict::kTrouble; });
}

std::vector<Finding> judge(const DoctorFacts& facts) {
  std::vector<Finding> out = Judge(facts).findings();
  std::stable_sort(out.begin(), out.end(),
                   [](const Finding& a, const Finding& b) { return a.issue < b.issue; });
  return out;
}

Result<Diagnosis> diagnose(world::World& world, std::uint32_t machine) {
  SL_TRY(const DoctorFacts facts, doctor_facts(world, machine));
  return Diagnosis{facts.name, judge(facts)};
}

Table to_table(const Diagnosis& diagnosis, bool all) {
  Table out;
  out.columns = {"Row", "Check", "Verdict", "What", "Advice"};
  for (const Finding& each : diagnosis.findings) {
    if (!all && each.kind == Verdict::kFine) continue;
    out.rows.push_back({row_name(each.issue), each.check, std::string(to_text(each.kind)),
                        each.what, each.advice.empty() ? Value() : Value(each.advice)});
  }
  return out;
}

}  // namespace slwmi::report
