// SPDX-License-Identifier: MIT
//
// The stacks of one or two readings, merged from the outermost frame on; pure.
#pragma once

#include <cstdint>
#include <vector>

#include "flame/picture.h"

namespace heapmeter::cli::flame {

// Whether two lines of a function are two frames.
enum class Grain { kFunctions, kLines };

struct Tree {
  struct Node {
    std::uint32_t parent = 0, frame = 0;
  };
  struct End {
    std::uint32_t node = 0;
    sites::Values after, before;
  };

  std::vector<symbols::Frame> frames;  // each but once
  std::vector<Node> nodes;  // the first is the root, which has no frame; a parent comes before its children
  std::vector<End> ends;    // where stacks end, one for each such node
  std::vector<std::uint32_t> end_of;  // of each stack of `after`
  bool compared = false;
  std::vector<std::string> modules;  // through which most live bytes were allocated first; none ("") last
};

Tree merge(const Picture &picture, Grain grain);

}  // namespace heapmeter::cli::flame
