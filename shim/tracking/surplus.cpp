// SPDX-License-Identifier: MIT
#include "tracking/surplus.h"

#include <errno.h>
#include <time.h>

#include "backend/allocator.h"
#include "base/compiler.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "books/meter.h"
#include "tracking/huge_pages.h"

namespace heapmeter::surplus {

namespace {

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kLeastFall = 32 * kMiB;
constexpr int64_t kLeastStep = 16 * kMiB;
constexpr int64_t kRise = 8 * kMiB;
// So many allocations, and the program does not only shrink.
constexpr uint32_t kPatience = 10'000;
constexpr int64_t kSoonSeconds = 5;

// The highest live bytes since the last step back. Threads may disturb each other's notes here: then a step
// is made too early or too late.
constinit int64_t high = 0;
// The same since the ledger's pages were gone through.
constinit int64_t high_of_ledger = 0;
constinit uint32_t allocations = 0;
constinit bool busy = false;

int64_t larger(int64_t a, int64_t b) noexcept { return a > b ? a : b; }

int64_t now_seconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec;
}

// Each time soon after the last one, twice the fall is needed.
struct Falls {
  int64_t needed = 0, last = 0;

  bool enough(int64_t fall, int64_t least) noexcept {
    if (fall < least) return false;
    const int64_t now = now_seconds();
    const bool soon = last != 0 && now - load_whole(last) < kSoonSeconds;
    const int64_t needed_now = soon ? load_whole(needed) : least;
    if (fall < needed_now) return false;
    store_whole(needed, soon ? 2 * needed_now : least);
    store_whole(last, now);
    return true;
  }
};
constinit Falls falls, falls_of_ledger;

bool fallen(int64_t live) noexcept {
  const int64_t top = load_whole(high);
  return top - live >= top / 4 && falls.enough(top - live, kLeastFall);
}

void set(bool to) noexcept {
  store_whole(allocations, 0u);
  to ? mode::add(mode::kGoingBack) : mode::remove(mode::kGoingBack);
  backend::give_back_soon(to);
}

void step(int64_t live) noexcept {
  store_whole(high, live);
  store_whole(allocations, 0u);
  if (__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) return;
  const int saved_errno = errno;
  huge_pages::advised.take_back();
  backend::collect();
  errno = saved_errno;
  __atomic_store_n(&busy, false, __ATOMIC_RELEASE);
}

void look_at_ledger(int64_t live) noexcept {
  const int64_t top = load_whole(high_of_ledger);
  if (live > top) store_whole(high_of_ledger, live);
  if (live > top / 2 || !falls_of_ledger.enough(top - live, kLeastStep)) return;
  store_whole(high_of_ledger, live);
  const int saved_errno = errno;
  the_ledger.give_back();
  errno = saved_errno;
}

}  // namespace

void begin() noexcept { backend::keep_surplus(); }

bool look(const Slot &slot) noexcept {
  if (!slot.own) return false;
  const int64_t live = meter.peak.live();
  look_at_ledger(live);
  if (!backend::keeps_surplus()) return false;
  if (!active()) {
    if (live > load_whole(high)) store_whole(high, live);
    if (load_whole(high) - live < kLeastFall || !fallen(live)) return false;
    set(true);
    step(live);
    return true;
  }
  const int64_t top = load_whole(high);
  if (top - live >= larger(kLeastStep, top / 16)) {
    step(live);
  } else if (live - top > kRise) {
    store_whole(high, live);
    set(false);
    return true;
  }
  return false;
}

bool allocated() noexcept {
  if (__atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED) < kPatience) return false;
  set(false);
  return true;
}

void in_child() noexcept { __atomic_store_n(&busy, false, __ATOMIC_RELAXED); }

bool give_back() noexcept {
  const bool before = active();
  const uint64_t resident = sys::resident_pages();
  huge_pages::advised.take_back();
  backend::give_back_soon(true, 0);  // each page at once: nothing may come after this
  backend::collect();
  the_ledger.give_back();
  backend::give_back_soon(before);
  return sys::resident_pages() < resident;
}

}  // namespace heapmeter::surplus
