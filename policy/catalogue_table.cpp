// The declared settings.

#include "policy/catalogue_source.hpp"

namespace slwmi::policy {

std::vector<SettingInfo> declared_settings() {
  std::vector<SettingInfo> settings;
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "DisableDnsPublishing";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "DisableDnsPublishing";
    s.kind = *kind_of("flag");
    s.max = 4294967295u;
    s.scope = *scope_of("kms-host");
    s.default_text = "0";
    s.description = "Anything but 0 keeps the KMS host from writing its SRV records into DNS.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "EnableKmsLowPriority";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "EnableKmsLowPriority";
    s.kind = *kind_of("flag");
    s.max = 4294967295u;
    s.scope = *scope_of("kms-host");
    s.default_text = "0";
    s.description =
        "Anything but 0 runs KMS at low priority beside other roles; under load it may then "
        "starve.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "KeyManagementServiceName";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "KeyManagementServiceName";
    s.kind = *kind_of("host");
    s.scope = *scope_of("kms-client");
    s.description = "The KMS host that the client asks instead of looking one up in DNS.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "KeyManagementServicePort";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "KeyManagementServicePort";
    s.kind = *kind_of("port");
    s.min = 1;
    s.max = 65535u;
    s.scope = *scope_of("kms-client");
    s.description = "The TCP port that the client uses with that host; kept as text.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "KeyManagementServiceListeningPort";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "KeyManagementServiceListeningPort";
    s.kind = *kind_of("port");
    s.min = 1;
    s.max = 65535u;
    s.scope = *scope_of("kms-host");
    s.description = "The TCP port that the KMS host listens on and publishes; kept as text.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "DnsDomainPublishList";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "DnsDomainPublishList";
    s.kind = *kind_of("domains");
    s.scope = *scope_of("kms-host");
    s.description =
        "Further domains in whose DNS the KMS host publishes itself; its own is always one.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "VLActivationInterval";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "VLActivationInterval";
    s.kind = *kind_of("minutes");
    s.min = 15;
    s.max = 43200u;
    s.scope = *scope_of("kms-host");
    s.default_text = "120";
    s.replaced_by_host = true;
    s.description = "How long clients that are not yet licensed wait between two tries.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values and SetVLActivationInterval";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "VLRenewalInterval";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "VLRenewalInterval";
    s.kind = *kind_of("minutes");
    s.min = 15;
    s.max = 43200u;
    s.scope = *scope_of("kms-host");
    s.default_text = "10080";
    s.replaced_by_host = true;
    s.description = "How long licensed clients wait between two renewals.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values and SetVLRenewalInterval";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "KeyManagementServiceVersion";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "KeyManagementServiceVersion";
    s.kind = *kind_of("text");
    s.min = 1;
    s.max = 64u;
    s.scope = *scope_of("kms-host");
    s.description = "Lets management software discover the machine as a KMS host by its version.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "UserOperations";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "UserOperations";
    s.kind = *kind_of("flag");
    s.max = 1u;
    s.default_text = "0";
    s.description = "1 lets standard users install keys, activate and rearm.";
    s.source = "VA2 Appendix 1, Required Privilege and KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "Manual";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL\\Activation";
    s.value = "Manual";
    s.kind = *kind_of("flag");
    s.max = 1u;
    s.default_text = "0";
    s.description = "1 turns activation without being asked off.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "NotificationDisabled";
    s.key = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL\\Activation";
    s.value = "NotificationDisabled";
    s.kind = *kind_of("flag");
    s.max = 1u;
    s.default_text = "0";
    s.description = "1 hides the notices about activation.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "KeyManagementServiceRegisteredDomainName";
    s.key = "HKEY_USERS\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "KeyManagementServiceRegisteredDomainName";
    s.kind = *kind_of("text");
    s.min = 1;
    s.max = 255u;
    s.scope = *scope_of("kms-host");
    s.kept_by_service = true;
    s.description = "The domain under which the KMS host last published itself.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "KeyManagementServiceRegisteredHostName";
    s.key = "HKEY_USERS\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "KeyManagementServiceRegisteredHostName";
    s.kind = *kind_of("text");
    s.min = 1;
    s.max = 255u;
    s.scope = *scope_of("kms-host");
    s.kept_by_service = true;
    s.description = "The name under which the KMS host last published itself.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "KeyManagementServiceRegisteredPortNumber";
    s.key = "HKEY_USERS\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "KeyManagementServiceRegisteredPortNumber";
    s.kind = *kind_of("port");
    s.min = 1;
    s.max = 65535u;
    s.scope = *scope_of("kms-host");
    s.kept_by_service = true;
    s.description = "The port under which the KMS host last published itself.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "DiscoveredKeyManagementServiceName";
    s.key = "HKEY_USERS\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "DiscoveredKeyManagementServiceName";
    s.kind = *kind_of("host");
    s.scope = *scope_of("kms-client");
    s.kept_by_service = true;
    s.description = "The KMS host that the client last found in DNS.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "DiscoveredKeyManagementServicePort";
    s.key = "HKEY_USERS\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "DiscoveredKeyManagementServicePort";
    s.kind = *kind_of("port");
    s.min = 1;
    s.max = 65535u;
    s.scope = *scope_of("kms-client");
    s.kept_by_service = true;
    s.description = "The port of the KMS host that the client last found in DNS.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "CustomerPID";
    s.key = "HKEY_USERS\\S-1-5-20\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SL";
    s.value = "CustomerPID";
    s.kind = *kind_of("text");
    s.min = 1;
    s.max = 128u;
    s.scope = *scope_of("kms-client");
    s.kept_by_service = true;
    s.description =
        "The product ID of the KMS host's key, kept for support after the first activation.";
    s.source = "VA2 Appendix 1, KMS Registry Keys / Values";
  }
  {
    SettingInfo& s = settings.emplace_back();
    s.name = "WindowsAnytimeUpgradeDisabled";
    s.key =
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer\\WAU";
    s.value = "Disabled";
    s.kind = *kind_of("flag");
    s.max = 1u;
    s.default_text = "0";
    s.description = "1 stops the Windows Anytime Upgrade link from buying an upgrade.";
    s.source = "VA2, To disable the WAU link";
  }
  return settings;
}

}  // namespace slwmi::policy
