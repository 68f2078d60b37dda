// SPDX-License-Identifier: MIT
//
// Lost blocks added up: all of them, and those of one call stack, or, where none is known, of one size and
// family.
//
// A register of a sleeping thread may hold a block, and with it all that it leads to. Which ones nobody knows
// from outside; so each sum is a range: what is left when as many of its largest groups as there are such
// registers were held, and what is there if none was. Where registers were read, what they hold is known.
#pragma once

#include "lost/look.h"

namespace heapmeter::cli::lost {

struct Sum {
  std::uint64_t blocks = 0, bytes = 0;                        // if no register holds any
  std::uint64_t least_blocks = 0, least_bytes = 0;            // if as many as can do
  std::uint64_t indirectly_blocks = 0, indirectly_bytes = 0;  // of the first

  Sum &operator+=(const Sum &more);
};

struct Row {
  std::uint32_t leaf = 0;  // 0: by size and family
  std::string family;
  std::uint64_t block_bytes = 0;
  std::uint64_t example = 0;  // an address
  Sum sum;
};

Sum sum(const Look &look);
// What takes most first.
std::vector<Row> rows(const Look &look);

}  // namespace heapmeter::cli::lost
