// SPDX-License-Identifier: MIT
#include "tracking/books.h"

#include "base/sys.h"
#include "books/ledger.h"
#include "books/meter.h"
#include "books/thread_state.h"
#include "tracking/attribution.h"

namespace heapmeter::books {

using entry::Decoded;
using entry::Form;

void add(Slot &slot, Counter &counter, uint64_t by) noexcept {
  if (slot.own) {
    bump(counter, by);
  } else {
    bump_shared(counter, by);
  }
}

namespace {

// No machine has so much to collect.
constexpr size_t kHopeless = size_t{1} << 40;

// Where a block of these bytes stands in the histogram. Returns what the fine bins do not say of its usable
// bytes.
size_t count_bin(Slot &slot, size_t bytes, size_t usable, bool in) noexcept {
  Counters &counters = slot.counters;
  const bool large = bytes > kFineLimit;
  CoarseCell &coarse = counters.coarse[large ? coarse_bin(bytes) : 0];
  Cell &cell = large ? coarse.requested : counters.fine[fine_bin(static_cast<uint32_t>(bytes))];
  add(slot, in ? cell.bytes_in : cell.bytes_out, bytes);
  add(slot, in ? cell.blocks_in : cell.blocks_out, 1);
  if (usable == 0) return 0;
  if (large) {
    add(slot, in ? coarse.usable_in : coarse.usable_out, usable);
    return usable;
  }
  const size_t beyond = usable - backend::class_bytes(bytes);
  add(slot, in ? counters.extra_usable_in : counters.extra_usable_out, beyond);
  return beyond;
}

}  // namespace

void count_in(Slot &slot, AllocationKind kind, size_t bytes, size_t usable) noexcept {
  Counters &counters = slot.counters;
  const size_t noted = count_bin(slot, bytes, usable, true);
  meter.peak.change(slot, static_cast<int64_t>(bytes));
  add(slot, counters.allocations[static_cast<size_t>(kind)], 1);
  add(slot, counters.allocated_bytes, bytes);
  if (noted != 0) add(slot, counters.noted_usable_in, noted);
}

void count_out(Slot &slot, FreeKind kind, size_t bytes, size_t usable) noexcept {
  Counters &counters = slot.counters;
  const size_t noted = count_bin(slot, bytes, usable, false);
  meter.peak.change(slot, -static_cast<int64_t>(bytes));
  add(slot, counters.frees[static_cast<size_t>(kind)], 1);
  add(slot, counters.freed_bytes, bytes);
  if (noted != 0) add(slot, counters.noted_usable_out, noted);
}

void count_move(Slot &slot, size_t from, size_t usable_from, size_t to, size_t usable_to) noexcept {
  Counters &counters = slot.counters;
  const size_t noted_in = count_bin(slot, to, usable_to, true);
  const size_t noted_out = count_bin(slot, from, usable_from, false);
  meter.peak.change(slot, static_cast<int64_t>(to - from));
  add(slot, counters.reallocations, 1);
  add(slot, counters.allocated_bytes, to);
  add(slot, counters.noted_usable_in, noted_in);
  add(slot, counters.freed_bytes, from);
  add(slot, counters.noted_usable_out, noted_out);
}

void *fail(int error) noexcept {
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.failures, 1);
  errno = error;
  return nullptr;
}

size_t noted_usable(Room room, size_t bytes, bool regular) noexcept {
  if (room.mapped != 0) return room.mapped;
  return regular && bytes <= kFineLimit && backend::has_classes() ? 0 : backend::usable_bytes(room.start);
}

void write_entry(const ledger::Place &place, size_t bytes, size_t usable, Family family,
                 bool mapped) noexcept {
  // Without classes every block's usable bytes are asked for again when it goes; the entry's form says
  // nothing of them.
  place.write(bytes, !backend::has_classes() && bytes <= kFineLimit ? 0 : usable, family, mapped);
}

size_t usable_of(void *block, const Decoded &noted) noexcept {
  if (noted.form == Form::kWide) return noted.usable;
  return noted.form == Form::kIrregular || !backend::has_classes() ? backend::usable_bytes(block) : 0;
}

void note_fault(Counter Counters::*counter, faults::Fault fault, Family allocated_by, FreeKind kind,
                uint64_t bytes) noexcept {
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.*counter, 1);
  meter.faults.record(fault, allocated_by, kind, bytes);
}

bool is_within_a_block(const void *address) noexcept {
  ledger::Known known = the_ledger.last_before(address);
  if (known.start == 0) return false;
  attribution::look_behind(reinterpret_cast<void *>(known.start), known.noted);
  const bool regular = known.noted.form == Form::kRegular && backend::has_classes();
  const size_t bytes = known.noted.form == Form::kWide ? known.noted.usable
                       : regular                       ? backend::class_bytes(known.noted.size)
                                                       : known.noted.size;
  return reinterpret_cast<uintptr_t>(address) - known.start < bytes;
}

bool reused_by_another(const void *block) noexcept {
  return backend::has_classes() && !backend::may_own(block) && sys::is_mapped(block);
}

namespace {

Room try_room_for(size_t bytes, bool zeroed) noexcept {
  if (backend::has_classes() && mapped_heap::takes(bytes)) {
    const Room room = mapped_heap::allocate(bytes, kGranule);
    if (room.start != nullptr) return room;
    // The allocator may have such room left, but would take more without asking whether there is so much.
    if (bytes >= mapped_heap::kAlways) return {};
  }
  return {zeroed ? backend::allocate_zeroed(bytes) : backend::allocate(bytes), 0};
}

}  // namespace

Room room_for(size_t bytes, bool zeroed) noexcept {
  const Room room = try_room_for(bytes, zeroed);
  if (room.start != nullptr || !backend::has_classes() || bytes >= kHopeless) return room;
  // What the allocator keeps free for later is room, too.
  backend::collect();
  return try_room_for(bytes, zeroed);
}

namespace {

constinit size_t blocks_without_entry = 0;

}  // namespace

Room without_entry(Room room, size_t bytes, size_t alignment) noexcept {
  if (room.mapped != 0) {
    mapped_heap::release(room);
    const bool plain = alignment <= kGranule;
    room = {plain ? backend::allocate_zeroed(bytes) : backend::allocate_aligned(bytes, alignment), 0};
  }
  if (room.start != nullptr) __atomic_add_fetch(&blocks_without_entry, 1, __ATOMIC_RELAXED);
  return room;
}

bool any_without_entry() noexcept { return load_whole(blocks_without_entry) != 0; }

bool was_without_entry() noexcept {
  size_t some = load_whole(blocks_without_entry);
  while (some != 0 && !__atomic_compare_exchange_n(&blocks_without_entry, &some, some - 1, true,
                                                   __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return some != 0;
}

void give_back(Room room) noexcept {
  if (room.mapped != 0) {
    mapped_heap::release(room);
  } else {
    backend::release(room.start);
  }
}

}  // namespace heapmeter::books
