// The sources of the embedded images: which files make which image, the .reg files and the table of
// descriptors. Read by the build and by the test that holds the embedded images against their
// sources.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "registry/op.hpp"

namespace slwmi::reg {

struct ImageList {
  struct System {
    std::string name, family;
    std::vector<std::size_t> files;  // indexes into ImageList::files, in order of application
  };
  struct Edition {
    std::string family, name;
    std::size_t file = 0;
  };
  std::vector<std::string> files;  // without ".reg"
  std::vector<System> systems;
  std::vector<Edition> editions;
};

// E_INVALIDARG with the line for what is not understood, in all three.
Result<ImageList> parse_image_list(std::string_view text);
Result<std::vector<Op>> parse_image_file(std::string_view text);      // a .reg file, strictly
Result<std::vector<Op>> parse_image_security(std::string_view text);  // lines of SDDL and path

}  // namespace slwmi::reg
