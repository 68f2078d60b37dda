// SPDX-License-Identifier: MIT
//
// Calls that the program's own allocator makes of itself, by the names of the malloc family, which are ours:
// its malloc built on its calloc, its free on its realloc, a scratch block of its own amid one. Without us
// these would go straight to it, and so they do here: they are no request of the program's, and what they
// make is known to nobody but that allocator.
//
// They are told by the code that they come from. A signal's handler, or libc, may ask for blocks amid such a
// call, too: these are counted, except where no stack can be walked: there all amid it is the allocator's.
// What it made is its own while it is at work, whoever releases or resizes that for it, libc or the C++
// runtime; else only its own code may, or the release is a foreign one.
#pragma once

#include "backend/allocator.h"
#include "books/counters.h"

namespace heapmeter::own_calls {

// From here on backend::next notes when it is at work. Once, before the first block.
void watch() noexcept;

// Whether it has an operator of its own for that, not the aligned ones, and that.
bool has_operator_new(AllocationKind kind) noexcept;
void *make_new(size_t bytes, AllocationKind kind, bool may_throw);
bool has_operator_delete(FreeKind kind) noexcept;
// What it made for itself, or null: whatever was there before is forgotten.
void *born(void *block) noexcept;
// What it resizes, or released by a call of this kind, or resized to nothing.
void *reallocate(void *block, size_t bytes) noexcept;
void release(void *block, FreeKind kind) noexcept;
// By its own names; false where it has none of that name, or the call is no such one.
bool reallocate_array(void *&block, size_t count, size_t bytes) noexcept;
bool release_as_cfree(void *block) noexcept;

// Whether the allocator behind us works for us. A frame that is no longer above this one is gone: a handler
// jumped out of the call.
bool is_waiting() noexcept;
// Whether the call comes from it while it does.
bool is_within() noexcept;
// Whether a block that is not in the books is one that it resizes or releases, or the call is its own at all:
// it may release at its end what it made amid a call.
bool is_allocators(const void *block) noexcept;

inline bool within() noexcept { return HEAPMETER_UNLIKELY(backend::asks_by_name) && is_within(); }
inline bool waiting() noexcept { return HEAPMETER_UNLIKELY(backend::asks_by_name) && is_waiting(); }
inline bool allocators(const void *block) noexcept {
  return HEAPMETER_UNLIKELY(backend::asks_by_name) && is_allocators(block);
}

}  // namespace heapmeter::own_calls
