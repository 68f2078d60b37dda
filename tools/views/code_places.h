// SPDX-License-Identifier: MIT
//
// Code in a sentence: where it is and who called it, and how much of it; pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sites/stacks.h"
#include "verdicts/observed.h"

namespace heapmeter::cli {

// Innermost first, and who called it: "Cache::put  cache.cpp:41 < serve < main".
std::string code_place(const sites::Stacks &stacks, const sites::Stacks::Stack &stack, std::size_t callers,
                       bool utf8);

// Of changes, what grew: most first.
std::vector<verdicts::Code> growing_code(const sites::Stacks &changes);
// What holds most blocks of up to so many bytes in the mean.
std::vector<verdicts::Code> code_of_small_blocks(const sites::Stacks &stacks, double most_bytes);
// What held most at the peak.
std::vector<verdicts::Code> code_at_peak(const sites::Stacks &stacks);

}  // namespace heapmeter::cli
