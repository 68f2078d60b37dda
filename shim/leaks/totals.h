// SPDX-License-Identifier: MIT
//
// The lost blocks of a look, added up: all of them, and those alike.
#pragma once

#include "leaks/findings.h"

namespace heapmeter::leaks {

struct Sum {
  uint64_t blocks, bytes;                        // lost for certain, directly or not
  uint64_t indirectly_blocks, indirectly_bytes;  // of these
  uint64_t perhaps_blocks, perhaps_bytes;        // beside these: a register may hold them

  void add(const Lost &lost) noexcept;
};
Sum sum(const Findings &findings) noexcept;

// Blocks of one site; where none is known, of one size and family.
struct Alike {
  uint32_t site;
  Family family;
  uint64_t size;  // 0 where they are of one site
  uint64_t example;
  Sum sum;
};
// The first row of those at or behind `at` in the list, which sort_alike() has sorted; `at` goes on behind
// it.
void sort_alike(Findings &findings) noexcept;
Alike next_alike(const Findings &findings, size_t &at) noexcept;

}  // namespace heapmeter::leaks
