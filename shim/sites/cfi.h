// SPDX-License-Identifier: MIT
//
// How the caller of the code at one address is found: one row of the call frame information, reduced to what
// a walk of return addresses needs. Usable anywhere: no lock, no allocation, bounded whatever the bytes say.
#pragma once

#include <stdint.h>

#include "sites/eh_frame.h"

namespace heapmeter::sites {

// Where sp will be after the return (the row's CFA). The return address is always right below.
enum class Way : uint8_t {
  kOdd,     // told in a way that is not read here
  kNone,    // not told: of no object
  kFromSp,  // sp + offset
  kFromBp,  // bp + offset
  kAtBp,    // in memory at bp + offset, and the caller's bp at bp: a frame that was aligned anew
  kSignal,  // a signal handler returns to it: all registers are in the signal's frame
  kEnd,     // nobody called it
  kSilent,  // not told: an object's code without call frame information
};

struct Rule {
  Way way = Way::kOdd;
  int64_t offset = 0;
  int64_t saved_bp = 0;  // from there, negative: where the caller's bp is; 0: still in the register
};

// pc is an address within the call, not the one behind it.
Rule rule_at(uintptr_t pc) noexcept;
Rule rule_of(const FrameEntry &entry, uintptr_t pc) noexcept;

}  // namespace heapmeter::sites
