// The properties of SoftwareLicensingProduct one by one, for those who have a product's state at
// hand and no registry to read it from: queries over all machines of a world.
#pragma once

#include <cstdint>
#include <memory>

#include "base/datetime.hpp"
#include "provider/host.hpp"
#include "provider/machine_state.hpp"
#include "schema/class.hpp"
#include "schema/value.hpp"

namespace slwmi::licensing {

class ProductValues {
 public:
  // Of the class as some OS version has it, which must outlive this.
  explicit ProductValues(const cim::Class& cls);
  ~ProductValues();

  // What a property depends on, beside the operating system.
  enum class Varies : std::uint8_t {
    kByProduct,   // the product alone
    kByRecord,    // its licence record and the time
    kByMachine,   // the record and who the machine is
    kByRegistry,  // values of the registry: value() does not know them
  };
  Varies varies(int slot) const;

  // What the property shows; `host` needs facts and operating system only.
  cim::Value value(const Host& host, const Carried& carried, FileTime now, int slot) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace slwmi::licensing
