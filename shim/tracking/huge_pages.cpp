// SPDX-License-Identifier: MIT
#include "tracking/huge_pages.h"

#include <string.h>

#include "backend/allocator.h"
#include "base/options.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "books/meter.h"

namespace heapmeter {

namespace {

constexpr size_t kSegment = HugePages::kSegment;

void *start_of(uintptr_t segment) noexcept { return reinterpret_cast<void *>(segment * kSegment); }

}  // namespace

bool HugePages::was_seen(uintptr_t segment) const noexcept {
  const uintptr_t behind = load_whole(highest_) - segment;
  return behind < 64 ? (load_whole(seen_) >> behind & 1u) != 0 : segment < load_whole(highest_);
}

// Whether this is the first time. One that is far behind counts as seen.
bool HugePages::note_seen(uintptr_t segment) noexcept {
  if (was_seen(segment)) return false;
  if (segment > highest_) {
    const uintptr_t step = segment - highest_;
    store_whole(seen_, (step < 64 ? seen_ << step : 0) | 1u);
    store_whole(highest_, segment);
  } else {
    store_whole(seen_, seen_ | uint64_t{1} << (highest_ - segment));
  }
  return true;
}

void HugePages::drop(size_t place) noexcept {
  const uintptr_t segment = told_[place];
  for (; place + 1 < kMostKept; ++place) store_whole(told_[place], told_[place + 1]);
  store_whole(told_[kMostKept - 1], uintptr_t{0});
  if (segment == 0) return;
  sys::keep_pages_small(start_of(segment), kSegment);
  the_ledger.keep_pages_small(segment * kSegment, kSegment);
  if (!told_of((segment + 1) * kSegment)) the_ledger.keep_pages_small((segment + 1) * kSegment, kSegment);
}

void HugePages::drop_all() noexcept {
  while (told_[0] != 0) drop(0);
}

void HugePages::advise(uintptr_t segment, size_t kept) noexcept {
  while (told_[kept - 1] != 0) drop(kept - 1);
  for (size_t place = kMostKept - 1; place > 0; --place) store_whole(told_[place], told_[place - 1]);
  store_whole(told_[0], segment);
  sys::let_pages_be_huge(start_of(segment), kSegment);
  // Of this one's entries some are written already, and no huge page would come in their place.
  the_ledger.let_pages_be_huge((segment + 1) * kSegment, kSegment);
}

void HugePages::leave() noexcept {
  __atomic_store_n(&busy_, false, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&all_wanted_back_, __ATOMIC_SEQ_CST) && enter()) {
    if (__atomic_exchange_n(&all_wanted_back_, false, __ATOMIC_ACQUIRE)) drop_all();
    __atomic_store_n(&busy_, false, __ATOMIC_SEQ_CST);
  }
}

void HugePages::meet(uintptr_t segment, int64_t live, size_t threads) noexcept {
  if (!enter()) return;
  const size_t kept = threads < kLeastKept ? kLeastKept : threads < kMostKept ? threads : kMostKept;
  if (note_seen(segment) && live >= kLeastLive) advise(segment, kept);
  leave();
}

void HugePages::saw_large(uintptr_t address) noexcept {
  const uintptr_t segment = address / kSegment;
  if (was_seen(segment) && !told_of(address)) return;
  if (!enter()) return take_back();
  note_seen(segment);
  for (size_t place = 0; place < kMostKept; ++place) {
    if (told_[place] == segment) drop(place);
  }
  leave();
}

void HugePages::take_back() noexcept {
  __atomic_store_n(&all_wanted_back_, true, __ATOMIC_SEQ_CST);
  if (enter()) leave();
}

void HugePages::in_child() noexcept {
  busy_ = false;
  take_back();
}

bool HugePages::told_of(uintptr_t address) const noexcept {
  for (const uintptr_t &one : told_) {
    if (load_whole(one) == address / kSegment) return true;
  }
  return false;
}

namespace huge_pages {

constinit State state = State::kOff;
constinit HugePages advised;

namespace {

// "always [madvise] never": the chosen one stands in brackets.
bool kernel_gives_none() noexcept {
  char text[128] = {};
  const long bytes = sys::read_file("/sys/kernel/mm/transparent_hugepage/enabled", text, sizeof text - 1);
  return bytes <= 0 || strstr(text, "[never]") != nullptr;
}

bool kernel_gives_us_none() noexcept {
  constexpr long kGet = 42;  // PR_GET_THP_DISABLE
  return sys::call(SYS_prctl, kGet) > 0;
}

State find_out() noexcept {
  if (!options::get().huge_pages) return State::kOff;
  if (!backend::is_called_directly() || !mimalloc::has_segments()) return State::kNotOurs;
  if (kernel_gives_none()) return State::kNever;
  return kernel_gives_us_none() ? State::kDisabled : State::kOn;
}

}  // namespace

const char *name(State state) noexcept {
  constexpr const char *kNames[] = {"off", "on", "never", "disabled", "unsupported"};
  return kNames[static_cast<size_t>(state)];
}

void begin() noexcept { store_whole(state, find_out()); }

void look(const void *block, size_t bytes) noexcept {
  const auto address = reinterpret_cast<uintptr_t>(block);
  if (backend::neighbourhood_bytes(address) != HugePages::kSegment) return;
  if (bytes > HugePages::kLargestBlock) return advised.saw_large(address);
  if (!advised.knows(address)) advised.saw(address, meter.peak.live(), meter.slots.owned_count());
}

}  // namespace huge_pages
}  // namespace heapmeter
