// SPDX-License-Identifier: MIT
#include "books/peak.h"

namespace heapmeter::peak {
namespace {

constexpr int64_t kWindow = 32 * 1024;
constexpr int64_t kWrap = 65536;

constinit bool many_threads = false;
constinit int64_t total = 0;
constinit uint64_t highest = 0;
constinit uint64_t most_threads = 1;

void raise(uint64_t &maximum, uint64_t value) noexcept {
  uint64_t seen = __atomic_load_n(&maximum, __ATOMIC_RELAXED);
  while (seen < value &&
         !__atomic_compare_exchange_n(&maximum, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

bool many() noexcept { return __atomic_load_n(&many_threads, __ATOMIC_ACQUIRE); }

void add_to_total(int64_t bytes) noexcept {
  const int64_t now = __atomic_add_fetch(&total, bytes, __ATOMIC_RELAXED);
  if (now > 0) raise(highest, static_cast<uint64_t>(now));
}

// The slot's live bytes are mark - headroom, and headroom may be any number here.
void settle(Slot &slot, int64_t headroom) noexcept {
  if (many()) {
    const int64_t live = static_cast<int64_t>(slot.mark) - headroom;
    add_to_total(live - static_cast<int64_t>(slot.flushed));
    slot.flushed = static_cast<uint64_t>(live);
    slot.mark = static_cast<uint64_t>(live + kWindow);
    slot.reserve = 0;
    slot.headroom = kWindow;
    return;
  }
  if (headroom < 0) {
    __atomic_store_n(&slot.mark, slot.mark + static_cast<uint64_t>(-headroom), __ATOMIC_RELAXED);
    headroom = 0;
  }
  // Half a window aside, so that a size going up and down at the edge does not come here each time.
  slot.headroom = static_cast<uint16_t>(headroom < kWrap ? headroom : kWindow);
  slot.reserve = static_cast<uint64_t>(headroom - slot.headroom);
}

int64_t reserve(const Slot &slot) noexcept { return static_cast<int64_t>(slot.reserve); }

int64_t live_of(const Slot &slot) noexcept {
  const ThreadTotals sum = slots::totals(slot);
  return static_cast<int64_t>(sum.allocated_bytes - sum.freed_bytes);
}

}  // namespace

void settle_under(Slot &slot) noexcept { settle(slot, reserve(slot) + slot.headroom - kWrap); }

void settle_over(Slot &slot) noexcept { settle(slot, reserve(slot) + slot.headroom + kWrap); }

void change(Slot &slot, int64_t bytes) noexcept {
  if (slot.shared) {
    if (!many()) join(slot);
    __atomic_fetch_add(&slot.mark, static_cast<uint64_t>(bytes), __ATOMIC_RELAXED);
    add_to_total(bytes);
  } else {
    settle(slot, reserve(slot) + slot.headroom - bytes);
  }
}

void join(Slot &slot) noexcept {
  if (many()) {
    raise(most_threads, slots::owned_count());
    return;
  }
  size_t cursor = 0;
  Slot *first = slots::next(cursor);
  if (first == &slot || first == &slots::shared) return;
  // The first thread may be counting right now; what it adds from here on it will add to the total itself,
  // beyond what is noted as flushed. The acquire in many() orders these writes before it looks.
  const int64_t live = live_of(*first);
  first->flushed = static_cast<uint64_t>(live);
  __atomic_store_n(&total, live, __ATOMIC_RELAXED);
  raise(highest, __atomic_load_n(&first->mark, __ATOMIC_RELAXED));
  if (live > 0) raise(highest, static_cast<uint64_t>(live));
  raise(most_threads, 2);
  __atomic_store_n(&many_threads, true, __ATOMIC_RELEASE);
}

void leave(Slot &slot) noexcept {
  if (many()) settle(slot, reserve(slot) + slot.headroom);
}

void rebase() noexcept {
  if (!many()) return;
  int64_t live = 0;
  size_t cursor = 0;
  while (Slot *slot = slots::next(cursor)) {
    const int64_t held = live_of(*slot);
    live += held;
    slot->flushed = static_cast<uint64_t>(held);
    slot->mark = static_cast<uint64_t>(held + kWindow);
    slot->reserve = 0;
    slot->headroom = kWindow;
  }
  __atomic_store_n(&total, live, __ATOMIC_RELAXED);
}

int64_t live(const Slot &slot) noexcept {
  if (many()) return __atomic_load_n(&total, __ATOMIC_RELAXED);
  return static_cast<int64_t>(slot.mark - slot.reserve - slot.headroom);
}

uint64_t bytes() noexcept {
  if (many()) return __atomic_load_n(&highest, __ATOMIC_RELAXED);
  size_t cursor = 0;
  return __atomic_load_n(&slots::next(cursor)->mark, __ATOMIC_RELAXED);
}

uint64_t error_bytes() noexcept {
  return many() ? (__atomic_load_n(&most_threads, __ATOMIC_RELAXED) + 1) * static_cast<uint64_t>(kWindow) : 0;
}

void saw(uint64_t live_bytes) noexcept {
  if (many()) raise(highest, live_bytes);
}

}  // namespace heapmeter::peak
