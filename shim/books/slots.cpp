// SPDX-License-Identifier: MIT
#include "books/slots.h"

#include "base/sys.h"
#include "books/ledger.h"

namespace heapmeter {
namespace {

constexpr uint64_t bit(size_t index) noexcept { return uint64_t{1} << (index % 64); }

// Each word whole, and in order with the turn around them.
void store_totals(ThreadTotals &to, const ThreadTotals &from) noexcept {
  __atomic_store_n(&to.allocations, from.allocations, __ATOMIC_RELEASE);
  __atomic_store_n(&to.frees, from.frees, __ATOMIC_RELEASE);
  __atomic_store_n(&to.reallocations, from.reallocations, __ATOMIC_RELEASE);
  __atomic_store_n(&to.allocated_bytes, from.allocated_bytes, __ATOMIC_RELEASE);
  __atomic_store_n(&to.freed_bytes, from.freed_bytes, __ATOMIC_RELEASE);
}

}  // namespace

template <typename Pauses>
Slot *SlotsWith<Pauses>::at(size_t index) noexcept {
  if (index == 0) return &first_;
  Place *slab = __atomic_load_n(&slabs_[index / kSlab], __ATOMIC_ACQUIRE);
  return slab == nullptr ? nullptr : &slab[index % kSlab].slot;
}

template <typename Pauses>
bool SlotsWith<Pauses>::map_slab_of(size_t index) noexcept {
  if (at(index) != nullptr) return true;
  auto *slab = static_cast<Place *>(sys::map(kSlabBytes));
  if (slab == nullptr) return false;
  Place *none = nullptr;
  if (!__atomic_compare_exchange_n(&slabs_[index / kSlab], &none, slab, false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE)) {
    sys::unmap(slab, kSlabBytes);
  }
  return true;
}

// The lowest free index, now ours; kMost when all are taken. Low ones first: their memory is warm.
template <typename Pauses>
size_t SlotsWith<Pauses>::claim() noexcept {
  for (size_t group = 0; group < kGroups; ++group) {
    uint64_t bits = __atomic_load_n(&the_group(group).owned, __ATOMIC_RELAXED);
    while (bits != ~uint64_t{0}) {
      const size_t index = group * kGroup + static_cast<unsigned>(__builtin_ctzll(~bits));
      // First: a thread that vanishes in a fork right after must not leave an owner that keep_only overlooks.
      size_t used = __atomic_load_n(&used_, __ATOMIC_RELAXED);
      while (used <= index && !__atomic_compare_exchange_n(&used_, &used, index + 1, true, __ATOMIC_RELEASE,
                                                           __ATOMIC_RELAXED)) {
      }
      Pauses::pause();
      // The former owner's last counts are ours to add to; and of two that come at once, one sees both.
      bits = __atomic_fetch_or(&the_group(group).owned, bit(index), __ATOMIC_SEQ_CST);
      if ((bits & bit(index)) == 0) {
        note_change(index);
        return index;
      }
    }
  }
  return kMost;
}

template <typename Pauses>
void SlotsWith<Pauses>::give_back(size_t index) noexcept {
  Pauses::pause();
  __atomic_fetch_and(&the_group(index / kGroup).owned, ~bit(index), __ATOMIC_RELEASE);
  note_change(index);
}

template <typename Pauses>
void SlotsWith<Pauses>::note_change(size_t index) noexcept {
  Pauses::pause();
  __atomic_fetch_add(&the_group(index / kGroup).changes, 1, __ATOMIC_ACQ_REL);
}

template <typename Pauses>
size_t SlotsWith<Pauses>::index_of(const Slot *slot) const noexcept {
  if (slot == &first_) return 0;
  const size_t count = __atomic_load_n(&used_, __ATOMIC_ACQUIRE);
  for (size_t base = 0; base < count; base += kSlab) {
    const Place *slab = __atomic_load_n(&slabs_[base / kSlab], __ATOMIC_ACQUIRE);
    const auto *place = reinterpret_cast<const Place *>(slot);
    if (slab != nullptr && place >= slab && place < slab + kSlab)
      return base + static_cast<size_t>(place - slab);
  }
  return kMost;
}

template <typename Pauses>
Slot *SlotsWith<Pauses>::acquire(int tid) noexcept {
  // First: of a page that is only read before it is written to the kernel makes two page faults, and the
  // first thread's is such a one. Where there is no slot it is taken back:
  // from 0, if owners were asked for meanwhile, and then they are once more.
  __atomic_fetch_add(&taken_, 1, __ATOMIC_RELAXED);
  const size_t index = claim();
  const bool has_place = index != kMost && map_slab_of(index);
  if (!has_place) {
    if (index != kMost) give_back(index);
    __atomic_fetch_sub(&taken_, 1, __ATOMIC_RELAXED);
    return nullptr;
  }
  Slot *slot = at(index);
  slot->directory = the_ledger.directory();
  store_whole(slot->own, true);  // readings ask, too
  // One that nobody had before has counted nothing.
  const bool had_before = slot->tid != 0;
  const uint32_t turn = slot->turn;
  __atomic_store_n(&slot->turn, turn + 1, __ATOMIC_RELEASE);
  Pauses::pause();
  if (had_before) store_totals(slot->base, slot->totals());
  Pauses::pause();
  __atomic_store_n(&slot->tid, tid, __ATOMIC_RELEASE);
  Pauses::pause();
  __atomic_store_n(&slot->turn, turn + 2, __ATOMIC_RELEASE);
  return slot;
}

template <typename Pauses>
void SlotsWith<Pauses>::keep(Slot *slot, int tid) noexcept {
  const size_t index = index_of(slot);
  __atomic_fetch_or(&the_group(index / kGroup).owned, bit(index), __ATOMIC_ACQUIRE);
  note_change(index);
  __atomic_store_n(&slot->owner, uint64_t{0}, __ATOMIC_RELEASE);
  __atomic_store_n(&slot->tid, tid, __ATOMIC_RELEASE);
}

template <typename Pauses>
void SlotsWith<Pauses>::sign(Slot *slot) noexcept {
  __atomic_store_n(&slot->owner, uint64_t{slot->turn} << 32 | static_cast<uint32_t>(slot->tid),
                   __ATOMIC_RELEASE);
}

template <typename Pauses>
bool SlotsWith<Pauses>::crowded() noexcept {
  const size_t used = __atomic_load_n(&used_, __ATOMIC_RELAXED);
  size_t taken = __atomic_load_n(&taken_, __ATOMIC_RELAXED);
  if (used < kCrowd || taken < used / 2 || owned_count() < used) return false;
  return __atomic_compare_exchange_n(&taken_, &taken, size_t{0}, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

template <typename Pauses>
void SlotsWith<Pauses>::release(Slot *slot) noexcept {
  // First: who finds another's slot free must not find the name of who had it.
  __atomic_store_n(&slot->owner, uint64_t{0}, __ATOMIC_RELEASE);
  const size_t index = index_of(slot);
  if (index < kMost) give_back(index);
}

template <typename Pauses>
void SlotsWith<Pauses>::keep_only(Slot *mine) noexcept {
  const size_t count = __atomic_load_n(&used_, __ATOMIC_RELAXED);
  for (size_t index = 0; index < count; ++index) {
    Slot *slot = at(index);
    if (slot == mine) continue;
    if (slot != nullptr) __atomic_store_n(&slot->owner, uint64_t{0}, __ATOMIC_RELEASE);
    give_back(index);
    // Its new owner vanished before it had noted what was before.
    if (slot != nullptr && slot->turn % 2 != 0) ++slot->turn;
  }
}

template <typename Pauses>
Slot *SlotsWith<Pauses>::next(size_t &cursor) noexcept {
  const size_t count = __atomic_load_n(&used_, __ATOMIC_ACQUIRE);
  while (cursor < count) {
    Slot *slot = at(cursor++);
    if (slot != nullptr) return slot;
  }
  return cursor++ == count ? &shared : nullptr;
}

template <typename Pauses>
bool SlotsWith<Pauses>::owned(const Slot &slot) const noexcept {
  const size_t index = index_of(&slot);
  return index < kMost &&
         (__atomic_load_n(&the_group(index / kGroup).owned, __ATOMIC_ACQUIRE) & bit(index)) != 0;
}

template <typename Pauses>
size_t SlotsWith<Pauses>::owned_count() const noexcept {
  size_t count = 0;
  for (size_t group = 0; group * kGroup < __atomic_load_n(&used_, __ATOMIC_RELAXED); ++group) {
    count +=
        static_cast<size_t>(__builtin_popcountll(__atomic_load_n(&the_group(group).owned, __ATOMIC_SEQ_CST)));
  }
  return count;
}

template <typename Pauses>
size_t SlotsWith<Pauses>::groups_used() const noexcept {
  return (__atomic_load_n(&used_, __ATOMIC_ACQUIRE) + kGroup - 1) / kGroup;
}

template <typename Pauses>
uint64_t SlotsWith<Pauses>::used_of(size_t group) const noexcept {
  const size_t used = __atomic_load_n(&used_, __ATOMIC_ACQUIRE), before = group * kGroup;
  if (used <= before) return 0;
  return used - before >= kGroup ? ~uint64_t{0} : bit(used - before) - 1;
}

template <typename Pauses>
uint64_t SlotsWith<Pauses>::owned_of(size_t group) const noexcept {
  Pauses::pause();
  return __atomic_load_n(&the_group(group).owned, __ATOMIC_ACQUIRE);
}

template <typename Pauses>
uint64_t SlotsWith<Pauses>::changes(size_t group) const noexcept {
  Pauses::pause();
  return __atomic_load_n(&the_group(group).changes, __ATOMIC_ACQUIRE);
}

template <typename Pauses>
const typename SlotsWith<Pauses>::Place *SlotsWith<Pauses>::next_slab(size_t &cursor,
                                                                      size_t &used) const noexcept {
  const size_t all_used = __atomic_load_n(&used_, __ATOMIC_ACQUIRE);
  for (; cursor * kSlab < all_used; ++cursor) {
    const Place *start = __atomic_load_n(&slabs_[cursor], __ATOMIC_ACQUIRE);
    if (start == nullptr) continue;
    const size_t left = all_used - cursor++ * kSlab;
    used = left < kSlab ? left : kSlab;
    return start;
  }
  return nullptr;
}

template <typename Pauses>
void SlotsWith<Pauses>::unmap() noexcept {
  for (Place *slab : slabs_) {
    if (slab != nullptr) sys::unmap(slab, kSlabBytes);
  }
}

template class SlotsWith<NoPauses>;

}  // namespace heapmeter
