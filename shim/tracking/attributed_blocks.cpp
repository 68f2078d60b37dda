// SPDX-License-Identifier: MIT
//
// The fast path with the code that allocates noted: all that speaks against it is that this is asked for.
#include "tracking/attribution.h"
#include "tracking/caller.h"
#include "tracking/own_calls.h"
#include "tracking/tracked_heap.h"

namespace heapmeter::tracked_heap {
namespace {

// How far behind a slot's counters the tally of each kind begins; 0 where there is none.
template <typename Kind, size_t kKinds>
struct Tallies {
  uint32_t at[kKinds];
  constexpr Tallies(size_t tallied, size_t side) noexcept : at{} {
    constexpr size_t kPairs = offsetof(Counters, tallies), kOfKind = sizeof(TallyPair[kTallyLimit + 1]);
    for (size_t kind = 0; kind < kKinds; ++kind) {
      const size_t tally = tally_of(static_cast<Kind>(kind));
      if (tally >= tallied) continue;
      at[kind] = static_cast<uint32_t>(tally < kTallyPairs ? kPairs + tally * kOfKind + side : kLast);
    }
  }
  size_t operator[](Kind kind) const noexcept { return at[static_cast<size_t>(kind)]; }
  static constexpr size_t kLast = offsetof(Counters, last_tally_out);
};
constexpr Tallies<AllocationKind, kAllocationKinds> kTallyIn(kTalliedAllocations, offsetof(TallyPair, in));
constexpr Tallies<FreeKind, kFreeKinds> kTallyOut(kTalliedFrees, offsetof(TallyPair, out));

HEAPMETER_INLINE Counter &tallied(Slot &slot, size_t tally, size_t bytes) noexcept {
  auto *counters = reinterpret_cast<char *>(&slot.counters);
  return *reinterpret_cast<Counter *>(
      counters + tally + bytes * (tally == kTallyOut.kLast ? sizeof(Counter) : sizeof(TallyPair)));
}

// Null where it is not to be had so.
HEAPMETER_INLINE void *allocate_attributed(size_t bytes, AllocationKind kind, Family family, bool zeroed,
                                           const sites::Registers &from) noexcept {
  const size_t asked = at_least_two_granules(bytes);
  void *block = zeroed ? mimalloc::allocate_zeroed(asked) : mimalloc::allocate(asked);
  Slot *slot = threads::fast_slot();
  const auto address = reinterpret_cast<uintptr_t>(block);
  uint8_t *chunk = slot->directory[address >> ledger::kChunkShift];
  if (HEAPMETER_UNLIKELY(chunk == nullptr)) {
    if (block != nullptr) mimalloc::release(block);
    return nullptr;
  }
  mimalloc::clear_link(block);  // of a zeroed one, too: it is 0
  // Of a few is noted how long they live.
  if (HEAPMETER_UNLIKELY(sampling::take(*slot, bytes))) return enter_looked_at(block, bytes, kind, family);
  entry::write_regular(chunk + address / kGranule, bytes, family);
  const size_t tally = kTallyIn[kind];
  const bool is_tallied = bytes <= kTallyLimit && tally != 0;
  if (HEAPMETER_LIKELY(is_tallied)) {
    bump(tallied(*slot, tally, bytes), 1);
  } else {
    Cell &cell = fine_cell(slot->counters, static_cast<uint32_t>(bytes));
    bump(cell.bytes_in, bytes);
    bump(cell.blocks_in, 1);
  }
  sites::the_sites.born(*slot, block, bytes, false, from);
  if (HEAPMETER_UNLIKELY(peak::take(*slot, static_cast<uint16_t>(bytes)))) {
    settle_and_return(block, slot);
    attribution::counted(*slot);
  }
  if (HEAPMETER_UNLIKELY(!is_tallied)) {
    bump(slot->counters.allocations[static_cast<size_t>(kind)], 1);
    bump(slot->counters.allocated_bytes, bytes);
  }
  return block;
}

}  // namespace

static HEAPMETER_NOINLINE void *allocate_in_some_way(size_t bytes, AllocationKind kind, Family family,
                                                     bool zeroed, OnFailure on_failure) {
  if (mode::is_just(mode::kEverySite) && bytes <= kFineLimit) {
    void *block =
        allocate_attributed(bytes, kind, family, zeroed, caller::leave_library(caller::of_this_function()));
    if (HEAPMETER_LIKELY(block != nullptr)) return block;
  }
  if (HEAPMETER_UNLIKELY(backend::asks_by_name) && own_calls::has_operator_new(kind) && own_calls::within())
    return own_calls::make_new(bytes, kind, on_failure != nullptr);
  void *block = allocate_slow(bytes, kind, family, zeroed);
  return HEAPMETER_LIKELY(block != nullptr) || on_failure == nullptr ? block : on_failure(bytes);
}

void *allocate_otherwise(size_t bytes, AllocationKind kind, Family family, bool zeroed,
                         OnFailure on_failure) {
  if (mode::passing() && on_failure == nullptr && !own_calls::has_operator_new(kind))
    return allocate_slow(bytes, kind, family, zeroed);
  return allocate_in_some_way(bytes, kind, family, zeroed, on_failure);
}

// What is another's goes the way of all others from here, so that who calls has nothing to keep.
void release_attributed(void *block, FreeKind kind, Family family, size_t expected) noexcept {
  const auto address = reinterpret_cast<uintptr_t>(block);
  const uintptr_t granule = address >> 4 | address << 60;
  if (granule >= (uintptr_t{1} << ledger::kAddressBits) / kGranule)
    return release_by_way(block, kind, family, expected);
  Slot *slot = threads::fast_slot();
  uint8_t *chunk = slot->directory[address >> ledger::kChunkShift];
  if (chunk == nullptr) return release_by_way(block, kind, family, expected);
  uint8_t *at = chunk + granule;
  const size_t bytes = entry::regular_size(at, family);
  if (bytes > kFineLimit || (expected != kAnySize && expected != bytes))
    return release_by_way(block, kind, family, expected);
  sites::the_sites.died(*slot, block, bytes);
  entry::bury_word(at);
  const size_t tally = kTallyOut[kind];
  if (HEAPMETER_LIKELY(bytes <= kTallyLimit && tally != 0)) {
    bump(tallied(*slot, tally, bytes), 1);
    if (HEAPMETER_LIKELY(!peak::give(*slot, static_cast<uint16_t>(bytes)))) {
      mimalloc::release(block);
    } else {
      settle_and_release(block, slot);
    }
  } else {
    Cell &cell = fine_cell(slot->counters, static_cast<uint32_t>(bytes));
    bump(cell.bytes_out, bytes);
    bump(cell.blocks_out, 1);
    if (HEAPMETER_UNLIKELY(peak::give(*slot, static_cast<uint16_t>(bytes))))
      return count_and_release(block, slot, bytes, kind);
    bump(slot->counters.frees[static_cast<size_t>(kind)], 1);
    bump(slot->counters.freed_bytes, bytes);
    mimalloc::release(block);
  }
}

}  // namespace heapmeter::tracked_heap
