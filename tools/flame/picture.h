// SPDX-License-Identifier: MIT
//
// What is to be drawn: the stacks of one reading, or of two to be compared; and of which measures.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sites/stacks.h"

namespace heapmeter::cli::flame {

struct Measure {
  const char *name;
  bool bytes;  // or a count
  std::uint64_t sites::Values::*field;
};

inline constexpr std::array kMeasures = {
    Measure{"live bytes", true, &sites::Values::live_bytes},
    Measure{"live blocks", false, &sites::Values::live_blocks},
    Measure{"allocated bytes", true, &sites::Values::allocated_bytes},
    Measure{"allocations", false, &sites::Values::allocations},
    Measure{"bytes at the peak", true, &sites::Values::peak_bytes},
    Measure{"blocks at the peak", false, &sites::Values::peak_blocks},
    Measure{"temporary allocations", false, &sites::Values::temporary},
};
inline constexpr const Measure &kLiveBytes = kMeasures[0];

// Who points at the blocks of stacks; these are numbers of those to be drawn.
struct Holders {
  struct Pointers {
    std::uint32_t towards = 0;
    std::string from;
    std::uint64_t pointers = 0;
    std::optional<std::uint32_t> from_stack;  // that allocated the blocks they are in
  };

  std::vector<std::uint32_t> asked;  // about others it is not known
  std::vector<Pointers> pointers;
};

struct Picture {
  std::string title;
  std::vector<std::string> notes;         // a line each
  const sites::Stacks *after = nullptr;   // to be drawn
  const sites::Stacks *before = nullptr;  // to be compared with, or none
  const Measure *measure = &kLiveBytes;   // that is seen first
  const Holders *holders = nullptr;       // of `after`, where it was asked; the page alone shows them
};

}  // namespace heapmeter::cli::flame
