// SPDX-License-Identifier: MIT
//
// The part of a thread's own stack that is known to be there and readable: from the lowest page that a walk
// began on up to the end. It stays so for the thread's life. Elsewhere (a coroutine's stack, an alternate
// signal stack) nothing is known, and every page is asked for.
#pragma once

#include <stdint.h>

#include "base/compiler.h"

namespace heapmeter::sites {

// Lives in memory that starts as zero.
class OwnStack {
 public:
  // Whether all of [sp, end()) may be read.
  HEAPMETER_INLINE bool holds(uintptr_t sp) noexcept {
    return HEAPMETER_LIKELY(sp - low_ < end_ - low_) || grows_to(sp);
  }
  uintptr_t end() const noexcept { return end_; }

  // By the thread that the process began with, which is known by that from then on.
  static void began_here() noexcept;

 private:
  bool grows_to(uintptr_t sp) noexcept;
  void find_end(uintptr_t sp) noexcept;

  uintptr_t low_, end_;
  uintptr_t gap_;  // the end of the highest page below that cannot be read: the stack ends above it
};

namespace pages {

// Whether the kernel may be asked, and can tell. Takes a call itself.
bool may_ask() noexcept;
// Whether a word there can be read; after the kernel may be asked.
bool is_readable(uintptr_t address) noexcept;

}  // namespace pages

}  // namespace heapmeter::sites
