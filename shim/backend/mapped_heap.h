// SPDX-License-Identifier: MIT
//
// Large blocks, each with a mapping of its own, beside mimalloc: it maps its huge blocks, too, but fills
// fresh zero pages with zeros, copies where the kernel could move pages, and maps in a way that no overcommit
// limit is asked. As in glibc: from a size on that grows with what is released, so that blocks that come and
// go are the allocator's.
//
// Knows no block: whoever has one remembers that it is mapped, and the bytes of its mapping.
#pragma once

#include <stddef.h>

#include "base/compiler.h"

namespace heapmeter::mapped_heap {

struct Block {
  void *start;
  size_t mapped;  // bytes of its mapping
};

// No mapping is smaller.
inline constexpr size_t kLeast = size_t{64} << 10;
// From here on a block is never the allocator's.
inline constexpr size_t kAlways = size_t{16} << 20;
extern HEAPMETER_HIDDEN size_t least;

inline bool takes(size_t bytes) noexcept { return bytes >= __atomic_load_n(&least, __ATOMIC_RELAXED); }

// Zeroed. Alignment is a power of two. Null start when the kernel refuses.
Block allocate(size_t bytes, size_t alignment) noexcept;
void release(Block block) noexcept;
// The block with as many bytes as are asked for, where it is; or unchanged when it cannot be.
Block resize(Block block, size_t bytes) noexcept;
// Its pages, without a copy, to where there is room for so many bytes. Null start when the kernel refuses;
// then everything is as before.
Block move(Block block, size_t bytes) noexcept;

// All there are.
size_t blocks() noexcept;
size_t bytes() noexcept;

}  // namespace heapmeter::mapped_heap
