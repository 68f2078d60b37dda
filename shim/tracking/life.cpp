// SPDX-License-Identifier: MIT
#include "tracking/life.h"

#include "backend/allocator.h"
#include "books/meter.h"
#include "books/thread_state.h"
#include "tracking/wrong_calls.h"

namespace heapmeter::life {
namespace {

using entry::Decoded;
using entry::Form;

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

// One whole operation each, in the order that vanished.h tells.
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

void count_way(Slot &slot, size_t from, size_t to, bool elsewhere) noexcept {
  Counters &counters = slot.counters;
  if (to > from) add(slot, counters.reallocations_grown, 1);
  if (to < from) add(slot, counters.reallocations_shrunk, 1);
  if (elsewhere) add(slot, counters.reallocations_moved, 1);
}

void write_entry(const ledger::Place &place, const attribution::Block &block, bool sampled) noexcept {
  if (sampled) return place.write_sampled();
  // Where the size does not say them, a block's usable bytes are asked for again when it goes; the entry's
  // form says nothing of them.
  const bool asked_again = block.size <= kFineLimit && backend::usable_by_size(block.size) == 0;
  place.write(block.size, asked_again ? 0 : block.usable, block.family, block.mapped);
}

size_t usable_of(void *block, const Decoded &noted) noexcept {
  if (!noted.live()) return 0;
  if (noted.form == Form::kWide) return noted.usable;
  const bool by_size = noted.form == Form::kRegular && backend::usable_by_size(noted.size) != 0;
  return by_size ? 0 : backend::usable_bytes(block);
}

attribution::Block attributed(const Living &block) noexcept {
  return {block.start, block.noted.size, block.usable, block.noted.family, block.noted.mapped};
}

}  // namespace

size_t noted_usable(Room room, size_t bytes, bool regular) noexcept {
  if (room.mapped != 0) return room.mapped;
  return regular && backend::usable_by_size(bytes) != 0 ? 0 : backend::usable_bytes(room.start);
}

Living look_up(void *block) noexcept {
  Living found{block, {}, {}, 0};
  found.noted = the_ledger.look_up(block, found.place);
  attribution::look_behind(block, found.noted);
  found.usable = usable_of(block, found.noted);
  return found;
}

void *born(Room room, const Birth &birth) noexcept {
  if (room.start == nullptr) return fail();
  const ledger::Place place = the_ledger.born(room.start);
  if (!place) {
    room = room::without_entry(room, birth.bytes, birth.alignment);
    return room.start != nullptr ? room.start : fail();
  }
  const size_t usable = noted_usable(room, birth.bytes, birth.regular);
  Slot &slot = threads::counting_slot();
  const attribution::Block block{room.start, birth.bytes, usable, birth.family, room.mapped != 0};
  write_entry(place, block, attribution::born(slot, block, birth.looked_at));
  count_in(slot, birth.kind, birth.bytes, usable);
  return room.start;
}

void died(const Living &block, FreeKind kind) noexcept {
  Slot &slot = threads::counting_slot();
  if (attribution::has_any()) attribution::died(slot, attributed(block));
  block.place.bury();
  count_out(slot, kind, block.noted.size, block.usable);
}

void leaves(Living &block) noexcept {
  if (block.away) return;
  block.away = true;
  if (attribution::has_any()) block.trace = attribution::leaves(threads::counting_slot(), attributed(block));
  block.place.bury();
}

void stays(Living &block) noexcept {
  block.away = false;
  const bool sampled = attribution::has_any() &&
                       attribution::stays(threads::counting_slot(), attributed(block), block.trace);
  write_entry(block.place, attributed(block), sampled);
}

void moved(const Living &from, const Resized &to, size_t bytes) noexcept {
  Slot &slot = threads::counting_slot();
  if (!to.place) {
    attribution::left(slot, from.trace, from.noted.size);
    return count_out(slot, FreeKind::k_realloc, from.noted.size, from.usable);
  }
  const attribution::Block block{to.room.start, bytes, to.usable, Family::kMalloc, to.room.mapped != 0};
  write_entry(to.place, block, attribution::moved(slot, from.trace, from.noted.size, block));
  count_move(slot, from.noted.size, from.usable, bytes, to.usable);
  count_way(slot, from.noted.size, bytes, to.room.start != from.start);
}

}  // namespace heapmeter::life
