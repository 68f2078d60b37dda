// SPDX-License-Identifier: MIT
//
// The counters of one slot, and how they are written and read.
//
// A counter has one writer, the thread that owns the slot: it adds without a lock prefix. Readers in other
// threads load each counter whole. What is sold: every counter is exact and only grows; a reader that loads
// all frees before the allocations never sees more freed than allocated. What is not: one moment for all
// counters.
//
// The commonest calls with sizes up to kTallyLimit have a tally: one counter for each exact size says blocks,
// bytes, kind and size class at once, so that the fast path adds 1 in one place. Whatever has no tally counts
// in the kind's counter, the bytes and the cell of its size. A sum is always both.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/size_bins.h"

namespace heapmeter {

using Counter = uint64_t;

// Adds to a counter of the calling thread's own slot. A reader must not see a free before the allocation it
// belongs to, which another thread may have counted: stores are releases (for free on x86-64, where the one
// instruction is also atomic towards readers).
HEAPMETER_INLINE void bump(Counter &counter, uint64_t by) noexcept {
#if defined(__x86_64__) && !defined(HEAPMETER_SANITIZED)
  // Volatile: in the order in which they are written, which vanished.h relies on.
  asm volatile("addq %1, %0" : "+m"(counter) : "er"(by) : "cc");
#else
  __atomic_store_n(&counter, __atomic_load_n(&counter, __ATOMIC_RELAXED) + by, __ATOMIC_RELEASE);
#endif
}

// Adds to a counter that several threads write.
inline void bump_shared(Counter &counter, uint64_t by) noexcept {
  __atomic_fetch_add(&counter, by, __ATOMIC_RELEASE);
}

inline uint64_t read(const Counter &counter) noexcept { return __atomic_load_n(&counter, __ATOMIC_ACQUIRE); }

enum class AllocationKind : uint8_t {
#define HEAPMETER_ALLOCATION_KIND(name, help) k_##name,
#include <heapmeter/kinds.def>
#undef HEAPMETER_ALLOCATION_KIND
  kCount
};

enum class FreeKind : uint8_t {
#define HEAPMETER_FREE_KIND(name, help) k_##name,
#include <heapmeter/kinds.def>
#undef HEAPMETER_FREE_KIND
  kCount
};

inline constexpr size_t kAllocationKinds = static_cast<size_t>(AllocationKind::kCount);
inline constexpr size_t kFreeKinds = static_cast<size_t>(FreeKind::kCount);

// The kinds that have a tally, by their place among the tallies; the others are behind the last one.
inline constexpr size_t kTalliedAllocations = 2;
inline constexpr size_t tally_of(AllocationKind kind) noexcept {
  return kind == AllocationKind::k_malloc ? 0 : kind == AllocationKind::k_new ? 1 : kTalliedAllocations;
}
inline constexpr size_t kTalliedFrees = 3;
inline constexpr size_t tally_of(FreeKind kind) noexcept {
  return kind == FreeKind::k_free           ? 0
         : kind == FreeKind::k_delete_sized ? 1
         : kind == FreeKind::k_delete       ? 2
                                            : kTalliedFrees;
}

// One counter for each size, of blocks that come, and beside it one of those that go, by a call that programs
// make in turns with the first: both are on one line. The last kind that goes has nothing beside it.
struct TallyPair {
  Counter in, out;
};
inline constexpr size_t kTallyPairs = 2;
static_assert(kTalliedAllocations == kTallyPairs && kTalliedFrees == kTallyPairs + 1);

// One of them, to be read.
struct Tally {
  const Counter *first;
  size_t step;

  const Counter &operator[](size_t size) const noexcept { return first[size * step]; }
};

// Calls visit(bin, blocks, bytes) for each fine bin of which the tally has any. Suffix sums make bytes of
// blocks without a multiplication or a branch for each size: a reading goes through 5,000 counters a slot.
template <typename Visit>
inline void for_each_bin(Tally tally, Visit visit) noexcept {
  if (const uint64_t blocks = read(tally[0])) visit(size_t{0}, blocks, uint64_t{0});
  for (size_t bin = 1; bin <= kTallyLimit / kGranule; ++bin) {
    const size_t below = (bin - 1) * kGranule;
    uint64_t blocks = 0;
    uint64_t beyond = 0;  // bytes of these blocks above `below`
    for (size_t size = below + kGranule; size > below; --size) {
      blocks += read(tally[size]);
      beyond += blocks;
    }
    if (blocks != 0) visit(bin, blocks, blocks * below + beyond);
  }
}

// One bin of the histogram; in and out side by side, for they are written in turns.
struct Cell {
  Counter blocks_in;
  Counter bytes_in;
  Counter blocks_out;
  Counter bytes_out;
};

struct CoarseCell {
  Cell requested;
  Counter usable_in;
  Counter usable_out;
};

struct Counters {
  Counter allocated_bytes;
  Counter freed_bytes;
  Counter allocations[kAllocationKinds];
  Counter frees[kFreeKinds];
  Counter reallocations;
  Counter reallocations_grown;
  Counter reallocations_shrunk;
  Counter reallocations_moved;
  Counter failures;
  Counter mismatches;
  Counter size_mismatches;
  Counter double_frees;
  Counter foreign_frees;
  // Usable bytes of irregular blocks (aligned ones, shrunk in place) beyond what their fine bin says; modulo
  // 2^64.
  Counter extra_usable_in;
  Counter extra_usable_out;
  // Those and the coarse bins' together: what does not follow from the fine bins.
  Counter noted_usable_in;
  Counter noted_usable_out;
  // A program of few small blocks writes to one page of a slot that begins one, or soon behind, one of few
  // medium blocks to one more. Each is a page fault at start, and in each forked child and its parent.
  TallyPair tallies[kTallyPairs][kTallyLimit + 1];
  CoarseCell coarse[kCoarseBins];
  Cell fine[kFineBins];
  Counter last_tally_out[kTallyLimit + 1];
  Counter inner_frees;  // behind what the fast path counts

  Tally tally_in(size_t tally) const noexcept { return {&tallies[tally][0].in, 2}; }
  Tally tally_out(size_t tally) const noexcept {
    return tally < kTallyPairs ? Tally{&tallies[tally][0].out, 2} : Tally{last_tally_out, 1};
  }
};

// fine[fine_bin(bytes)], in the two instructions it takes.
HEAPMETER_INLINE Cell &fine_cell(Counters &counters, uint32_t bytes) noexcept {
  static_assert(sizeof(Cell) == 2 * kGranule);
  const uint32_t offset = (2 * bytes + (sizeof(Cell) - 2)) & ~static_cast<uint32_t>(sizeof(Cell) - 1);
  return *reinterpret_cast<Cell *>(reinterpret_cast<char *>(counters.fine) + offset);
}

}  // namespace heapmeter
