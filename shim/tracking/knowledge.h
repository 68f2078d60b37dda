// SPDX-License-Identifier: MIT
//
// What a look is told of a block by those who tell allocations apart.
#pragma once

#include "leaks/knowledge.h"
#include "sites/sites.h"
#include "tracking/attribution.h"

namespace heapmeter {

inline uint32_t leaf_of(const void *block) noexcept { return sites::the_sites.leaf_of(block); }
inline constexpr leaks::Knowledge kKnowledge = {attribution::look_behind, leaf_of};

}  // namespace heapmeter
