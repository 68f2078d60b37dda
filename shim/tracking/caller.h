// SPDX-License-Identifier: MIT
//
// Who called the library: the registers as they were in the caller of malloc, operator new, ….
#pragma once

#include "base/compiler.h"
#include "sites/stack.h"

namespace heapmeter::caller {

// From the registers in one of the library's functions outwards, to the first frame that is not its own.
sites::Registers leave_library(sites::Registers registers) noexcept;

// Of the function this stands in, which is of the library and is not inlined; it gets a frame pointer.
HEAPMETER_INLINE sites::Registers here() noexcept {
  const auto *frame = static_cast<const uintptr_t *>(__builtin_frame_address(0));
  return leave_library({frame[1], reinterpret_cast<uintptr_t>(frame + 2), frame[0]});
}

}  // namespace heapmeter::caller
