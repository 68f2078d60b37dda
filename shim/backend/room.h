// SPDX-License-Identifier: MIT
//
// Room for a block: with a mapping of its own, or, with `mapped` 0, the backend's.
#pragma once

#include <stdint.h>

#include "backend/mapped_heap.h"
#include "base/size_bins.h"

namespace heapmeter {

using Room = mapped_heap::Block;

namespace room {

// More than this no allocator gives.
inline constexpr size_t kLargest = PTRDIFF_MAX;

inline size_t at_least(size_t bytes) noexcept { return bytes < kLeastRequest ? kLeastRequest : bytes; }

Room of(size_t bytes, bool zeroed) noexcept;
Room aligned(size_t bytes, size_t alignment) noexcept;
// As regular as any: null where it is not to be had so, which says nothing of memory.
void *naturally_aligned(size_t bytes, size_t alignment) noexcept;
void give_back(Room room) noexcept;

// For a block for whose entry there is no memory: the backend's, which knows it again when it comes back.
// Zeroed when `room` was, which goes back.
Room without_entry(Room room, size_t bytes, size_t alignment) noexcept;
size_t all_without_entry() noexcept;
// Of a block that has no entry: whether it may be such a one. It leaves.
bool was_without_entry() noexcept;

}  // namespace room
}  // namespace heapmeter
