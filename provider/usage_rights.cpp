#include "provider/usage_rights.hpp"

#include "base/text.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::string_view kOemSection = "Activation of Windows OEM Computers";
constexpr std::string_view kCodesSection = "Appendix 2: Troubleshooting by Error Code, 0xC004F035";

FileTime last_day(FileTime purchase) { return purchase + days(kAssuranceDays); }

std::string day(FileTime time) { return format_iso8601(time).substr(0, 10); }

// The volume product of that edition and channel on the system's media; nullptr when there is none.
const Product* find_volume(const RightsFacts& facts, const Catalogue& catalogue, Channel channel) {
  for (const Product* product : catalogue.on_media(facts.os->volume_media)) {
    if (product->channel == channel && !product->is_addon() &&
        equal_ignore_case(product->edition, facts.edition))
      return product;
  }
  return nullptr;
}

class Decision {
 public:
  Decision(const RightsFacts& facts, const Product& client) : facts_(facts), client_(client) {}

  RightsDecision decide() {
    if (facts_.bought->channel != Channel::kOemSlp) {
      out_.right = Right::kNotNeeded;
      out_.allowed = true;
      reason(true,
             "The licence of the computer is no OEM licence, so the terms that bind OEM "
             "products to their computer do not apply.");
    } else {
      reason(false,
             "The terms of an OEM product do not let it be turned into a volume licence, "
             "unless an exception applies.");
      if (by_agreement()) grant(Right::kReimaging);
      if (by_assurance()) grant(Right::kSoftwareAssurance);
    }
    look_at_firmware();
    look_at_routes();
    return std::move(out_);
  }

 private:
  void reason(bool holds, std::string text, std::string_view section = kOemSection) {
    out_.reasons.push_back({holds, std::move(text), section});
  }
  void grant(Right right) {
    out_.right = right;
    out_.allowed = true;
  }

  bool by_assurance() {
    if (!facts_.purchase) {
      reason(false,
             "When the OEM product was bought is not known, and with it whether Software "
             "Assurance was bought within " +
                 std::to_string(kAssuranceDays) + " days of it.");
      return false;
    }
    const FileTime last = last_day(*facts_.purchase);
    if (!facts_.assurance || *facts_.assurance > facts_.now) {
      const bool open = facts_.now <= last;
      reason(false, open ? "Software Assurance was not bought; until " + day(last) +
                               " it still can be for this computer."
                         : "Software Assurance was not bought by " + day(last) + ", " +
                               std::to_string(kAssuranceDays) + " days after the OEM product.");
      if (open)
        out_.steps.push_back("Buy Software Assurance for the computer by " + day(last) + ".");
      return false;
    }
    const bool in_time = *facts_.assurance <= last;
    reason(in_time, "Software Assurance was bought on " + day(*facts_.assurance) +
                        (in_time ? ", within " : ", later than ") + std::to_string(kAssuranceDays) +
                        " days after the OEM product.");
    return in_time;
  }

  bool by_agreement() {
    if (!facts_.agreement) {
      reason(false,
             "There is no volume licence agreement for the product that the computer came "
             "with, and so no reimaging right.");
      return false;
    }
    const std::string& agreed = *facts_.agreement;
    const bool same = equal_ignore_case(agreed, facts_.bought->edition);
    const bool wanted = equal_ignore_case(agreed, facts_.edition);
    if (!same) {
      reason(false, "The volume licence agreement is for " + agreed + ", the OEM product is " +
                        facts_.bought->edition + ": reimaging needs the same product.");
      return false;
    }
    reason(wanted, wanted ? "The volume licence agreement is for the OEM product's own edition, " +
                                agreed + ", so volume media may be used to image it again."
                          : "The volume licence agreement lets " + agreed +
                                " be imaged again, not " + facts_.edition + " be installed.");
    return wanted;
  }

  bool lacks_marker() const {
    return facts_.firmware == Firmware::kUnmarked || facts_.firmware == Firmware::kMalformed;
  }

  void look_at_firmware() {
    out_.setup = setup_error(*facts_.os, client_, facts_.firmware);
    std::string text = "The firmware has " + std::string(info_of(facts_.firmware).help);
    if (lacks_marker()) text += ", so a KMS does not activate the computer";
    if (out_.setup != HResult::kSOk)
      text += ", and setup of a volume edition of Windows Vista reports an error";
    reason(!lacks_marker(), text + ".");
    if (!lacks_marker()) return;
    out_.steps.emplace_back("Activate the volume edition with a MAK or a retail key.");
    out_.steps.emplace_back(
        "Ask the manufacturer for a board whose firmware has a valid Windows marker.");
    out_.steps.emplace_back("Buy computers with an operating system and valid firmware.");
  }

  void look_at_routes() {
    const HResult kms = volume_refusal(*facts_.os, client_, facts_.firmware, facts_.upgraded);
    const bool no_system = kms != HResult::kSOk && !lacks_marker();
    if (no_system) {
      reason(false,
             "Volume editions of Windows Vista are licensed as upgrades, and no qualifying "
             "system was on the computer.",
             kCodesSection);
      out_.steps.emplace_back(
          "Install a qualifying version of Windows, then the volume edition over it.");
    }
    out_.routes.push_back({"KMS", kms,
                           kms == HResult::kSOk ? "A KMS activates it."
                           : no_system ? "A KMS activates upgrades of a qualifying system only."
                                       : "A KMS activates it only with a Windows marker."});
    out_.routes.push_back({"MAK", HResult::kSOk, "A MAK activates it, whatever the firmware has."});
    out_.routes.push_back(
        {"retail", HResult::kSOk, "A retail key activates it, whatever the firmware has."});
    const FirmwareInfo& firmware = info_of(facts_.firmware);
    out_.routes.push_back(
        {"OEM_SLP", firmware.oem,
         firmware.oem == HResult::kSOk
             ? "The firmware activates the manufacturer's own product."
             : "The manufacturer's product needs a table with a marker; here is " +
                   std::string(firmware.help) + "."});
  }

  const RightsFacts& facts_;
  const Product& client_;
  RightsDecision out_;
};

}  // namespace

std::string_view to_text(Right right) {
  switch (right) {
    case Right::kNotNeeded:
      return "not-needed";
    case Right::kSoftwareAssurance:
      return "software-assurance";
    case Right::kReimaging:
      return "reimaging";
    case Right::kNone:
      break;
  }
  return "none";
}

Result<RightsDecision> decide_rights(const RightsFacts& facts, const Catalogue& catalogue) {
  const Product* client = find_volume(facts, catalogue, Channel::kKmsClient);
  if (client == nullptr)
    return fail(HResult::kErrorNotFound,
                facts.os->id + " has no volume edition \"" + facts.edition + "\"");
  if (facts.purchase && *facts.purchase > facts.now)
    return fail(HResult::kEInvalidarg, "the computer is not bought yet");
  if (facts.assurance && !facts.purchase)
    return fail(HResult::kEInvalidarg,
                "Software Assurance counts from the purchase of the computer, which is missing");
  if (facts.assurance && *facts.assurance < *facts.purchase)
    return fail(HResult::kEInvalidarg, "Software Assurance was bought before the computer was");
  return Decision(facts, *client).decide();
}

}  // namespace slwmi::licensing
