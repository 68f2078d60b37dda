// SPDX-License-Identifier: MIT
//
// Who owns which counters.
//
// A slot is owned by one living thread, its only writer, or free for the next thread, which goes on adding to
// the same totals: nothing is ever folded, so nothing can be lost or counted twice. Slots are never unmapped.
// Frees after a thread's slot is gone, and threads beyond kMost, write to one shared slot, atomically.
// Nothing here takes a lock, so a fork cannot leave one held and a signal handler cannot meet one.
#pragma once

#include "books/pauses.h"
#include "books/slot.h"

namespace heapmeter {

// What a slot says at one moment: the present owner's part, and that of all before it.
struct Row {
  bool owned;
  int tid;
  ThreadTotals owners;
  ThreadTotals before;
};

template <typename Pauses>
class SlotsWith {
 public:
  static constexpr size_t kMost = 65536;
  static constexpr size_t kSlab = 16;
  // Each begins a page, as the layout of its counters would have it.
  struct alignas(4096) Place {
    Slot slot;
  };
  static constexpr size_t kSlabBytes = kSlab * sizeof(Place);

  // A slot for the calling thread, now its only writer; nullptr when there is none to be had.
  Slot *acquire(int tid) noexcept;
  // Makes sure that it is the caller's: a fork in a signal handler may have freed it while it was being
  // acquired.
  void keep(Slot *slot, int tid) noexcept;
  // Gives it to whoever comes next. The caller writes no more.
  void release(Slot *slot) noexcept;
  // The owner, who is a thread of this process, may be asked for by others; until it releases the slot.
  void sign(Slot *slot) noexcept;
  // Whether it is time to ask for them: no slot that there is is free, and half as many were taken since. Of
  // several who ask at once it is one's.
  bool crowded() noexcept;
  // Calls gone(tid) for each signed slot but the caller's. Where that says so, the slot is the caller's: it
  // writes to it in place of who is gone, by last_words(slot), and it goes to whoever comes next.
  template <typename Gone, typename LastWords>
  void take_back(const Slot *own, Gone gone, LastWords last_words) noexcept;
  // In a forked child: frees all slots but the caller's; their threads do not exist here.
  void keep_only(Slot *mine) noexcept;

  // Every slot ever used, the shared one last; nullptr ends.
  Slot *next(size_t &cursor) noexcept;
  bool owned(const Slot &slot) const noexcept;
  // The same by groups of neighbours, a bit each: those ever used; those owned; and a number that is another
  // once an owner has come or gone, before the new one counts anything.
  static constexpr size_t kGroup = 64;
  static constexpr size_t kGroups = kMost / kGroup;
  size_t groups_used() const noexcept;
  uint64_t used_of(size_t group) const noexcept;
  uint64_t owned_of(size_t group) const noexcept;
  uint64_t changes(size_t group) const noexcept;
  Slot *at(size_t index) noexcept;
  size_t owned_count() const noexcept;
  // What was ever counted in it says whoever knows it, by a call after the owner's beginnings were read.
  template <typename Totals>
  Row row(const Slot &slot, Totals totals) const noexcept;
  Row row(const Slot &slot) const noexcept {
    return row(slot, [](const Slot &of) { return of.totals(); });
  }

  // Memory beside the object itself: every slab mapped, kSlabBytes long, and how many of its places were ever
  // used; nullptr ends.
  const Place *next_slab(size_t &cursor, size_t &used) const noexcept;
  // For those who made an object of their own.
  void unmap() noexcept;

  // `shared`, for who is about to write there.
  Slot &shared_to_write() noexcept {
    store_whole(shared_written_, true);
    return shared;
  }
  // What most processes never do, so that a forked child need not look at pages for it: whether anybody wrote
  // there; whether a reading was ever begun, of which sums may be kept.
  bool shared_written() const noexcept { return load_whole(shared_written_); }
  void note_reading() noexcept { store_whole(was_read_, true); }
  bool was_read() const noexcept { return load_whole(was_read_); }

 private:
  struct Group {
    uint64_t owned;  // a bit each
    uint64_t changes;
  };
  Group &the_group(size_t number) noexcept { return number == 0 ? first_group_ : other_groups_[number - 1]; }
  const Group &the_group(size_t number) const noexcept {
    return number == 0 ? first_group_ : other_groups_[number - 1];
  }

  // Ahead of all else, and side by side: on one page what the first thread touches at the start of every
  // process, and each forked child writes to again.
  size_t used_ = 0;   // only slots with a smaller index are, or ever were, owned
  size_t taken_ = 0;  // since owners were last asked for
  bool shared_written_ = false;
  bool was_read_ = false;
  Group first_group_ = {};
  Slot first_ = {};  // the main thread's needs no memory to be mapped
  Group other_groups_[kGroups - 1] = {};

 public:
  // For all who have no slot of their own.
  Slot shared = {};

 private:
  bool map_slab_of(size_t index) noexcept;
  size_t claim() noexcept;
  void give_back(size_t index) noexcept;
  void note_change(size_t index) noexcept;
  size_t index_of(const Slot *slot) const noexcept;

  // A slot whose owner changes so often while it is looked at is told of as a free one.
  static constexpr int kLooks = 1000;
  // With fewer it is not worth a system call.
  static constexpr size_t kCrowd = 64;

  Place *slabs_[kMost / kSlab] = {};
};

// The turn before and after is the same when all between them is of one owner's time. While it is odd, nobody
// has counted since the last one. Every store here and by the owners is a release and every load an acquire,
// which costs nothing on x86: who sees anything of a new owner sees its turn, too.
template <typename Pauses>
template <typename Totals>
Row SlotsWith<Pauses>::row(const Slot &slot, Totals totals) const noexcept {
  Row row{};
  for (int look = 0; look < kLooks; ++look) {
    const uint32_t turn = __atomic_load_n(&slot.turn, __ATOMIC_ACQUIRE);
    Pauses::pause();
    row.tid = __atomic_load_n(&slot.tid, __ATOMIC_ACQUIRE);
    row.owned = turn % 2 == 0 && row.tid != 0 && owned(slot);
    row.before = slot.base.read_whole();
    Pauses::pause();
    row.owners = totals(slot);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    Pauses::pause();
    if (__atomic_load_n(&slot.turn, __ATOMIC_ACQUIRE) != turn) continue;
    if (row.owned) {
      row.owners -= row.before;
      return row;
    }
    break;
  }
  row.owned = false;
  row.before = row.owners;
  row.owners = {};
  return row;
}

// A turn is one owner's only, so a slot that was released meanwhile, and is another's, is not taken: not even
// where the kernel gave that one the same tid.
template <typename Pauses>
template <typename Gone, typename LastWords>
void SlotsWith<Pauses>::take_back(const Slot *own, Gone gone, LastWords last_words) noexcept {
  const size_t count = __atomic_load_n(&used_, __ATOMIC_ACQUIRE);
  for (size_t index = 0; index < count; ++index) {
    Slot *slot = at(index);
    if (slot == nullptr || slot == own) continue;
    uint64_t owner = __atomic_load_n(&slot->owner, __ATOMIC_ACQUIRE);
    Pauses::pause();
    if (owner == 0 || !gone(static_cast<int>(owner & UINT32_MAX))) continue;
    Pauses::pause();
    if (!__atomic_compare_exchange_n(&slot->owner, &owner, uint64_t{0}, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED)) {
      continue;
    }
    last_words(*slot);
    give_back(index);
  }
}

using Slots = SlotsWith<NoPauses>;
extern template class SlotsWith<NoPauses>;

}  // namespace heapmeter
