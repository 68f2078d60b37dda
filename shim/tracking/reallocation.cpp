// SPDX-License-Identifier: MIT
//
// realloc: one reallocation in the books, whatever it takes. A block leaves its old place only when its new
// one has an entry, so that one that cannot grow stays what it was; the allocator of another's choice
// (`next`) is asked to resize in its own way and can only be believed.
#include <string.h>

#include "backend/early_heap.h"
#include "backend/room.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "books/sampling.h"
#include "books/thread_state.h"
#include "tracking/counting.h"
#include "tracking/life.h"
#include "tracking/own_calls.h"
#include "tracking/process_heap.h"
#include "tracking/tracked_heap.h"
#include "tracking/wrong_calls.h"

namespace heapmeter::tracked_heap {
namespace {

using entry::Decoded;
using entry::Form;

// More than an entry in a range without any takes where memory is short.
constexpr size_t kLedgerRoom = 512 * 1024;

using life::Living;
using life::Resized;

void *reallocate_early(void *block, size_t bytes) noexcept {
  void *moved = allocate_slow(bytes, AllocationKind::k_realloc, Family::kMalloc, false);
  // memcpy itself may not be there yet.
  const size_t both = early_heap::size_of(block) < bytes ? early_heap::size_of(block) : bytes;
  for (size_t i = 0; moved != nullptr && i < both; ++i) {
    static_cast<volatile char *>(moved)[i] = static_cast<const char *>(block)[i];
  }
  return moved;
}

// realloc of a block we did not make, or have released.
void *reallocate_unknown(void *block, size_t bytes, const Decoded &noted) noexcept {
  if (own_calls::allocators(block)) return own_calls::reallocate(block, bytes);
  const Unknown unknown = judge(block, noted, FreeKind::k_realloc, false);
  if (unknown == Unknown::kRefused) {
    errno = ENOMEM;
    return nullptr;
  }
  if (unknown == Unknown::kAllocators) return own_calls::reallocate(block, bytes);
  if (backend::takes_back(block)) {
    void *resized = backend::reallocate(block, bytes);
    return resized == nullptr && unknown == Unknown::kUncounted ? fail() : resized;
  }
  const NextHeap *libc = next_heap::libc();
  return libc == nullptr ? nullptr : libc->realloc(block, bytes);
}

// A block that stayed where it was keeps its old usable bytes; whether its new size's class says the same
// decides the form of its entry. An irregular block stays irregular: what is behind it only the backend
// knows.
size_t usable_in_place(void *block, const Decoded &before, size_t bytes) noexcept {
  if (bytes > kFineLimit) return life::asked_usable(block, bytes);
  const size_t usable = before.form == Form::kRegular ? backend::usable_by_size(bytes) : 0;
  const bool says_the_same = usable != 0 && usable == backend::usable_by_size(before.size);
  return says_the_same ? 0 : life::asked_usable(block, bytes);
}

// The whole of what is usable: some programs ask for it and use it.
size_t room_bytes(const Living &old) noexcept {
  return old.usable != 0 ? old.usable : backend::class_bytes(old.noted.size);
}
void copy_bytes(void *to, const Living &old, size_t bytes) noexcept {
  const size_t held = room_bytes(old);
  memcpy(to, old.start, held < bytes ? held : bytes);
}

// To other room, with what it holds.
Resized copy(Living &old, size_t bytes) noexcept {
  Room room = room::of(bytes, false);
  if (room.start == nullptr) return {};
  const ledger::Place place = the_ledger.born(room.start);
  if (!place) room = room::without_entry(room, bytes, kGranule);
  if (room.start == nullptr) return {};
  copy_bytes(room.start, old, bytes);
  life::leaves(old);
  room::give_back(old.room());
  return {room, place, life::noted_usable(room, bytes, true)};
}

// The kernel moves pages only of what it keeps as one mapping: a block of which a part was locked, advised or
// protected is several. Nor does every sandbox let it.
Resized move_mapped(Living &old, size_t bytes) noexcept {
  // Where it goes only the kernel knows: there should be room for an entry.
  void *spare = sys::map(kLedgerRoom);
  if (spare == nullptr) return {};
  life::leaves(old);
  const Room moved = mapped_heap::move(old.room(), bytes);
  sys::unmap(spare, kLedgerRoom);
  if (moved.start == nullptr) {
    life::stays(old);
    return {};
  }
  const ledger::Place place = the_ledger.born(moved.start);
  if (place) return {moved, place, moved.mapped};
  void *block = backend::allocate(room::at_least(bytes));
  if (block == nullptr) return {moved, place, 0};
  memcpy(block, moved.start, old.usable < bytes ? old.usable : bytes);
  mapped_heap::release(moved);
  return {room::without_entry({block, 0}, bytes, kGranule), place, 0};
}

Resized resize_mapped(Living &old, size_t bytes) noexcept {
  // A page or two are better off with the allocator.
  if (bytes < mapped_heap::kLeast) {
    const Resized copied = copy(old, bytes);
    if (copied.room.start != nullptr) return copied;
  }
  const Room here = mapped_heap::resize(old.room(), bytes);
  if (here.mapped >= bytes) return {here, old.place, here.mapped};
  const Resized moved = move_mapped(old, bytes);
  return moved.room.start != nullptr ? moved : copy(old, bytes);
}

Resized resize_ours(Living &old, size_t bytes) noexcept {
  if (old.noted.mapped) return resize_mapped(old, bytes);
  const size_t held = room_bytes(old);
  const bool fits = bytes <= held;
  // As mimalloc itself would: not when half of it lies idle.
  Resized resized{};
  if (!fits || bytes < held / 2) resized = copy(old, bytes);
  if (resized.room.start != nullptr || !fits) return resized;
  return {old.room(), old.place, usable_in_place(old.start, old.noted, bytes)};
}

Resized resize_by_next(Living &old, size_t bytes) noexcept {
  life::leaves(old);
  // A signal's handler may come amid it, and resize another.
  const void *const resizing = threads::state.resizing;
  threads::state.resizing = backend::asks_by_name ? old.start : nullptr;
  void *block = backend::reallocate(old.start, room::at_least(bytes));
  threads::state.resizing = resizing;
  if (block == nullptr) {
    life::stays(old);
    return {};
  }
  life::born_within(block);
  const Room room{block, 0};
  const ledger::Place place = the_ledger.born(block);
  if (!place) room::without_entry(room, bytes, kGranule);
  const bool here = block == old.start;
  return {room, place,
          here ? usable_in_place(block, old.noted, bytes) : life::noted_usable(room, bytes, true)};
}

// Small, and regular, of a thread that has all it needs: as the fast path is, with the counters of a move.
// Null where it is not so, and nothing was done.
HEAPMETER_INLINE void *reallocate_small(void *block, size_t bytes) noexcept {
  Slot *slot = nullptr;
  uint8_t *const old = entry_of(block, slot);
  if (old == nullptr || bytes == 0 || bytes >= span_now()) return nullptr;
  const size_t before = entry::regular_size(old, Family::kMalloc);
  if (before > kTallyLimit) return nullptr;
  const size_t held = mimalloc::small_class_bytes(before), needed = mimalloc::small_class_bytes(bytes);
  if (needed <= held && bytes >= held / 2) {
    if (HEAPMETER_UNLIKELY(!sampling::take_unsampled(*slot, bytes))) return nullptr;
    const size_t usable = needed == held ? 0 : held;
    if (usable == 0) {
      entry::write_regular(old, bytes, Family::kMalloc);
    } else {
      entry::write_irregular(old, bytes, usable, Family::kMalloc);
    }
    counting::move<counting::Own>(*slot, {before, 0, bytes, usable, false});
    return block;
  }
  void *fresh = mimalloc::allocate_small(at_least_two_granules(bytes));
  uint8_t *const at = entry_of(fresh, slot);
  if (HEAPMETER_UNLIKELY(at == nullptr || !sampling::take_unsampled(*slot, bytes))) {
    if (fresh != nullptr) mimalloc::release(fresh);
    return nullptr;
  }
  memcpy(fresh, block, held < needed ? held : needed);
  entry::write_regular(at, bytes, Family::kMalloc);
  entry::bury_word(old);
  counting::move<counting::Own>(*slot, {before, 0, bytes, 0, true});
  mimalloc::release(block);
  return fresh;
}

}  // namespace

void *reallocate(void *block, size_t bytes) noexcept {
  if (void *resized = reallocate_small(block, bytes)) return resized;
  if (void *resized = reallocate_medium(block, bytes)) return resized;
  if (mode::passing() && !early_heap::owns(block)) return backend::reallocate(block, bytes);
  if (block == nullptr) return allocate_slow(bytes, AllocationKind::k_realloc, Family::kMalloc, false);
  if (bytes == 0) {
    release_slow(block, FreeKind::k_realloc, Family::kMalloc, kAnySize);
    return nullptr;
  }
  if (early_heap::owns(block)) return reallocate_early(block, bytes);
  Living old = life::look_up(block);
  const Decoded &before = old.noted;
  if (!before.live()) return reallocate_unknown(block, bytes, before);
  if (before.family != Family::kMalloc) {
    note_fault(&Counters::mismatches, faults::Fault::kMismatch, before.family, FreeKind::k_realloc, block,
               before.size);
  }
  if (bytes > room::kLargest) return fail();
  const Resized resized = backend::resizes_itself() ? resize_by_next(old, bytes) : resize_ours(old, bytes);
  void *now = resized.room.start;
  if (now == nullptr) return fail();
  // In place the entry may take another form.
  life::leaves(old);
  life::moved(old, resized, bytes);
  return now;
}

void *reallocate_by_name(void *block, size_t bytes) noexcept {
  const auto processes = process_heap::process.realloc;
  return processes != nullptr ? processes(block, bytes) : reallocate(block, bytes);
}

}  // namespace heapmeter::tracked_heap
