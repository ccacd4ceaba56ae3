// How failed comparisons print the types of this part.
#pragma once

#include <ostream>

#include "base/hresult.hpp"
#include "provider/license.hpp"

namespace slwmi {

inline std::ostream& boost_test_print_type(std::ostream& out, HResult code) {
  return out << to_hex(code) << ' ' << symbol_of(code);
}

namespace licensing {

inline std::ostream& boost_test_print_type(std::ostream& out, LicenseStatus status) {
  return out << static_cast<std::uint32_t>(status);
}
inline std::ostream& boost_test_print_type(std::ostream& out, const Status& s) {
  return out << "status " << static_cast<std::uint32_t>(s.status) << " reason " << to_hex(s.reason)
             << " remaining " << s.remaining;
}

}  // namespace licensing
}  // namespace slwmi
