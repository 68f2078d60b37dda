// SPDX-License-Identifier: MIT
//
// What the allocator holds of the kernel's memory, blocks and free alike, without blocks that have a mapping
// of their own.
#pragma once

#include <stddef.h>

namespace heapmeter::held_memory {

// 0 where it is not known: the allocator is the program's own, or its sandbox kills for asking the kernel.
size_t resident_bytes() noexcept;

}  // namespace heapmeter::held_memory
