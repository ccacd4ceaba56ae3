// Memory for a process that opens a world, asks once and ends.
#pragma once

namespace slwmi::tools {

// Gives the heap what such a process needs in one system call, and SQLite small buffers: page
// faults cost it more than its work. To be called before a world is opened; the second time it does
// nothing, and where the system cannot (Linux before 5.14) the heap grows as it always does.
void prepare_for_short_process();

}  // namespace slwmi::tools
