// SPDX-License-Identifier: MIT
//
// Where the threads of this process stand, as far as the kernel says it of those that sleep in a system call.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::leaks {

struct Standing {
  static constexpr size_t kArguments = 6;

  int tid;
  bool asleep;
  uintptr_t stack_pointer, at;  // when asleep
  uint64_t arguments[kArguments];

  bool same_as(const Standing &other) const noexcept {
    return tid == other.tid && asleep && other.asleep && stack_pointer == other.stack_pointer &&
           at == other.at;
  }
};

// All but the calling thread, at most so many.
size_t standings(Standing *out, size_t most) noexcept;
// A line of /proc/PID/task/TID/syscall; false of one that runs.
bool parse_standing(const char *line, Standing &out) noexcept;

}  // namespace heapmeter::leaks
