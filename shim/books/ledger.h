// SPDX-License-Identifier: MIT
//
// The ledger: one entry for every live block, found by the block's address.
//
// A directory indexed by address >> 30 holds, for each GiB of addresses, a 64 MiB chunk of entries, mapped
// when the first block of that range is born and never unmapped. The pointers are biased so that
// directory[address >> 30] + (address >> 4) is the entry.
// Where 64 MiB cannot be had (ulimit -v), or for the lowest GiB, whose directory entry stays null so that a
// null pointer never looks like a block, entries live in pieces of 256 KiB found through a hash table:
// slower, exact. All functions may be called from any thread and in signal handlers; none takes a lock.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

namespace heapmeter::ledger {

inline constexpr unsigned kChunkShift = 30;
#if defined(__x86_64__)
inline constexpr unsigned kAddressBits = 47;
#else
inline constexpr unsigned kAddressBits = 48;
#endif
inline constexpr size_t kDirectorySize = size_t{1} << (kAddressBits - kChunkShift);

extern HEAPMETER_HIDDEN uint8_t *directory[kDirectorySize];
// All null, for threads that have no slot yet: they find no chunk and take the slow way.
extern HEAPMETER_HIDDEN uint8_t *empty_directory[kDirectorySize];

// The entry of the block at this address, mapping its chunk if need be; nullptr when there is no memory for
// it.
uint8_t *born(const void *block) noexcept;
// The same without mapping: nullptr when nothing was ever born in that range.
uint8_t *find(const void *block) noexcept;
// Whether nothing was ever born anywhere.
bool empty() noexcept;

// A wide record of a block that starts in the last granules of a chunk or piece runs on into its tail.
inline constexpr size_t kTail = 4096;
// A chunk or a piece without its tail: the entries of the addresses from `address` on, one for 16 bytes.
struct Part {
  const uint8_t *entries;
  size_t bytes;
  uintptr_t address;
};
// Each that is mapped, in no order; false ends.
bool next(size_t &cursor, Part &part) noexcept;

// The same for all memory of the ledger that is hardly used, its tables too.
bool next_sparse(size_t &cursor, Part &part) noexcept;

// Resident bytes of all chunks and pieces.
size_t resident_bytes() noexcept;

// No place is left among the pieces: what is born elsewhere has no entry, whatever memory there is.
bool full() noexcept;

// Under an address space limit chunks would take too much of it: use pieces from now on.
void use_pieces() noexcept;

}  // namespace heapmeter::ledger
