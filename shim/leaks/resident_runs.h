// SPDX-License-Identifier: MIT
//
// Which parts of shared memory are in memory. What was never written is not: who reads that has the kernel
// make it, for good, in the process's own memory, too. What was swapped out is neither, and not told from it:
// where anything is, all is taken.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "leaks/areas.h"

namespace heapmeter::leaks {

class ResidentRuns {
 public:
  // The first within [from, end); an empty one at the end when there is none.
  Area next(uintptr_t from, uintptr_t end) noexcept;

 private:
  static constexpr size_t kAtOnce = 1024;

  bool ask(uintptr_t page, uintptr_t end) noexcept;

  enum class Swapped { kUnknown, kNothing, kSomething };
  Swapped swapped_ = Swapped::kUnknown;
  // What the last question was about, and its answer.
  uintptr_t from_ = 0, until_ = 0;
  uint8_t resident_[kAtOnce];
};

}  // namespace heapmeter::leaks
