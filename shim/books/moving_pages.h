// SPDX-License-Identifier: MIT
//
// Pages of a table, all of whose entries are gone, back to the kernel while others go on writing there.
//
// On a page there is either an entry of what lives, and it stays, or there are traces of what is gone only.
// The next entry may be born there at any moment, by who asks nobody. So the page is not thrown away where it
// is: it is moved elsewhere as a whole, leaving a fresh one, and what was born in time to be moved along is
// brought back. Until then who looks for it finds nothing, and waits; so does whoever else finds nothing.
//
// No fence stands between an entry's plain stores and the move: the kernel unmaps a page only once all that
// other processors did through its old address is done, on x86 by interrupting them, on arm64 by a barrier
// that waits for it. So each of those stores is on the page that moves, and what the mover stored before is
// seen by whoever finds a fresh page. Who read an entry before the move, and ends it after, leaves a trace on
// the fresh page: what comes back goes only where nothing is.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

namespace heapmeter {

class MovingPages {
 public:
  struct Away {
    uint8_t *from, *to;
    size_t bytes;
  };
  // In any thread and in handlers, also by several at once, or begun anew.
  using BringBack = void (*)(const Away &) noexcept;
  static constexpr size_t kAtOnce = 256;  // pages

  // False where there is no memory, it is not to be done, or another is at it. Only then no end(). Always
  // with the same; this is all zero before.
  bool begin(BringBack bring_back) noexcept;
  void end() noexcept;
  // Between the two: kAtOnce pages at most. False where the kernel does not.
  bool move(uint8_t *from, size_t bytes) noexcept;

  // Whoever finds nothing reads it again until it is settled: what was read since moves() said so is the
  // truth.
  uint32_t moves() const noexcept { return __atomic_load_n(&moves_, __ATOMIC_ACQUIRE); }
  bool settled(uint32_t moves) const noexcept {
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return moves % 2 == 0 && __atomic_load_n(&moves_, __ATOMIC_RELAXED) == moves;
  }
  // False: it is over, or this thread cannot wait for it; then what is read is all there is.
  bool wait_for(uint32_t moves) noexcept;
  // In a forked child: what another thread had begun is again what it was.
  void in_child() noexcept;

 private:
  void end_move(uint32_t move) noexcept;

  BringBack bring_back_ = nullptr;
  bool at_it_ = false;
  uint32_t moves_ = 0;  // odd while pages are away
  Away away_ = {};
  void *mover_ = nullptr;  // the thread, by its thread pointer
  uint8_t *landing_ = nullptr;
};

}  // namespace heapmeter
