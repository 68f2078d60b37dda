// SPDX-License-Identifier: MIT
//
// What is counted, and the fast path of it.
//
// An allocation of up to kTallyLimit bytes whose thread has a slot and whose GiB has a chunk costs the
// backend's call, one ledger store and two counters; those up to kFineLimit, and of kinds without a tally,
// some counters more; everything else is in tracked_heap.cpp. Three words steer
// it: mode::fast_span and mode::fast_granules are 0 until counting has begun, and while there is any reason
// for the slow way; and the slot pointer leads to an empty directory until the thread has a slot.
//
// Where ours is not the process's malloc (mode.h), operator new and delete do what the C++ runtime's do: ask
// the process's malloc and free.
//
// Order: an entry is written before the caller knows the block, and erased before the backend does, since
// another thread may get the same address at once. A request that fails changes only `failures`.
#pragma once

#include <errno.h>

#include "backend/allocator.h"
#include "books/entry.h"
#include "books/ledger.h"
#include "books/peak.h"
#include "books/sampling.h"
#include "books/thread_state.h"
#include "tracking/mode.h"

namespace heapmeter::tracked_heap {

// One aligned word, read whole; as an atomic the compiler would spend an instruction more on it in every
// call. It needs no order with others, on processors with a weak one either: what the fast path goes on with
// is the thread's own, there from the start, or reached through the word itself, as a chunk of the ledger is.
template <typename Word>
HEAPMETER_INLINE Word word_now(const Word &word) noexcept {
#if defined(HEAPMETER_SANITIZED)
  return __atomic_load_n(&word, __ATOMIC_RELAXED);
#else
  return word;
#endif
}
HEAPMETER_INLINE size_t span_now() noexcept { return word_now(mode::fast_span); }

// The whole story for every size, state and failure. Null with errno ENOMEM when it fails.
HEAPMETER_NOINLINE void *allocate_slow(size_t bytes, AllocationKind kind, Family family,
                                       bool zeroed) noexcept;
// What becomes of a request that failed, where null is not the answer. May throw.
using OnFailure = void *(*)(size_t bytes);
// The same, and what becomes of a failure, if that is anything. Entered by a jump from the function that the
// program called: who called that is known from the registers here.
HEAPMETER_NOINLINE void *allocate_otherwise(size_t bytes, AllocationKind kind, Family family, bool zeroed,
                                            OnFailure on_failure);
// Alignment is a power of two; errno likewise.
// `room` is what the block must hold, where that is more than the bytes that were asked for and are counted;
// else by which name it was asked for, so that the fast path has one argument less to make.
inline constexpr size_t room_of(backend::AlignedName name) noexcept { return static_cast<size_t>(name); }
HEAPMETER_NOINLINE void *allocate_aligned_slow(size_t bytes, size_t alignment, AllocationKind kind,
                                               Family family, size_t room = 0) noexcept;
// A request refused for its alignment: null, errno EINVAL, counted as a failure.
void *refuse() noexcept;
// realloc with glibc's contract: size 0 frees and returns null.
void *reallocate(void *block, size_t bytes) noexcept;
// What the process has as realloc: libc builds reallocarray on that.
void *reallocate_by_name(void *block, size_t bytes) noexcept;

// A request that just failed is tried once more: it is one failure at most.
void forgive_failure() noexcept;

inline constexpr size_t kAnySize = ~size_t{0};
// `bytes` is what the caller of a sized free says, or kAnySize. errno is kept.
HEAPMETER_NOINLINE void release_slow(void *block, FreeKind kind, Family family, size_t bytes) noexcept;
// The same of a block whose call nobody passes on, and of one that is noted with the code that made it.
HEAPMETER_NOINLINE void release_by_way(void *block, FreeKind kind, Family family, size_t bytes) noexcept;
HEAPMETER_NOINLINE void release_attributed(void *block, FreeKind kind, Family family,
                                           size_t expected) noexcept;

HEAPMETER_NOINLINE size_t usable_bytes_slow(void *block) noexcept;

// Decides, once, what to do in this process; called by the first allocation or at start, whichever comes
// first.
void begin() noexcept;
// Whether the process has anything for us to count: not where another malloc is ahead of ours and nobody
// looked past it yet.
bool metering() noexcept;
// Whether the process has any call of the malloc family from another.
inline bool has_others_ahead() noexcept { return mode::is(mode::kHeapCallsAhead); }
// Where nobody did, is called by the first one who does, in his allocation.
void when_reached(void (*call)()) noexcept;

// What the fast path leaves to do now and then, as tail calls that give back the block or release it: the
// fast path itself needs no stack.
HEAPMETER_NOINLINE void *enter_without_chunk(void *block, size_t bytes, AllocationKind kind, Family family,
                                             bool zeroed) noexcept;
// The block may be a sample.
HEAPMETER_NOINLINE void *enter_looked_at(void *block, size_t bytes, AllocationKind kind,
                                         Family family) noexcept;
HEAPMETER_NOINLINE void *settle_and_return(void *block, Slot *slot) noexcept;
HEAPMETER_NOINLINE void settle_and_release(void *block, Slot *slot) noexcept;
// A block that was resized where it is, or aligned.
HEAPMETER_NOINLINE void release_irregular(void *block, uint8_t *at, FreeKind kind, size_t bytes) noexcept;
// The same as settle_*, for who has counted the bin only.
HEAPMETER_NOINLINE void *count_and_return(void *block, Slot *slot, size_t bytes,
                                          AllocationKind kind) noexcept;
HEAPMETER_NOINLINE void count_and_release(void *block, Slot *slot, size_t bytes, FreeKind kind) noexcept;

// Blocks of up to kMediumLimit bytes, whose entry is a record of their own: null where it is not so simple,
// and nothing was done.
inline constexpr size_t kMediumLimit = size_t{56} << 10;
static_assert(kMediumLimit < LargeBlock::kWindow);
HEAPMETER_NOINLINE void *allocate_medium(size_t bytes, AllocationKind kind, Family family,
                                         bool zeroed) noexcept;
HEAPMETER_NOINLINE void *allocate_aligned_medium(size_t bytes, size_t alignment, AllocationKind kind,
                                                 Family family) noexcept;
HEAPMETER_NOINLINE void release_medium(void *block, uint8_t *at, FreeKind kind, Family family,
                                       size_t expected) noexcept;
// Likewise: from any size up to that to any other.
HEAPMETER_NOINLINE void *reallocate_medium(void *block, size_t bytes) noexcept;

// The two ways of the fast path: up to kTallyLimit, and up to kFineLimit.
enum class Size { kShort, kLong };

// A tally counts all of a block at once; where there is none the bin comes first, and the totals after the
// peak: see vanished.h.
template <AllocationKind kind, Size size>
inline constexpr bool tallied_in = size != Size::kLong &&tally_of(kind) < kTalliedAllocations;
template <FreeKind kind, Size size>
inline constexpr bool tallied_out = size != Size::kLong &&tally_of(kind) < kTalliedFrees;

// A tally's pair of a size, found by the regular entry of that, which is in a register: it has 8 times the
// size, where twice of that is part of an address.
HEAPMETER_INLINE TallyPair &pair_of(TallyPair *tally, uint64_t regular, Family family) noexcept {
  static_assert(sizeof(TallyPair) == 2 * 8);
#if defined(__x86_64__) && !defined(HEAPMETER_SANITIZED)
  asm("" : "+r"(regular));  // else the compiler multiplies the size itself
#endif
  const uintptr_t of_none = reinterpret_cast<uintptr_t>(tally) - 2 * entry::regular_base(family);
  return *reinterpret_cast<TallyPair *>(of_none + 2 * regular);
}

template <AllocationKind kind, Family family, Size size>
HEAPMETER_INLINE void count_fast_in(Counters &counters, size_t bytes, uint64_t regular) noexcept {
  if constexpr (tallied_in<kind, size>) {
    bump(pair_of(counters.tallies[tally_of(kind)], regular, family).in, 1);
  } else {
    Cell &cell = fine_cell(counters, static_cast<uint32_t>(bytes));
    bump(cell.bytes_in, bytes);
    bump(cell.blocks_in, 1);
  }
}

template <FreeKind kind, Family family, Size size>
HEAPMETER_INLINE void count_fast_out(Counters &counters, size_t bytes, uint64_t regular) noexcept {
  if constexpr (tallied_out<kind, size> && tally_of(kind) == kTallyPairs) {
    bump(counters.last_tally_out[bytes], 1);
  } else if constexpr (tallied_out<kind, size>) {
    bump(pair_of(counters.tallies[tally_of(kind)], regular, family).out, 1);
  } else {
    Cell &cell = fine_cell(counters, static_cast<uint32_t>(bytes));
    bump(cell.bytes_out, bytes);
    bump(cell.blocks_out, 1);
  }
}

template <OnFailure on_failure>
HEAPMETER_INLINE void *checked(void *block, size_t bytes) noexcept(on_failure == nullptr) {
  if constexpr (on_failure != nullptr) {
    if (HEAPMETER_UNLIKELY(block == nullptr)) return on_failure(bytes);
  }
  return block;
}

template <AllocationKind kind, Family family, bool zeroed, OnFailure on_failure>
HEAPMETER_NOINLINE void *enter_elsewhere(void *block, size_t bytes) noexcept(on_failure == nullptr) {
  return checked<on_failure>(enter_without_chunk(block, bytes, kind, family, zeroed), bytes);
}

template <AllocationKind kind, Family family, bool zeroed, OnFailure on_failure, Size size>
HEAPMETER_INLINE void *enter(void *block, size_t bytes) noexcept(on_failure == nullptr) {
  Slot *slot = threads::fast_slot();
  const auto address = reinterpret_cast<uintptr_t>(block);
  uint8_t *chunk = slot->directory[address >> ledger::kChunkShift];
  // The lowest GiB never has a chunk: a null block goes there too.
  if (HEAPMETER_UNLIKELY(chunk == nullptr))
    return enter_elsewhere<kind, family, zeroed, on_failure>(block, bytes);
  if constexpr (!zeroed) mimalloc::clear_link(block);
  if (HEAPMETER_UNLIKELY(sampling::take(*slot, bytes))) return enter_looked_at(block, bytes, kind, family);
  uint8_t *at = chunk + address / kGranule;
  const uint64_t regular = entry::regular(bytes, family);
  entry::write_word(at, regular);
  count_fast_in<kind, family, size>(slot->counters, bytes, regular);
  if (HEAPMETER_UNLIKELY(peak::take(*slot, static_cast<uint16_t>(bytes)))) {
    if constexpr (tallied_in<kind, size>) return settle_and_return(block, slot);
    return count_and_return(block, slot, bytes, kind);
  }
  if constexpr (!tallied_in<kind, size>) {
    bump(slot->counters.allocations[static_cast<size_t>(kind)], 1);
    bump(slot->counters.allocated_bytes, bytes);
  }
  return block;
}

template <AllocationKind kind, Family family, bool zeroed, OnFailure on_failure>
HEAPMETER_NOINLINE void *allocate_long(size_t bytes) noexcept(on_failure == nullptr) {
  if (HEAPMETER_UNLIKELY(span_now() == 0)) return allocate_otherwise(bytes, kind, family, zeroed, on_failure);
  if (HEAPMETER_UNLIKELY(bytes > kFineLimit)) {
    void *block = allocate_medium(bytes, kind, family, zeroed);
    return block != nullptr ? block : allocate_otherwise(bytes, kind, family, zeroed, on_failure);
  }
  void *block = zeroed ? mimalloc::allocate_zeroed(bytes) : mimalloc::allocate(bytes);
  return enter<kind, family, zeroed, on_failure, Size::kLong>(block, bytes);
}

// Without a branch: sizes around 16 are mixed.
HEAPMETER_INLINE size_t at_least_two_granules(size_t bytes) noexcept {
  return bytes < kLeastRequest ? kLeastRequest : bytes;
}

template <AllocationKind kind, Family family, bool zeroed = false, OnFailure on_failure = nullptr>
HEAPMETER_INLINE void *allocate(size_t bytes) noexcept(on_failure == nullptr) {
  if (HEAPMETER_UNLIKELY(bytes >= span_now())) return allocate_long<kind, family, zeroed, on_failure>(bytes);
  const size_t asked = at_least_two_granules(bytes);
  void *block = zeroed ? mimalloc::allocate_zeroed_small(asked) : mimalloc::allocate_small(asked);
  return enter<kind, family, zeroed, on_failure, Size::kShort>(block, bytes);
}

HEAPMETER_INLINE bool is_multiple(uintptr_t n, size_t power_of_two) noexcept {
  return (n & (power_of_two - 1)) == 0;
}

// Where the size is a multiple of the alignment, mimalloc's pages lay blocks out as needed by themselves:
// such a block is as regular as any other, and nothing is lost for shifting it. All others go the slow way.
template <AllocationKind kind, Family family>
HEAPMETER_INLINE void *allocate_aligned(size_t bytes, size_t alignment,
                                        backend::AlignedName name = {}) noexcept {
  static_assert(kTallyLimit <= 1024);
  const bool natural = alignment <= mimalloc::natural_alignment(0) && is_multiple(bytes, alignment);
  if (HEAPMETER_LIKELY(natural && bytes < span_now())) {
    void *block = mimalloc::allocate_small(at_least_two_granules(bytes));
    const auto address = reinterpret_cast<uintptr_t>(block);
    const uint8_t *chunk = threads::fast_slot()->directory[address >> ledger::kChunkShift];
    // Null is aligned, but has no chunk.
    if (HEAPMETER_LIKELY(is_multiple(address, alignment) && chunk != nullptr))
      return enter<kind, family, false, nullptr, Size::kShort>(block, bytes);
    mimalloc::release(block);
  }
  return allocate_aligned_slow(bytes, alignment, kind, family, room_of(name));
}

// The entry is erased; the block goes back.
template <FreeKind kind, Family family, Size size>
HEAPMETER_INLINE void leave(Slot *slot, void *block, size_t bytes, uint64_t regular) noexcept {
  count_fast_out<kind, family, size>(slot->counters, bytes, regular);
  if (HEAPMETER_UNLIKELY(peak::give(*slot, static_cast<uint16_t>(bytes)))) {
    if constexpr (tallied_out<kind, size>) {
      settle_and_release(block, slot);
    } else {
      count_and_release(block, slot, bytes, kind);
    }
    return;
  }
  if constexpr (!tallied_out<kind, size>) {
    bump(slot->counters.frees[static_cast<size_t>(kind)], 1);
    bump(slot->counters.freed_bytes, bytes);
  }
  mimalloc::release(block);
}

// What the fast path did not take: long blocks, irregular ones, then the rest.
template <FreeKind kind, Family family, bool sized>
HEAPMETER_NOINLINE void release_other(void *block, uint8_t *at, size_t bytes, size_t expected) noexcept {
  const uint16_t word = entry::read_word(at);
  if constexpr (sized) bytes = entry::size_in(word, family);
  if (HEAPMETER_LIKELY(bytes <= kFineLimit && (!sized || bytes == expected))) {
    entry::bury_word(at);
    leave<kind, family, Size::kLong>(threads::fast_slot(), block, bytes, entry::regular(bytes, family));
  } else if (entry::is_irregular(word, family) && (!sized || entry::irregular_size(word) == expected)) {
    release_irregular(block, at, kind, entry::irregular_size(word));
  } else {
    release_medium(block, at, kind, family, expected);
  }
}

// Where the fast path finds the entry of a block, or of what is none; null for what it leaves to others.
HEAPMETER_INLINE uint8_t *entry_of(const void *block, Slot *&slot) noexcept {
  // An address that is no multiple of a granule comes out beyond all that are.
  const auto address = reinterpret_cast<uintptr_t>(block);
  const uintptr_t granule = address >> 4 | address << 60;
  static_assert(kGranule == 16);
  if (HEAPMETER_UNLIKELY(granule >= word_now(mode::fast_granules))) return nullptr;
  slot = threads::fast_slot();
  uint8_t *chunk = slot->directory[granule >> (ledger::kChunkShift - 4)];
  return HEAPMETER_UNLIKELY(chunk == nullptr) ? nullptr : chunk + granule;
}

// Some programs ask for it after each allocation and before each release.
HEAPMETER_INLINE size_t usable_bytes(void *block) noexcept {
  Slot *slot = nullptr;
  const uint8_t *at = entry_of(block, slot);
  const size_t bytes = at == nullptr ? kAnySize : entry::regular_size(at);
  if (HEAPMETER_LIKELY(bytes <= kTallyLimit)) return mimalloc::small_class_bytes(bytes);
  return bytes <= kFineLimit ? mimalloc::usable_bytes(block) : usable_bytes_slow(block);
}

template <FreeKind kind, Family family, bool sized = false>
HEAPMETER_INLINE void release(void *block, size_t expected = kAnySize) noexcept {
  Slot *slot = nullptr;
  uint8_t *at = entry_of(block, slot);
  if (HEAPMETER_UNLIKELY(at == nullptr)) {
    release_slow(block, kind, family, expected);
    return;
  }
  // What the caller says need not be read, only compared: nothing then waits for it. In 16 bits, or the
  // compiler takes the one for the other.
  const uint64_t regular = sized ? entry::regular(expected, family) : entry::read_word(at);
  const size_t bytes = sized ? expected : entry::size_in(regular, family);
  if (HEAPMETER_UNLIKELY(bytes > kTallyLimit ||
                         (sized && entry::read_word(at) != static_cast<uint16_t>(regular)))) {
    release_other<kind, family, sized>(block, at, bytes, expected);
    return;
  }
  entry::bury_word(at);
  leave<kind, family, Size::kShort>(slot, block, bytes, regular);
}

}  // namespace heapmeter::tracked_heap
