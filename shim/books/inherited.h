// SPDX-License-Identifier: MIT
//
// What a forked process had counted before it was: its parent's figures, with which its own begin, so that
// whoever adds up a tree of processes does not add them twice.
#pragma once

#include <heapmeter/heapmeter.h>

namespace heapmeter::inherited {

enum class Origin {
  kOwn,      // the program counts from 0
  kForked,   // from what the parent had counted
  kUnknown,  // a fork that runs no handlers (_Fork, a raw clone)
};

// At start, once.
void nothing() noexcept;
// In a forked child, before it counts anything.
void everything() noexcept;

Origin origin() noexcept;
// Counters only, without the meter's own memory.
const heapmeter_snapshot &counts() noexcept;

}  // namespace heapmeter::inherited
