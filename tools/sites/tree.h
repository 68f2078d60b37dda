// SPDX-License-Identifier: MIT
//
// Stacks as a tree of who called whom, from one of its two ends; pure.
#pragma once

#include <cstdint>
#include <vector>

#include "sites/ranking.h"

namespace heapmeter::cli::sites {

// From the code that allocates to those who called it, or from main to what it calls.
enum class Direction { kCallers, kCallees };

struct Branch {
  std::uint32_t frame = 0;
  Values values;                        // of all stacks that go through here
  std::vector<std::uint32_t> branches;  // indices of the tree; what has most first
};

struct Tree {
  std::vector<Branch> all;  // the first is the root, which is no frame
};

Tree tree_of(const std::vector<const Stacks::Stack *> &stacks, Direction direction, By by);

}  // namespace heapmeter::cli::sites
