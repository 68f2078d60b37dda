// SPDX-License-Identifier: MIT
//
// One life of a block, as everything but the fast path has it: born, moved, died, each with its entry and its
// counters. What else is to be known of blocks, by address, is noted and forgotten here, too.
//
// Order: an entry is written before the caller knows the block, and erased before the allocator does, since
// another thread may get the same address at once. So who moves leaves first, and has moved, or has stayed,
// when its new address is known.
#pragma once

#include "backend/room.h"
#include "books/counters.h"
#include "books/ledger.h"
#include "tracking/attribution.h"

namespace heapmeter::life {

// A block as the ledger has it. `usable` is 0 where its size class says it.
struct Living {
  void *start;
  entry::Decoded noted;
  ledger::Place place;
  size_t usable;
  bool away = false;  // since it left, with
  attribution::Trace trace = {};

  Room room() const noexcept { return {start, noted.mapped ? usable : 0}; }
};
Living look_up(void *block) noexcept;

// `regular` where an allocator of classes was asked for that many bytes, plainly.
struct Birth {
  size_t bytes;
  AllocationKind kind;
  Family family;
  bool regular;
  size_t alignment = kGranule;
  bool looked_at = false;  // by the fast path: one of its bytes may be sampled
};
// Null, with errno set, when there was no room. A block for whose entry there is no memory is given all the
// same, out of the books.
void *born(Room room, const Birth &birth) noexcept;

// Its entry is erased, and it is counted as gone; the room is its owner's.
void died(const Living &block, FreeKind kind) noexcept;

// Where the allocator asks for blocks by name, to make the one that we asked it for: that one is in the books
// already. One block, so it leaves them first.
void born_within(void *block) noexcept;

// Once, until it stays.
void leaves(Living &block) noexcept;
void stays(Living &block) noexcept;
// A block that was resized: its room, its entry's place, and its usable bytes, likewise 0 where its class
// says them. Without a place it leaves the books, and the program keeps it.
struct Resized {
  Room room;
  ledger::Place place;
  size_t usable;
};
void moved(const Living &from, const Resized &to, size_t bytes) noexcept;

// What the allocator says of a block of so many bytes; one that has not begun yet says nothing (tcmalloc,
// before its constructor has run), and so much is there all the same.
size_t asked_usable(void *block, size_t bytes) noexcept;
// The usable bytes to note for fresh room.
size_t noted_usable(Room room, size_t bytes, bool regular) noexcept;

}  // namespace heapmeter::life
