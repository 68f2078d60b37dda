// SPDX-License-Identifier: MIT
//
// Lost blocks that threads had in their registers when the image was made: they, and what hangs together with
// them, are not proven lost; but for threads whose registers are not known, all the others are.
#pragma once

#include "lost/look.h"

namespace heapmeter::cli::lost {

// Of those that slept in a call all the while, what that keeps; of those that may have run, all registers.
// Where others came that nobody counted, as much more as the image itself takes to be in doubt.
void doubt_held(Look &look, const std::vector<std::uint64_t> &words, std::size_t unknown_asleep,
                std::size_t unknown_awake, bool others_came);

}  // namespace heapmeter::cli::lost
