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
  void add(const Sum &other) noexcept;
};
// Those beyond the list, too.
Sum sum(const Findings &findings) noexcept;

// Blocks of one site; where none is known, of one size and family.
struct Alike {
  uint32_t site;
  Family family;
  uint64_t size;  // 0 where they are of one site
  uint64_t example;
  Sum sum;
};
// What takes most first. Sorts the list of the lost; its own memory goes with it.
class Rows {
 public:
  // None where there is no memory for them.
  explicit Rows(Findings &findings) noexcept;
  ~Rows();
  Rows(const Rows &) = delete;
  Rows &operator=(const Rows &) = delete;

  size_t size() const noexcept { return size_; }
  const Alike &operator[](size_t at) const noexcept { return rows_[at]; }

 private:
  Alike *rows_;
  size_t most_, size_ = 0;
};

}  // namespace heapmeter::leaks
