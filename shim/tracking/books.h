// SPDX-License-Identifier: MIT
//
// What allocating, releasing and resizing share in the slow way: room for a block, its entry, and the
// counters. For tracked_heap.cpp and reallocation.cpp only.
#pragma once

#include <errno.h>
#include <stdint.h>

#include "backend/allocator.h"
#include "backend/mapped_heap.h"
#include "books/faults.h"
#include "books/ledger.h"
#include "books/slot.h"

namespace heapmeter::books {

// More than this no allocator gives.
inline constexpr size_t kLargest = PTRDIFF_MAX;

// Room for a block: with a mapping of its own, or, with `mapped` 0, the backend's.
using Room = mapped_heap::Block;
Room room_for(size_t bytes, bool zeroed) noexcept;
void give_back(Room room) noexcept;

void add(Slot &slot, Counter &counter, uint64_t by) noexcept;
// One whole operation each, in the order that vanished.h tells. `usable` is the backend's word, 0 for a
// regular block.
void count_in(Slot &slot, AllocationKind kind, size_t bytes, size_t usable) noexcept;
void count_out(Slot &slot, FreeKind kind, size_t bytes, size_t usable) noexcept;
void count_move(Slot &slot, size_t from, size_t usable_from, size_t to, size_t usable_to) noexcept;
void note_fault(Counter Counters::*counter, faults::Fault fault, Family allocated_by, FreeKind kind,
                uint64_t bytes) noexcept;
// Null, with errno set, counted as a failure.
void *fail(int error = ENOMEM) noexcept;

// The usable bytes to note for a block, 0 when its size class says them.
size_t noted_usable(Room room, size_t bytes, bool regular) noexcept;
// Usable bytes of a live block as they were noted when it was born.
size_t usable_of(void *block, const entry::Decoded &noted) noexcept;
void write_entry(const ledger::Place &place, size_t bytes, size_t usable, Family family,
                 bool mapped) noexcept;

// A block for whose entry there is no memory is given all the same, out of the books: by the backend, which
// knows it again when it comes back. Zeroed when `room` was; `room` goes back.
Room without_entry(Room room, size_t bytes, size_t alignment) noexcept;
bool any_without_entry() noexcept;
// Of a block that has no entry: whether it may be such a one. It leaves.
bool was_without_entry() noexcept;

// Whether the address, which is no block's, lies within a live one.
bool is_within_a_block(const void *address) noexcept;

// Whether the address of a block that was released is another allocator's now: its memory went back to the
// kernel, which gave it away again.
bool reused_by_another(const void *block) noexcept;

inline size_t at_least(size_t bytes) noexcept { return bytes < kLeastRequest ? kLeastRequest : bytes; }

}  // namespace heapmeter::books
