// SPDX-License-Identifier: MIT
#include "books/peak.h"

namespace heapmeter {
namespace {

constexpr int64_t kWindow = 32 * 1024;
constexpr int64_t kWrap = 65536;

int64_t signed_reserve(const Slot &slot) noexcept { return static_cast<int64_t>(slot.reserve); }

}  // namespace

template <typename Pauses>
void PeakWith<Pauses>::raise(uint64_t &maximum, uint64_t value) noexcept {
  Pauses::pause();
  uint64_t seen = __atomic_load_n(&maximum, __ATOMIC_RELAXED);
  while (seen < value &&
         !__atomic_compare_exchange_n(&maximum, &seen, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

// The slot's thread holds so much now.
template <typename Pauses>
void PeakWith<Pauses>::add(Slot &slot, int64_t live) noexcept {
  const int64_t more = live - static_cast<int64_t>(slot.flushed);
  slot.flushed = static_cast<uint64_t>(live);
  Pauses::pause();
  const int64_t now = total_.add(more, load_whole(slot.moment));
  if (now > 0) raise(highest_, static_cast<uint64_t>(now));
}

// The slot's live bytes are mark - headroom, and headroom may be any number here.
template <typename Pauses>
void PeakWith<Pauses>::settle(Slot &slot, int64_t headroom) noexcept {
  // Asked when all that the slot has counted is there: while this says no, nobody else has counted. Who is
  // told of the other late, as x86 may do too, tells the total all the same, which is changed as one: of two,
  // the later sees both.
  if (slot.alone && !many()) {
    settle_alone(slot, headroom);
    return;
  }
  const int64_t live = static_cast<int64_t>(slot.mark) - headroom;
  if (slot.alone) {
    raise(surely_, slot.mark);
    Pauses::pause();
    __atomic_store_n(&slot.alone, false, __ATOMIC_RELEASE);
  }
  add(slot, live);
  Pauses::pause();
  // Who sees this mark sees that it is a peak no more.
  __atomic_store_n(&slot.mark, static_cast<uint64_t>(live + kWindow), __ATOMIC_RELEASE);
  store_whole(slot.reserve, uint64_t{0});
  store_whole(slot.headroom, static_cast<uint16_t>(kWindow));
}

template <typename Pauses>
void PeakWith<Pauses>::settle_alone(Slot &slot, int64_t headroom) noexcept {
  const int64_t live = static_cast<int64_t>(slot.mark) - headroom;
  if (headroom < 0) {
    Pauses::pause();
    __atomic_store_n(&slot.mark, static_cast<uint64_t>(live), __ATOMIC_RELAXED);
    headroom = 0;
  }
  // Half a window aside, so that a size going up and down at the edge does not come here each time.
  store_whole(slot.headroom, static_cast<uint16_t>(headroom < kWrap ? headroom : kWindow));
  store_whole(slot.reserve, static_cast<uint64_t>(headroom - slot.headroom));
  // Growing, it comes here with every block: the total need not know of each.
  const int64_t more = live - static_cast<int64_t>(slot.flushed);
  if (headroom != 0 || more < 0 || more >= kWindow / 2) add(slot, live);
}

template <typename Pauses>
void PeakWith<Pauses>::settle_under(Slot &slot) noexcept {
  settle(slot, signed_reserve(slot) + slot.headroom - kWrap);
}

template <typename Pauses>
void PeakWith<Pauses>::settle_over(Slot &slot) noexcept {
  settle(slot, signed_reserve(slot) + slot.headroom + kWrap);
}

template <typename Pauses>
void PeakWith<Pauses>::change(Slot &slot, int64_t bytes) noexcept {
  if (!slot.own) {
    if (!many()) __atomic_store_n(&many_, true, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&slot.mark, static_cast<uint64_t>(bytes), __ATOMIC_RELAXED);
    Pauses::pause();
    const int64_t now = total_.add(bytes, load_whole(slot.moment));
    if (now > 0) raise(highest_, static_cast<uint64_t>(now));
  } else {
    settle(slot, signed_reserve(slot) + slot.headroom - bytes);
  }
}

template <typename Pauses>
void PeakWith<Pauses>::join(Slot &slot, size_t owners) noexcept {
  raise(most_threads_, owners);
  Pauses::pause();
  Slot *first = nullptr;
  if (__atomic_compare_exchange_n(&first_, &first, &slot, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    __atomic_store_n(&slot.alone, true, __ATOMIC_RELAXED);
    return;
  }
  // Or the first one's slot goes to the next, and still nobody else counts.
  if (first == &slot) return;
  Pauses::pause();
  __atomic_store_n(&many_, true, __ATOMIC_SEQ_CST);
}

template <typename Pauses>
void PeakWith<Pauses>::leave(Slot &slot) noexcept {
  store_whole(slot.moment, Total::kNoMoment);
  settle(slot, signed_reserve(slot) + slot.headroom);
  add(slot, peak::noted(slot));
}

template <typename Pauses>
bool PeakWith<Pauses>::is_alone(const Slot *slot) const noexcept {
  return !many() && first_ == slot;
}

template <typename Pauses>
void PeakWith<Pauses>::start_anew() noexcept {
  total_.set(0);
}

template <typename Pauses>
void PeakWith<Pauses>::bring(Slot &slot, int64_t live) noexcept {
  total_.set(total_.bytes() + live);
  slot.flushed = static_cast<uint64_t>(live);
  if (!slot.own) {
    slot.mark = static_cast<uint64_t>(live);
    return;
  }
  if (slot.alone && many_) {
    raise(surely_, slot.mark);
    slot.alone = false;
  }
  if (!slot.alone) slot.mark = static_cast<uint64_t>(live + kWindow);
  if (static_cast<int64_t>(slot.mark) < live) slot.mark = static_cast<uint64_t>(live);
  const int64_t headroom = static_cast<int64_t>(slot.mark) - live;
  slot.headroom = static_cast<uint16_t>(headroom < kWrap ? headroom : kWindow);
  slot.reserve = static_cast<uint64_t>(headroom - slot.headroom);
}

template <typename Pauses>
int64_t PeakWith<Pauses>::live() const noexcept {
  return total_.bytes();
}

template <typename Pauses>
auto PeakWith<Pauses>::range() noexcept -> Range {
  uint64_t mark = 0;
  Pauses::pause();
  if (const Slot *first = __atomic_load_n(&first_, __ATOMIC_ACQUIRE)) {
    mark = __atomic_load_n(&first->mark, __ATOMIC_ACQUIRE);
    Pauses::pause();
    if (!__atomic_load_n(&first->alone, __ATOMIC_ACQUIRE)) mark = 0;
  }
  if (!many()) return {mark, mark};
  const uint64_t highest = __atomic_load_n(&highest_, __ATOMIC_RELAXED);
  Pauses::pause();
  const uint64_t error = hidden();
  // More threads make it less exact, but not what was known before.
  raise(surely_, highest > error ? highest - error : 0);
  Pauses::pause();
  // After the mark: when the first one has just noticed, its mark is in here.
  const uint64_t surely = __atomic_load_n(&surely_, __ATOMIC_RELAXED);
  const uint64_t least = mark > surely ? mark : surely, most = highest + error;
  return {least, most > least ? most : least};
}

template <typename Pauses>
uint64_t PeakWith<Pauses>::hidden() const noexcept {
  return many() ? (load_whole(most_threads_) + 1) * static_cast<uint64_t>(kWindow) : 0;
}

template <typename Pauses>
void PeakWith<Pauses>::saw(uint64_t live_bytes) noexcept {
  raise(surely_, live_bytes);
}

template class PeakWith<NoPauses>;

}  // namespace heapmeter
