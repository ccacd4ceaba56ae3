// The schema that comes with the program: the system classes and everything in provider/mof. Made
// from the MOF when the program is built; classes are decoded when they are first asked for.
#pragma once

#include "schema/repository.hpp"

namespace slwmi::licensing {

// The same repository at every call. It is a sound one: a test compares it with the MOF.
const cim::RepositoryPtr& embedded_schema();

}  // namespace slwmi::licensing
