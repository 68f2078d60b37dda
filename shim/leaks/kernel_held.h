// SPDX-License-Identifier: MIT
//
// Words that the program has given to the kernel and will have back from it: user data of epoll, values of
// timers. Both stand in /proc; what is in a pipe, or in a ring of requests under way, nobody can see.
#pragma once

#include "leaks/findings.h"

namespace heapmeter::leaks {

class KernelHeld {
 public:
  // About so long. Whether all was looked at.
  bool look(Findings &findings, uint64_t nanoseconds) noexcept;

 private:
  long position_ = 0;  // in the list of descriptors
};

// Of a line of an epoll's fdinfo, or of /proc/PID/timers; 0 where it has none.
uint64_t epoll_word(const char *line) noexcept;
uint64_t timer_word(const char *line) noexcept;

}  // namespace heapmeter::leaks
