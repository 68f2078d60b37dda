// SPDX-License-Identifier: MIT
//
// Who this process is, asked from the kernel: by the service thread, or at exit. Not for hooks.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter {

struct Identity {
  int pid;
  int parent_pid;
  uint64_t start_time;          // clock ticks since boot, as in field 22 of /proc/self/stat
  uint64_t uptime_thousandths;  // of a second
  uint64_t monotonic_ns;
  char name[64];  // as in /proc/self/comm
};

Identity identify() noexcept;

// The path of the executable and the command line, arguments ended by zeros; bytes written.
size_t executable_path(char *out, size_t capacity) noexcept;
size_t command_line(char *out, size_t capacity) noexcept;
// The name of one of this process's threads, "" when it is gone.
void thread_name(int tid, char *out, size_t capacity) noexcept;

}  // namespace heapmeter
