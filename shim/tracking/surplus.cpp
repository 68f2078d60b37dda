// SPDX-License-Identifier: MIT
#include "tracking/surplus.h"

#include <errno.h>
#include <time.h>

#include "backend/allocator.h"
#include "base/compiler.h"
#include "base/sys.h"
#include "books/meter.h"

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
constinit int64_t needed_fall = kLeastFall;
constinit int64_t last_start = 0;
constinit uint32_t allocations = 0;
constinit bool busy = false;

int64_t larger(int64_t a, int64_t b) noexcept { return a > b ? a : b; }

int64_t now_seconds() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec;
}

// Each time soon after the last one, twice the fall is needed.
bool fallen(int64_t live) noexcept {
  const int64_t top = load_whole(high), fall = top - live;
  if (fall < larger(kLeastFall, top / 4)) return false;
  const int64_t now = now_seconds();
  const int64_t last = load_whole(last_start);
  const bool soon = last != 0 && now - last < kSoonSeconds;
  const int64_t needed = soon ? load_whole(needed_fall) : kLeastFall;
  store_whole(needed_fall, needed);
  if (fall < needed) return false;
  if (soon) store_whole(needed_fall, 2 * needed);
  store_whole(last_start, now);
  return true;
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
  backend::collect();
  errno = saved_errno;
  __atomic_store_n(&busy, false, __ATOMIC_RELEASE);
}

}  // namespace

void begin() noexcept { backend::keep_surplus(); }

bool look(const Slot &slot) noexcept {
  if (!slot.own || !backend::keeps_surplus()) return false;
  const int64_t live = meter.peak.live();
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
  backend::give_back_soon(true, 0);  // each page at once: nothing may come after this
  backend::collect();
  backend::give_back_soon(before);
  return sys::resident_pages() < resident;
}

}  // namespace heapmeter::surplus
