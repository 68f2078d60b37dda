// SPDX-License-Identifier: MIT
//
// Entries that went elsewhere with their pages, and come back to where other entries may be by now.
#pragma once

#include <stddef.h>
#include <stdint.h>

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

}  // namespace heapmeter::ledger
