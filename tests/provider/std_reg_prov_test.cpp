// StdRegProv: all 20 methods by name, with the Win32 codes that scripts see in ReturnValue.
#include <boost/test/unit_test.hpp>

#include "provider/architecture.hpp"
#include "provider/registry_class.hpp"
#include "tests/provider/printing.hpp"
#include "tests/provider/test_machine.hpp"

namespace slwmi::licensing {
namespace {

using cim::Type;
using cim::Value;
using test::TestMachine;

constexpr std::uint32_t kLocalMachine = 0x80000002, kCurrentUser = 0x80000001, kUsers = 0x80000003;
const char* const kKey = "SOFTWARE\\Contoso\\Tools";

struct Call {
  std::uint32_t code = 0;
  std::vector<Value> out;
  Value at(std::size_t index) const { return index < out.size() ? out[index] : Value(); }
};

class Script {
 public:
  Call run(std::string_view method, Arguments in, std::string_view who = "administrator") {
    const auto done = machine.call(test::principal(who), "StdRegProv", method, in);
    BOOST_REQUIRE_MESSAGE(done.has_value(), method);
    return {done->return_value.as_uint32(), done->out};
  }
  static Arguments at(std::string_view key, std::uint32_t root = kLocalMachine) {
    return {{"hDefKey", Value::uint32(root)}, {"sSubKeyName", Value::text(key)}};
  }
  static Arguments at(std::string_view key, std::string_view name, Arguments more = {}) {
    Arguments in = at(key);
    in.emplace_back("sValueName", Value::text(name));
    in.insert(in.end(), more.begin(), more.end());
    return in;
  }
  TestMachine machine;
};

std::vector<std::string> texts(const Value& array) {
  std::vector<std::string> out;
  for (const Value& element : array.elements()) out.push_back(element.to_display());
  return out;
}

BOOST_AUTO_TEST_SUITE(std_reg_prov)

BOOST_AUTO_TEST_CASE(CreateKey_DeleteKey_EnumKey) {
  Script s;
  BOOST_TEST(s.run("EnumKey", Script::at("SOFTWARE\\Contoso")).code == 2u);
  BOOST_TEST(s.run("CreateKey", Script::at(kKey)).code == 0u);
  BOOST_TEST(s.run("CreateKey", Script::at(kKey)).code == 0u);  // there already
  BOOST_TEST(s.run("CreateKey", Script::at("SOFTWARE/Contoso/Another")).code ==
             0u);  // forward slashes
  BOOST_TEST(texts(s.run("EnumKey", Script::at("SOFTWARE\\contoso")).at(2)) ==
                 (std::vector<std::string>{"Another", "Tools"}),
             boost::test_tools::per_element());
  const Call none = s.run("EnumKey", Script::at(kKey));
  BOOST_TEST(none.code == 0u);
  BOOST_TEST(none.at(2).is_null());
  BOOST_TEST(s.run("DeleteKey", Script::at("SOFTWARE\\Contoso")).code == 5u);  // it has subkeys
  BOOST_TEST(s.run("DeleteKey", Script::at(kKey)).code == 0u);
  BOOST_TEST(s.run("DeleteKey", Script::at(kKey)).code == 2u);
}

BOOST_AUTO_TEST_CASE(hDefKey_defaults_to_HKLM_and_must_be_a_predefined_key) {
  Script s;
  BOOST_TEST(s.run("CreateKey", {{"sSubKeyName", Value::text(kKey)}}).code == 0u);
  BOOST_TEST(s.run("EnumKey", Script::at(kKey, kLocalMachine)).code == 0u);
  BOOST_TEST(s.run("EnumKey", Script::at(kKey, 0x80000009)).code == 6u);
  BOOST_TEST(s.run("EnumKey", Script::at("S-1-5-20\\SOFTWARE", kUsers)).code == 0u);
}

BOOST_AUTO_TEST_CASE(HKCU_is_the_caller_s_own_hive) {
  Script s;
  const Principal service = network_service();
  const auto done = s.machine.call(service, "StdRegProv", "EnumKey",
                                   Script::at("SOFTWARE\\Microsoft", kCurrentUser));
  BOOST_TEST_REQUIRE(done.has_value());
  BOOST_TEST(done->return_value.as_uint32() == 0u);
}

BOOST_AUTO_TEST_CASE(EnumValues_and_DeleteValue) {
  Script s;
  s.run("CreateKey", Script::at(kKey));
  Call empty = s.run("EnumValues", Script::at(kKey));
  BOOST_TEST(empty.code == 0u);
  BOOST_TEST(empty.at(2).is_null());
  s.run("SetStringValue", Script::at(kKey, "", {{"sValue", Value::text("d")}}));
  BOOST_TEST(s.run("EnumValues", Script::at(kKey)).at(2).is_null());  // the default value alone
  s.run("SetStringValue", Script::at(kKey, "b", {{"sValue", Value::text("x")}}));
  s.run("SetDWORDValue", Script::at(kKey, "a", {{"uValue", Value::uint32(5)}}));
  const Call both = s.run("EnumValues", Script::at(kKey));
  BOOST_TEST(texts(both.at(2)) == (std::vector<std::string>{"", "b", "a"}),
             boost::test_tools::per_element());
  BOOST_TEST(texts(both.at(3)) == (std::vector<std::string>{"1", "1", "4"}),
             boost::test_tools::per_element());
  BOOST_TEST(s.run("DeleteValue", Script::at(kKey, "b")).code == 0u);
  BOOST_TEST(s.run("DeleteValue", Script::at(kKey, "b")).code == 2u);
}

// covers: SetDWORDValue, GetDWORDValue, SetQWORDValue, GetQWORDValue
// covers: SetStringValue, GetStringValue, SetExpandedStringValue, GetExpandedStringValue
// covers: SetMultiStringValue, GetMultiStringValue, SetBinaryValue, GetBinaryValue
BOOST_AUTO_TEST_CASE(each_type_is_read_back_and_refused_as_another) {
  Script s;
  s.run("CreateKey", Script::at(kKey));
  const Value strings = Value::array(Type::kString, {Value::text("one"), Value::text("two")});
  const Value bytes = Value::array(Type::kUint8, {Value::unsigned_integer(Type::kUint8, 1),
                                                  Value::unsigned_integer(Type::kUint8, 255)});
  const struct {
    const char *type, *parameter;
    Value given;
    const char* shown;
  } kRows[] = {
      {"DWORD", "uValue", Value::uint32(0xFFFFFFFF), "4294967295"},
      {"QWORD", "uValue", Value::unsigned_integer(Type::kUint64, ~std::uint64_t{0}),
       "18446744073709551615"},
      {"String", "sValue", Value::text("text"), "text"},
      {"ExpandedString", "sValue", Value::text("%SystemRoot%\\x;%nope%;%"),
       "C:\\Windows\\x;%nope%;%"},
      {"MultiString", "sValue", strings, "{one, two}"},
      {"Binary", "uValue", bytes, "{1, 255}"},
  };
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.type) {
      const std::string set = std::string("Set") + row.type + "Value",
                        get = std::string("Get") + row.type + "Value";
      BOOST_TEST(s.run(set, Script::at(kKey, "v", {{row.parameter, row.given}})).code == 0u);
      const Call read = s.run(get, Script::at(kKey, "v"));
      BOOST_TEST(read.code == 0u);
      BOOST_TEST(read.at(3).to_display() == row.shown);
      for (const auto& other : kRows) {
        const std::string get_other = std::string("Get") + other.type + "Value";
        if (get_other == get) continue;
        const Call wrong = s.run(get_other, Script::at(kKey, "v"));
        BOOST_TEST(wrong.code == 0x80041005u);
        BOOST_TEST(wrong.at(3).is_null());
      }
      BOOST_TEST(s.run(get, Script::at(kKey, "absent")).code == 1u);
      BOOST_TEST(s.run(get, Script::at("SOFTWARE\\Nothing", "v")).code == 2u);
      BOOST_TEST(
          s.run(set, Script::at("SOFTWARE\\Nothing", "v", {{row.parameter, row.given}})).code ==
          2u);
    }
  }
}

