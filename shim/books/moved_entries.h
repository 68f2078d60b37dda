// SPDX-License-Identifier: MIT
//
// Entries that went elsewhere with their pages, and come back to where other entries may be by now.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/moving_pages.h"

namespace heapmeter::ledger {

struct MovedEntries {
  uint8_t *from;
  uint8_t *to;
  size_t bytes;

  // In any thread and in handlers, also by several at once, or begun anew.
  void bring_back() const noexcept;

 private:
  size_t bring_back(size_t at) const noexcept;
};

inline void bring_back(const MovingPages::Away &away) noexcept {
  MovedEntries{away.from, away.to, away.bytes}.bring_back();
}

}  // namespace heapmeter::ledger
