// SPDX-License-Identifier: MIT
//
// The meter's own memory, told in one place: for the cost that a reading shows, for who must know whose a
// mapping is, for mlockall.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::own_memory {

// The tables, by which the ledger finds its mappings, lie in the library's data and are counted as that.
enum class Part { kLedger, kSlots, kService, kSites, kTables, kParts };
inline constexpr size_t kParts = static_cast<size_t>(Part::kParts);
const char *name(Part part) noexcept;

// Each mapping, and what lies among the library's own data.
struct Mapping {
  Part part;
  const void *start;
  size_t bytes;
  size_t in_use;  // no more than this, from the start, was ever touched
  size_t slab;    // of slots, by number, or kNoSlab

  bool counted() const noexcept { return part != Part::kTables; }
  // Most of it is never touched.
  bool sparse() const noexcept { return part != Part::kSlots; }
};
inline constexpr size_t kNoSlab = ~size_t{0};
bool next(size_t &cursor, Mapping &mapping) noexcept;

// What of it takes memory, as the kernel counts it. Readers look through all slots and so have the kernel map
// its page of zeros where no thread ever wrote; that takes none, but mincore would say it is there: of slots,
// the pages are counted that have anything in them, for counters never return to zero.
size_t resident_bytes(const Mapping &mapping) noexcept;

// The sum over each part that is counted, indexed by it.
struct Cost {
  size_t bytes[kParts];
  uint64_t nanoseconds;  // what it takes to find that out, about
};
Cost cost() noexcept;

}  // namespace heapmeter::own_memory
