// SPDX-License-Identifier: MIT
//
// Where a walk stands.
#pragma once

#include <stdint.h>

namespace heapmeter::sites {

struct Registers {
  uintptr_t ip;  // where the call returns to
  uintptr_t sp;  // as it will be then
  uintptr_t bp;  // rbp there
};

}  // namespace heapmeter::sites
