// SPDX-License-Identifier: MIT
//
// The walk for all that is not usual: through signal frames, on stacks that are not the thread's own, through
// frames of 128 KiB and code without call frame information. It remembers nothing, and asks for every page
// that is not known to be there.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sites/own_stack.h"
#include "sites/registers.h"

namespace heapmeter::sites {

struct Walked {
  size_t frames;
  bool cut_short;  // not because the outermost was reached
};

Walked walk_carefully(OwnStack &own, const Registers &from, uint32_t generation, uintptr_t *ips,
                      size_t most) noexcept;

}  // namespace heapmeter::sites
