// SPDX-License-Identifier: MIT
//
// Whether the control group has room for a copy of the process whose every page the process then writes.
// Where memory runs out the copy is the first to go; but with memory.oom.group, as services and containers
// have it, all go with it.
#pragma once

#include <stdint.h>

namespace heapmeter::leaks::room {

// What would come to it at most: the anonymous memory of this process.
uint64_t bytes_of_copy() noexcept;
// By /proc/PID/cgroup, and the directory where the groups are.
bool has(const char *groups_of_process, const char *directory, uint64_t bytes) noexcept;

}  // namespace heapmeter::leaks::room