BOOST_AUTO_TEST_CASE(Set_methods_have_the_documented_default_arguments) {
  Script s;
  s.run("CreateKey", Script::at(kKey));
  const struct {
    const char *type, *shown;
  } kRows[] = {{"DWORD", "3"},
               {"String", "hello"},
               {"ExpandedString", "C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem"},
               {"MultiString", "{hello, there}"},
               {"Binary", "{1, 2}"}};
  for (const auto& row : kRows) {
    BOOST_TEST_CONTEXT(row.type) {
      BOOST_TEST(s.run(std::string("Set") + row.type + "Value", Script::at(kKey, "v")).code == 0u);
      BOOST_TEST(s.run(std::string("Get") + row.type + "Value", Script::at(kKey, "v"))
                     .at(3)
                     .to_display() == row.shown);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_missing_value_name_is_the_default_value) {
  Script s;
  s.run("CreateKey", Script::at(kKey));
  Arguments set = Script::at(kKey);
  set.emplace_back("sValue", Value::text("d"));
  BOOST_TEST(s.run("SetStringValue", set).code == 0u);
  BOOST_TEST(s.run("GetStringValue", Script::at(kKey)).at(3).to_display() == "d");
}

BOOST_AUTO_TEST_CASE(CheckAccess_asks_as_the_caller) {
  Script s;
  s.run("CreateKey", Script::at(kKey));
  const auto check = [&](std::string_view who, std::uint32_t right) {
    Arguments in = Script::at(kKey);
    in.emplace_back("uRequired", Value::uint32(right));
    return s.run("CheckAccess", in, who);
  };
  BOOST_TEST(check("administrator", 3).at(3).as_boolean());
  BOOST_TEST(check("standard", 1).at(3).as_boolean());
  const Call denied = check("standard", 3);
  BOOST_TEST(denied.code == 5u);
  BOOST_TEST(!denied.at(3).as_boolean());
  BOOST_TEST(s.run("CheckAccess", Script::at(kKey)).at(3).as_boolean());  // 3 by default
  BOOST_TEST(s.run("CheckAccess", Script::at("SOFTWARE\\Nothing")).code == 2u);
}

BOOST_AUTO_TEST_CASE(writes_need_the_caller_s_own_rights_and_change_nothing_without_them) {
  Script s;
  s.run("CreateKey", Script::at(kKey));
  const std::string before = s.machine.digest();
  const Arguments value = {{"uValue", Value::uint32(1)}};
  for (const std::string_view who : {"standard", "administrator-unelevated"}) {
    BOOST_TEST(s.run("SetDWORDValue", Script::at(kKey, "v", value), who).code == 5u);
    BOOST_TEST(s.run("CreateKey", Script::at("SOFTWARE\\Other"), who).code == 5u);
    BOOST_TEST(s.run("DeleteKey", Script::at(kKey), who).code == 5u);
  }
  BOOST_TEST((s.machine.digest() == before));
  BOOST_TEST(s.run("SetDWORDValue", Script::at(kKey, "v", value)).code == 0u);
}

BOOST_AUTO_TEST_CASE(GetSecurityDescriptor_and_SetSecurityDescriptor) {
  Script s;
  s.run("CreateKey", Script::at(kKey));
  const Call read = s.run("GetSecurityDescriptor", Script::at(kKey));
  BOOST_TEST(read.code == 0u);
  const auto descriptor = from_object(read.at(2));
  BOOST_TEST_REQUIRE(descriptor.has_value());
  BOOST_TEST(descriptor->owner.has_value());
  BOOST_TEST_REQUIRE(descriptor->dacl.has_value());
  BOOST_TEST(!descriptor->dacl->empty());

  reg::SecurityDescriptor closed = reg::parse_sddl("O:BAG:BAD:P(A;;KA;;;BA)(A;;KA;;;SY)").value();
  const auto object = to_object(closed, [](std::string_view name) {
    return test::class_of("vista-sp1", name, "root\\default");
  });
  BOOST_TEST_REQUIRE(object.has_value());
  Arguments set = Script::at(kKey);
  set.emplace_back("Descriptor", *object);
  BOOST_TEST(s.run("SetSecurityDescriptor", set, "standard").code == 5u);
  BOOST_TEST(s.run("SetSecurityDescriptor", set).code == 0u);
  BOOST_TEST(s.run("EnumKey", Script::at(kKey), "standard").code == 5u);
  BOOST_TEST(s.run("EnumKey", Script::at(kKey)).code == 0u);
  Arguments bad = Script::at(kKey);
  bad.emplace_back("Descriptor", Value::null(Type::kObject));
  BOOST_TEST(s.run("SetSecurityDescriptor", bad).code == 13u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(win32_classes)

// covers: Win32_OperatingSystem.Caption, Win32_OperatingSystem.Name, Win32_OperatingSystem.Version
// covers: BuildNumber, CSDVersion, ProductType, CSName, LocalDateTime
// covers: InstallDate, LastBootUpTime, OperatingSystemSKU, SerialNumber
// covers: ServicePackMajorVersion, CodeSet, Locale, SystemDirectory, WindowsDirectory
BOOST_AUTO_TEST_CASE(Win32_OperatingSystem_says_which_system_answers) {
  const struct {
    const char *os, *caption, *version, *build, *pack, *type;
  } kRows[] = {
      {"vista-rtm", "Microsoft Windows Vista Enterprise", "6.0.6000", "6000", "", "1"},
      {"vista-sp1", "Microsoft Windows Vista Enterprise", "6.0.6001", "6001", "Service Pack 1",
       "1"},
      {"2008", "Microsoft Windows Server 2008 Enterprise", "6.0.6001", "6001", "Service Pack 1",
       "3"},
  };
  for (const auto& row : kRows) {
    TestMachine m({row.os, "kms-client", {}});
    const auto text = [&](std::string_view name) { return m.text("Win32_OperatingSystem", name); };
    BOOST_TEST(text("Caption") == row.caption);
    BOOST_TEST(text("Version") == row.version);
    BOOST_TEST(text("BuildNumber") == row.build);
    BOOST_TEST(text("CSDVersion") == row.pack);
    BOOST_TEST(text("ProductType") == row.type);
    BOOST_TEST(text("CSName") == "PC1");
    BOOST_TEST(text("LocalDateTime") == "20080301000000.000000+000");
    BOOST_TEST(text("OSArchitecture") == "32-bit");
    BOOST_TEST(text("InstallDate") == "20080301000000.000000+000");
    BOOST_TEST(text("LastBootUpTime") == "20080301000000.000000+000");
    BOOST_TEST(text("Name") ==
               std::string(row.caption) + "|C:\\Windows|\\Device\\Harddisk0\\Partition1");
    BOOST_TEST(text("OperatingSystemSKU") == (std::string_view(row.os) == "2008" ? "10" : "4"));
    BOOST_TEST(text("SerialNumber").size() == 19u);
    BOOST_TEST(text("ServicePackMajorVersion") == (std::string_view(row.pack).empty() ? "0" : "1"));
    BOOST_TEST(text("CodeSet") == "1252");
    BOOST_TEST(text("Locale") == "0409");
    BOOST_TEST(text("SystemDirectory") == "C:\\Windows\\system32");
    BOOST_TEST(text("WindowsDirectory") == "C:\\Windows");
  }
}

// covers: Win32_ComputerSystem.Caption, Win32_ComputerSystem.Name
// covers: Domain, DomainRole, PartOfDomain, DNSHostName, Workgroup, UserName
BOOST_AUTO_TEST_CASE(Win32_ComputerSystem_says_which_computer_answers) {
  TestMachine m;
  BOOST_TEST(m.text("Win32_ComputerSystem", "Name") == "PC1");
  BOOST_TEST(m.text("Win32_ComputerSystem", "Caption") == "PC1");
  BOOST_TEST(m.text("Win32_ComputerSystem", "Domain") == "contoso.com");
  BOOST_TEST(m.text("Win32_ComputerSystem", "DomainRole") == "1");
  BOOST_TEST(m.text("Win32_ComputerSystem", "PartOfDomain") == "TRUE");
  BOOST_TEST(m.text("Win32_ComputerSystem", "DNSHostName") == "PC1");
  BOOST_TEST(m.read("Win32_ComputerSystem", "Workgroup").is_null());
  BOOST_TEST(m.read("Win32_ComputerSystem", "UserName").is_null());
  m.host.facts.domain.clear();
  BOOST_TEST(m.text("Win32_ComputerSystem", "Domain") == "WORKGROUP");
  BOOST_TEST(m.text("Win32_ComputerSystem", "DomainRole") == "0");
}

// covers: OSArchitecture, SystemType
BOOST_AUTO_TEST_CASE(tell_64_bit_Windows_by_the_environment_of_the_system) {
  struct {
    const char* what;
    const char* value;  // null: there is none
    const char *word, *processor;
  } const kRows[] = {
      {"as installed", nullptr, "32-bit", "X86-based PC"},
      {"x86", "x86", "32-bit", "X86-based PC"},
      {"AMD64", "AMD64", "64-bit", "x64-based PC"},
      {"in other letters", "amd64", "64-bit", "x64-based PC"},
  };
  for (const auto& row : kRows) {
    TestMachine m;
    if (row.value != nullptr)
      m.set("HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment",
            "PROCESSOR_ARCHITECTURE", reg::make_sz(row.value));
    BOOST_TEST_CONTEXT(row.what) {
      BOOST_TEST(m.text("Win32_OperatingSystem", "OSArchitecture") == row.word);
      BOOST_TEST(m.text("Win32_ComputerSystem", "SystemType") == row.processor);
    }
  }
  TestMachine made;
  BOOST_REQUIRE(set_sixty_four_bit(made.host, made.clock).has_value());
  BOOST_TEST(made.text("Win32_OperatingSystem", "OSArchitecture") == "64-bit");
}

// covers: Win32_OperatingSystem.Manufacturer, Win32_OperatingSystem.Status
// covers: Win32_ComputerSystem.Description, Win32_ComputerSystem.Manufacturer
// covers: Win32_ComputerSystem.Status, ServicePackMinorVersion, SystemDrive, BootupState
// covers: BuildType, CountryCode, CurrentTimeZone, OSLanguage, OSType, Primary, Model
// covers: CreationClassName, NumberOfProcessors, TotalPhysicalMemory
BOOST_AUTO_TEST_CASE(show_what_the_mof_declares_where_nothing_varies) {
  TestMachine m;
  for (const char* name : {"Win32_OperatingSystem", "Win32_ComputerSystem"}) {
    const cim::Instance row = m.rows(name).at(0);
    int constants = 0;
    for (const cim::Property& property : row.cls()->properties()) {
      if (property.default_value.is_null()) continue;
      ++constants;
      BOOST_TEST_CONTEXT(property.name) {
        BOOST_TEST((row.at(property.slot) == property.default_value));
      }
    }
    BOOST_TEST(constants > 5);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace slwmi::licensing
