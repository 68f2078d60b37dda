// SPDX-License-Identifier: MIT
//
// Where the threads of this process stand, as far as the kernel says it of those that sleep in a system call.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::leaks {

struct Standing {
  static constexpr size_t kArguments = 6;
  // What a call keeps for its caller; all that may have a pointer, but for vectors.
  static constexpr size_t kKept = 6, kAllRegisters = 15;

  int tid;
  bool asleep, in_call;
  bool lends_stack;             // to a child that shares its memory, until that executes a program or ends
  uintptr_t stack_pointer, at;  // when asleep
  uint64_t arguments[kArguments];
  uint64_t runs;  // how often it had a processor; 0 where the kernel does not say

  // It has not run in between, or, where that is not known, stands where it stood.
  bool same_as(const Standing &other) const noexcept {
    return tid == other.tid && asleep && other.asleep && stack_pointer == other.stack_pointer &&
           at == other.at && runs == other.runs;
  }
};

// All but the calling thread, at most so many.
size_t standings(Standing *out, size_t most) noexcept;
// A line of /proc/PID/task/TID/syscall; false of one that runs.
bool parse_standing(const char *line, Standing &out) noexcept;
// Of /proc/PID/task/TID/schedstat.
uint64_t parse_runs(const char *line) noexcept;
// So many of their registers may hold a pointer that is nowhere else, of those that were there before or
// after but for one: of who stood still in a call, those that it keeps; of others any.
uint64_t registers_of(const Standing *before, size_t before_count, const Standing *after, size_t after_count,
                      int but) noexcept;

}  // namespace heapmeter::leaks
