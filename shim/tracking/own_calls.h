// SPDX-License-Identifier: MIT
//
// Calls that the program's own allocator makes of itself, by the names of the malloc family, which are ours:
// its malloc built on its calloc, its free on its realloc, a scratch block of its own amid one. Without us
// these would go straight to it, and so they do here: they are no request of the program's, and what they
// make is known to nobody but that allocator.
//
// They are told by the code that they come from. A signal's handler, or libc, may ask for blocks amid such a
// call, too: these are counted.
#pragma once

#include "backend/allocator.h"
#include "books/counters.h"

namespace heapmeter::own_calls {

// From here on backend::next notes when it is at work. Once, before the first block.
void watch() noexcept;

// Its own operator new, which may throw, or null.
void *(*operator_new() noexcept)(size_t);
// What it released by a call of this kind, or resized to nothing.
void release(void *block, FreeKind kind) noexcept;
// By its own names; false where it has none of that name, or the call is no such one.
bool reallocate_array(void *&block, size_t count, size_t bytes) noexcept;
bool release_as_cfree(void *block) noexcept;

// Whether the call comes from the allocator behind us while it works for us.
bool is_within() noexcept;
// Whether it comes from its code at all: it may release at its end what it made amid a call.
bool is_allocators() noexcept;

inline bool within() noexcept { return HEAPMETER_UNLIKELY(backend::asks_by_name) && is_within(); }
inline bool allocators() noexcept { return HEAPMETER_UNLIKELY(backend::asks_by_name) && is_allocators(); }

}  // namespace heapmeter::own_calls
