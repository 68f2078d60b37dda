// SPDX-License-Identifier: MIT
//
// A sleeping thread may hold a block in a register only, and with it all that can be reached from there. So
// of the lost blocks, those that point at each other are one group, and as many of the largest groups as
// there are such registers are not proven lost.
#pragma once

#include "leaks/findings.h"
#include "leaks/marking.h"

namespace heapmeter::leaks {

// `lost` in the order of their addresses. False where there is no memory for it: then all are `perhaps`.
bool doubt_largest_groups(Lost *lost, size_t count, uint64_t registers, Marking &marking) noexcept;

}  // namespace heapmeter::leaks
