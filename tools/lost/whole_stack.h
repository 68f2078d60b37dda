// SPDX-License-Identifier: MIT
//
// All of a call stack, as rules of suppression are held against it: with the allocator's own frames, the
// start of the program, and the paths of files.
#pragma once

#include "sites/stacks.h"
#include "suppressions/matching.h"

namespace heapmeter::cli::lost {

// Of a leaf of the profile; nothing for 0.
suppressions::Stack whole_stack(const sites::Profile &profile, std::uint32_t leaf, const std::string &family,
                                const sites::Naming &naming);

}  // namespace heapmeter::cli::lost
