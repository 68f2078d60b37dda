// SPDX-License-Identifier: MIT
//
// Whether the blocks that a walk found are those that were counted. A thread that was half-way through a call
// when the image was made has told one side only: of a block that is born or dies, or of two sizes of one
// that is moved. Among hundreds of threads that share a few processors there is always such a one, however
// often the image is made: then the difference is told, if calls of that many threads explain it, size by
// size.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/sums.h"
#include "leaks/blocks.h"

namespace heapmeter::leaks {

// So many sizes of blocks, at least, were told on one side only; 0: none, as far as the sizes' bins tell.
uint64_t told_by_half(const Blocks &blocks, const Bins &counted) noexcept;

// Whether so many threads, each in one call, may have told so much by half.
inline bool explained(uint64_t told_by_half, size_t threads) noexcept { return told_by_half <= 2 * threads; }

}  // namespace heapmeter::leaks
