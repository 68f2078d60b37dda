// SPDX-License-Identifier: MIT
//
// Who called the library: the registers as they were in the caller of malloc, operator new, ….
#pragma once

#include "base/own_code.h"
#include "sites/stack.h"

namespace heapmeter::caller {

sites::Registers step_over_library(sites::Registers registers) noexcept;
// From the registers in one of the library's functions outwards, to the first frame that is not its own.
HEAPMETER_INLINE sites::Registers leave_library(const sites::Registers &registers) noexcept {
  return HEAPMETER_LIKELY(!is_own_code(registers.ip)) ? registers : step_over_library(registers);
}

// Of who jumped to the function this stands in, or called it, which is not inlined; it gets a frame pointer.
HEAPMETER_INLINE sites::Registers of_this_function() noexcept {
  const auto *frame = static_cast<const uintptr_t *>(__builtin_frame_address(0));
  return {frame[1], reinterpret_cast<uintptr_t>(frame + 2), frame[0]};
}

// Of the function this stands in, which is of the library and is not inlined; it gets a frame pointer.
HEAPMETER_INLINE sites::Registers here() noexcept { return leave_library(of_this_function()); }

}  // namespace heapmeter::caller
