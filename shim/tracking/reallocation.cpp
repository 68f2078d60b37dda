// SPDX-License-Identifier: MIT
//
// realloc: one reallocation in the books, whatever it takes. A block leaves its old place only when its new
// one has an entry, so that one that cannot grow stays what it was; the allocator of another's choice
// (`next`) is asked to resize in its own way and can only be believed.
#include <string.h>

#include "backend/early_heap.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "books/sampling.h"
#include "books/thread_state.h"
#include "sites/sites.h"
#include "tracking/attribution.h"
#include "tracking/books.h"
#include "tracking/caller.h"
#include "tracking/tracked_heap.h"

namespace heapmeter::tracked_heap {
namespace {

using namespace books;
using entry::Decoded;
using entry::Form;

// More than an entry in a range without any takes where memory is short.
constexpr size_t kLedgerRoom = 512 * 1024;

struct Old {
  void *block;
  Decoded before;
  ledger::Place place;
  size_t usable;
};

// A block that was resized, as it is to be noted. Null start: it could not be.
struct Resized {
  Room room;
  ledger::Place place;
  size_t usable;  // as write_entry() has it
};

void *reallocate_early(void *block, size_t bytes) noexcept {
  void *moved = allocate_slow(bytes, AllocationKind::k_realloc, Family::kMalloc, false);
  // memcpy itself may not be there yet.
  const size_t both = early_heap::size_of(block) < bytes ? early_heap::size_of(block) : bytes;
  for (size_t i = 0; moved != nullptr && i < both; ++i) {
    static_cast<volatile char *>(moved)[i] = static_cast<const char *>(block)[i];
  }
  return moved;
}

// realloc of a block we did not make.
void *reallocate_unknown(void *block, size_t bytes, const Decoded &noted) noexcept {
  if (!has_others_ahead() && is_within_a_block(block)) {
    note_fault(&Counters::foreign_frees, faults::Fault::kInnerFree, Family::kNone, FreeKind::k_realloc, 0);
    errno = ENOMEM;
    return nullptr;
  }
  if (noted.form == Form::kTombstone && !has_others_ahead() && !reused_by_another(block)) {
    note_fault(&Counters::double_frees, faults::Fault::kDoubleFree, Family::kNone, FreeKind::k_realloc, 0);
    errno = ENOMEM;
    return nullptr;
  }
  const bool backends = backend::owns(block) || !backend::has_classes();
  if (noted.form == Form::kNothing && backends && any_without_entry()) {
    void *resized = backend::reallocate(block, bytes);
    return resized != nullptr ? resized : fail();
  }
  note_fault(&Counters::foreign_frees, faults::Fault::kForeignFree, Family::kNone, FreeKind::k_realloc, 0);
  if (backend::owns(block) || !backend::has_classes()) return backend::reallocate(block, bytes);
  const NextHeap *libc = next_heap::libc();
  return libc == nullptr ? nullptr : libc->realloc(block, bytes);
}

void count_way(Slot &slot, size_t from, size_t to, bool moved) noexcept {
  Counters &counters = slot.counters;
  if (to > from) add(slot, counters.reallocations_grown, 1);
  if (to < from) add(slot, counters.reallocations_shrunk, 1);
  if (moved) add(slot, counters.reallocations_moved, 1);
}

// A block that stayed where it was keeps its old usable bytes; whether its new size's class says the same
// decides the form of its entry. An irregular block stays irregular: what is behind it only the backend
// knows.
size_t usable_in_place(void *block, const Decoded &before, size_t bytes) noexcept {
  if (bytes > kFineLimit) return backend::usable_bytes(block);
  const bool same_class = backend::has_classes() && before.form == Form::kRegular &&
                          backend::class_bytes(bytes) == backend::class_bytes(before.size);
  return same_class ? 0 : backend::usable_bytes(block);
}

// To other room, with what it holds. The whole of `usable` is copied: some programs ask for it and use it.
Resized copy(const Old &old, size_t bytes) noexcept {
  Room room = room_for(at_least(bytes), false);
  if (room.start == nullptr) return {};
  const ledger::Place place = the_ledger.born(room.start);
  if (!place) room = without_entry(room, at_least(bytes), kGranule);
  if (room.start == nullptr) return {};
  memcpy(room.start, old.block, old.usable < bytes ? old.usable : bytes);
  old.place.bury();
  give_back({old.block, old.before.mapped ? old.usable : 0});
  return {room, place, noted_usable(room, bytes, true)};
}

// The kernel moves pages only of what it keeps as one mapping: a block of which a part was locked, advised or
// protected is several. Nor does every sandbox let it.
Resized move_mapped(const Old &old, size_t bytes) noexcept {
  const Room here{old.block, old.usable};
  // Where it goes only the kernel knows: there should be room for an entry.
  void *spare = sys::map(kLedgerRoom);
  if (spare == nullptr) return {};
  old.place.bury();
  const Room moved = mapped_heap::move(here, bytes);
  sys::unmap(spare, kLedgerRoom);
  if (moved.start == nullptr) {
    write_entry(old.place, old.before.size, old.usable, old.before.family, true);
    return {};
  }
  const ledger::Place place = the_ledger.born(moved.start);
  if (place) return {moved, place, moved.mapped};
  void *block = backend::allocate(bytes);
  if (block == nullptr) return {moved, place, 0};
  memcpy(block, moved.start, old.usable < bytes ? old.usable : bytes);
  mapped_heap::release(moved);
  return {without_entry({block, 0}, bytes, kGranule), place, 0};
}

Resized resize_mapped(const Old &old, size_t bytes) noexcept {
  // A page or two are better off with the allocator.
  if (bytes < mapped_heap::kLeast) {
    const Resized copied = copy(old, bytes);
    if (copied.room.start != nullptr) return copied;
  }
  const Room here = mapped_heap::resize({old.block, old.usable}, bytes);
  if (here.mapped >= bytes) return {here, old.place, here.mapped};
  const Resized moved = move_mapped(old, bytes);
  return moved.room.start != nullptr ? moved : copy(old, bytes);
}

Resized resize_ours(const Old &old, size_t bytes) noexcept {
  if (old.before.mapped) return resize_mapped(old, bytes);
  const bool fits = bytes <= old.usable;
  // As mimalloc itself would: not when half of it lies idle.
  Resized resized{};
  if (!fits || bytes < old.usable / 2) resized = copy(old, bytes);
  if (resized.room.start != nullptr || !fits) return resized;
  return {{old.block, 0}, old.place, usable_in_place(old.block, old.before, bytes)};
}

Resized resize_by_next(const Old &old, size_t bytes) noexcept {
  old.place.bury();
  void *block = backend::reallocate(old.block, at_least(bytes));
  if (block == nullptr) {
    write_entry(old.place, old.before.size, old.usable, old.before.family, false);
    return {};
  }
  const Room room{block, 0};
  const ledger::Place place = the_ledger.born(block);
  if (!place) without_entry(room, bytes, kGranule);
  return {room, place,
          block == old.block ? usable_in_place(block, old.before, bytes) : noted_usable(room, bytes, true)};
}

HEAPMETER_NOINLINE bool attribute_sample(Slot &slot, const sites::Sites::Block &block) noexcept {
  return sites::the_sites.falls(slot, block.size) &&
         sites::the_sites.born_sampled(slot, block, true, caller::here());
}

}  // namespace

void *reallocate(void *block, size_t bytes) noexcept {
  if (mode::passing() && !early_heap::owns(block)) return backend::reallocate(block, bytes);
  if (block == nullptr) return allocate_slow(bytes, AllocationKind::k_realloc, Family::kMalloc, false);
  if (bytes == 0) {
    release_slow(block, FreeKind::k_realloc, Family::kMalloc, kAnySize);
    return nullptr;
  }
  if (early_heap::owns(block)) return reallocate_early(block, bytes);
  ledger::Place place;
  Decoded before = the_ledger.look_up(block, place);
  const bool marked = before.form == Form::kSampled;
  attribution::look_behind(block, before);
  if (!before.live()) return reallocate_unknown(block, bytes, before);
  if (before.family != Family::kMalloc) {
    note_fault(&Counters::mismatches, faults::Fault::kMismatch, before.family, FreeKind::k_realloc,
               before.size);
  }
  if (bytes > kLargest) return fail();
  Slot &slot = threads::counting_slot();
  const size_t noted = usable_of(block, before);
  const Old old{block, before, place, noted != 0 ? noted : backend::class_bytes(before.size)};
  sites::Sites::Took took;
  if (sites::the_sites.any_samples()) took = attribution::sample_goes(block, before);
  if (marked) write_entry(place, before.size, before.usable, before.family, before.mapped);
  const bool attributed = mode::is(mode::kEverySite);
  const sites::Sites::Taken taken = attributed ? sites::the_sites.take(slot, block) : sites::Sites::Taken();
  const Resized resized = backend::has_classes() ? resize_ours(old, bytes) : resize_by_next(old, bytes);
  void *now = resized.room.start;
  if (now == nullptr) {
    if (attributed) sites::the_sites.put_back(slot, block, taken);
    if (took.any) sites::the_sites.put_back(block, took.sample);
    if (took.any && marked) place.write_sampled();
    return fail();
  }
  if (!resized.place) {
    // No memory is to be had for its entry: it leaves the books, the program keeps it.
    count_out(slot, FreeKind::k_realloc, before.size, noted);
    if (attributed) sites::the_sites.left(slot, taken, before.size);
    return now;
  }
  // In place the entry may take another form.
  if (now == block) old.place.bury();
  write_entry(resized.place, bytes, resized.usable, Family::kMalloc, resized.room.mapped != 0);
  count_move(slot, before.size, noted, bytes, resized.usable);
  count_way(slot, before.size, bytes, now != block);
  if (slot.own && sampling::take(slot, bytes) &&
      attribute_sample(slot, {now, bytes, resized.usable, Family::kMalloc, resized.room.mapped != 0})) {
    attribution::mark_sampled(resized.place, bytes, resized.usable);
  }
  if (attributed) sites::the_sites.moved(slot, taken, before.size, now, bytes, caller::here());
  return now;
}

}  // namespace heapmeter::tracked_heap
