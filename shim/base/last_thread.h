// SPDX-License-Identifier: MIT
//
// A thread that leaves by the bare exit system call ends the process only if it is the last, and ours would
// be one more. The kernel has no event for that which could be waited for together with a socket, so the
// service asks here, less and less often; one who leaves through libc's syscall() is recognised at once.
#pragma once

#include <stdint.h>

namespace heapmeter::last_thread {

// Has the program ended but for us?
bool program_is_gone() noexcept;
// False without /proc, or where no file can be opened: then it is never seen to be gone.
bool can_tell() noexcept;

// When the service asks: each look as far ahead as all that went before. A day of idling has twenty, and a
// program that left unnoticed is held on to no longer than it lived.
class Watch {
 public:
  explicit Watch(uint64_t now_ns) noexcept : started_ns_(now_ns), next_look_ns_(now_ns) {}
  uint64_t next_look_ns() const noexcept { return next_look_ns_; }
  // Whether it is time to look; then the next time is further off.
  bool due(uint64_t now_ns) noexcept;

 private:
  uint64_t started_ns_;
  uint64_t next_look_ns_;
};

// Has the thread that the process began with ended?
bool leader_is_gone() noexcept;

// What the program's exit code was to be; the last thread of a process is the one that says it.
int exit_code() noexcept;

// Asked by a thread of the program, while the service runs: is it the last but the service?
bool leaving() noexcept;

}  // namespace heapmeter::last_thread
