// SPDX-License-Identifier: MIT
//
// Which code is the library's own.
#pragma once

#include <stdint.h>

#include "base/compiler.h"

// From the linker: where the library begins, and where its code ends.
extern "C" {
extern const char __ehdr_start[] HEAPMETER_HIDDEN;
extern const char etext[] HEAPMETER_HIDDEN;
}

namespace heapmeter {

HEAPMETER_INLINE bool is_own_code(uintptr_t address) noexcept {
  const auto start = reinterpret_cast<uintptr_t>(__ehdr_start), end = reinterpret_cast<uintptr_t>(etext);
  return address - start < end - start;
}

}  // namespace heapmeter
