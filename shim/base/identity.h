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
  uint64_t counting_since_ns;  // the same clock: another number is another program, which counts from 0
  char name[64];               // as in /proc/self/comm
};

// Once, at the start. A forked child keeps it, as it keeps the counts.
void note_counting_since() noexcept;

Identity identify() noexcept;
uint64_t thousandths_since_1970() noexcept;  // of a second
uint64_t counting_since_1970() noexcept;     // in seconds

// The path of the executable and the command line, arguments ended by zeros; bytes written.
size_t executable_path(char *out, size_t capacity) noexcept;
size_t command_line(char *out, size_t capacity) noexcept;
// Resident memory: the highest of this program, without what the process was before its exec; and what of it
// are pages of files, or shared, now. 0 when not known.
struct Resident {
  uint64_t peak_bytes, file_bytes;
};
Resident resident() noexcept;
uint64_t cpu_thousandths() noexcept;  // of a second, of all its threads
// The name of one of this process's threads, "" when it is gone.
void thread_name(int tid, char *out, size_t capacity) noexcept;

}  // namespace heapmeter
