// SPDX-License-Identifier: MIT
#include "books/slots.h"

#include "base/sys.h"
#include "books/ledger.h"

namespace heapmeter {

ThreadTotals &ThreadTotals::operator+=(const ThreadTotals &other) noexcept {
  allocations += other.allocations;
  frees += other.frees;
  reallocations += other.reallocations;
  allocated_bytes += other.allocated_bytes;
  freed_bytes += other.freed_bytes;
  return *this;
}

ThreadTotals &ThreadTotals::operator-=(const ThreadTotals &other) noexcept {
  allocations -= other.allocations;
  frees -= other.frees;
  reallocations -= other.reallocations;
  allocated_bytes -= other.allocated_bytes;
  freed_bytes -= other.freed_bytes;
  return *this;
}

}  // namespace heapmeter

namespace heapmeter::slots {

constinit Slot shared = {{ledger::empty_directory}, 0, true, false, 0, 0, 0, 0, {}, {}};

namespace {

constexpr size_t kWords = kMaxSlots / 64;

// The main thread's slot needs no memory to be mapped.
constinit Slot first = {};
constinit Slot *slabs[kMaxSlots / kSlab] = {};
constinit uint64_t owned_bits[kWords] = {};
constinit size_t used = 0;  // only slots with a smaller index are, or ever were, owned

Slot *at(size_t index) noexcept {
  if (index == 0) return &first;
  Slot *slab = __atomic_load_n(&slabs[index / kSlab], __ATOMIC_ACQUIRE);
  return slab == nullptr ? nullptr : slab + index % kSlab;
}

bool map_slab_of(size_t index) noexcept {
  if (at(index) != nullptr) return true;
  auto *slab = static_cast<Slot *>(sys::map(kSlab * sizeof(Slot)));
  if (slab == nullptr) return false;
  Slot *none = nullptr;
  if (!__atomic_compare_exchange_n(&slabs[index / kSlab], &none, slab, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE)) {
    sys::unmap(slab, kSlab * sizeof(Slot));
  }
  return true;
}

uint64_t bit(size_t index) noexcept { return uint64_t{1} << (index % 64); }

void raise_used(size_t count) noexcept {
  size_t seen = __atomic_load_n(&used, __ATOMIC_RELAXED);
  while (seen < count &&
         !__atomic_compare_exchange_n(&used, &seen, count, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
}

// The lowest free index, now ours; kMaxSlots when all are taken. Low ones first: their memory is warm.
size_t claim() noexcept {
  for (size_t word = 0; word < kWords; ++word) {
    uint64_t bits = __atomic_load_n(&owned_bits[word], __ATOMIC_RELAXED);
    while (bits != ~uint64_t{0}) {
      const auto free_bit = static_cast<unsigned>(__builtin_ctzll(~bits));
      // First: a thread that vanishes in a fork right after must not leave an owner that keep_only overlooks.
      raise_used(word * 64 + free_bit + 1);
      // Acquire: the former owner's last counts are ours to add to.
      const uint64_t before = __atomic_fetch_or(&owned_bits[word], uint64_t{1} << free_bit, __ATOMIC_ACQUIRE);
      if ((before >> free_bit & 1u) == 0) return word * 64 + free_bit;
      bits = before;
    }
  }
  return kMaxSlots;
}

void give_back(size_t index) noexcept {
  __atomic_fetch_and(&owned_bits[index / 64], ~bit(index), __ATOMIC_RELEASE);
}

size_t index_of(const Slot *slot) noexcept {
  if (slot == &first) return 0;
  const size_t count = __atomic_load_n(&used, __ATOMIC_ACQUIRE);
  for (size_t base = 0; base < count; base += kSlab) {
    const Slot *slab = __atomic_load_n(&slabs[base / kSlab], __ATOMIC_ACQUIRE);
    if (slab != nullptr && slot >= slab && slot < slab + kSlab)
      return base + static_cast<size_t>(slot - slab);
  }
  return kMaxSlots;
}

}  // namespace

Slot *acquire(int tid) noexcept {
  const size_t index = claim();
  if (index == kMaxSlots) return nullptr;
  if (!map_slab_of(index)) {
    give_back(index);
    return nullptr;
  }
  Slot *slot = at(index);
  slot->directory = ledger::directory;
  // One that nobody had before has counted nothing.
  if (slot->tid != 0) slot->base = totals(*slot);
  __atomic_store_n(&slot->tid, tid, __ATOMIC_RELEASE);
  return slot;
}

void keep(Slot *slot) noexcept {
  const size_t index = index_of(slot);
  __atomic_fetch_or(&owned_bits[index / 64], bit(index), __ATOMIC_ACQUIRE);
}

void release(Slot *slot) noexcept {
  const size_t index = index_of(slot);
  if (index < kMaxSlots) give_back(index);
}

void keep_only(Slot *mine) noexcept {
  const size_t count = __atomic_load_n(&used, __ATOMIC_RELAXED);
  for (size_t index = 0; index < count; ++index) {
    if (at(index) != mine) give_back(index);
  }
}

Slot *next(size_t &cursor) noexcept {
  const size_t count = __atomic_load_n(&used, __ATOMIC_ACQUIRE);
  while (cursor < count) {
    Slot *slot = at(cursor++);
    if (slot != nullptr) return slot;
  }
  return cursor++ == count ? &shared : nullptr;
}

bool owned(const Slot *slot) noexcept {
  const size_t index = index_of(slot);
  return index < kMaxSlots && (__atomic_load_n(&owned_bits[index / 64], __ATOMIC_RELAXED) & bit(index)) != 0;
}

size_t owned_count() noexcept {
  size_t count = 0;
  for (size_t word = 0; word * 64 < __atomic_load_n(&used, __ATOMIC_RELAXED); ++word) {
    count += static_cast<size_t>(__builtin_popcountll(__atomic_load_n(&owned_bits[word], __ATOMIC_RELAXED)));
  }
  return count;
}

const Slot *next_slab(size_t &cursor) noexcept {
  while (cursor < kMaxSlots / kSlab) {
    const Slot *start = __atomic_load_n(&slabs[cursor++], __ATOMIC_ACQUIRE);
    if (start != nullptr) return start;
  }
  return nullptr;
}

size_t mapped_bytes() noexcept {
  size_t bytes = sys::resident_bytes(&first, sizeof first) + sys::resident_bytes(&shared, sizeof shared);
  size_t cursor = 0;
  while (const Slot *slab = next_slab(cursor)) bytes += sys::resident_bytes(slab, kSlab * sizeof(Slot));
  return bytes;
}

ThreadTotals totals(const Slot &slot) noexcept {
  // Frees first: see counters.h.
  ThreadTotals sum{};
  const Counters &counters = slot.counters;
  for (const Tally &tally : counters.tallies_out) {
    for_each_bin(tally, [&](size_t, uint64_t blocks, uint64_t bytes) {
      sum.frees += blocks;
      sum.freed_bytes += bytes;
    });
  }
  for (const Counter &frees : counters.frees) sum.frees += read(frees);
  sum.freed_bytes += read(counters.freed_bytes);
  for (const Tally &tally : counters.tallies_in) {
    for_each_bin(tally, [&](size_t, uint64_t blocks, uint64_t bytes) {
      sum.allocations += blocks;
      sum.allocated_bytes += bytes;
    });
  }
  for (const Counter &allocations : counters.allocations) sum.allocations += read(allocations);
  sum.reallocations = read(counters.reallocations);
  sum.allocated_bytes += read(counters.allocated_bytes);
  return sum;
}

}  // namespace heapmeter::slots
