// SPDX-License-Identifier: MIT
//
// Where the frames of a tree lie, in a width that is its root's: each as wide as its total, the widest of its
// siblings first. Of two readings a stack is as wide as its change, whichever way it went; pure.
#pragma once

#include <cstdint>
#include <vector>

#include "flame/tree.h"

namespace heapmeter::cli::flame {

struct Box {
  std::uint32_t node = 0;
  int depth = 0;  // the root's is 0
  double left = 0, width = 0;
  double after = 0, before = 0, larger = 0;  // of what ends in it: the larger of each stack's, summed up
};

// Those at least so wide, as parts of 1; row by row, the root first.
std::vector<Box> layout(const Tree &tree, const Measure &measure, double narrowest);

}  // namespace heapmeter::cli::flame
