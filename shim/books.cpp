// SPDX-License-Identifier: MIT
#include "books.h"

#include "ledger.h"
#include "peak.h"
#include "thread_state.h"

namespace heapmeter::books {

using entry::Decoded;
using entry::Form;

constinit const NextHeap *pass = nullptr;

void add(Slot &slot, Counter &counter, uint64_t by) noexcept {
  if (slot.shared) {
    bump_shared(counter, by);
  } else {
    bump(counter, by);
  }
}

namespace {

// No machine has so much to collect.
constexpr size_t kHopeless = size_t{1} << 40;

// Where a block of these bytes stands in the histogram.
void count_bin(Slot &slot, size_t bytes, size_t usable, bool in) noexcept {
  Counters &counters = slot.counters;
  if (bytes > kFineLimit) {
    CoarseCell &coarse = counters.coarse[coarse_bin(bytes)];
    add(slot, in ? coarse.usable_in : coarse.usable_out, usable);
    add(slot, in ? coarse.requested.blocks_in : coarse.requested.blocks_out, 1);
    add(slot, in ? coarse.requested.bytes_in : coarse.requested.bytes_out, bytes);
    return;
  }
  Cell &cell = counters.fine[fine_bin(static_cast<uint32_t>(bytes))];
  if (usable != 0) {
    add(slot, in ? counters.extra_usable_in : counters.extra_usable_out,
        usable - backend::class_bytes(bytes));
  }
  add(slot, in ? cell.blocks_in : cell.blocks_out, 1);
  add(slot, in ? cell.bytes_in : cell.bytes_out, bytes);
}

}  // namespace

void count_in(Slot &slot, size_t bytes, size_t usable) noexcept {
  count_bin(slot, bytes, usable, true);
  add(slot, slot.counters.allocated_bytes, bytes);
  peak::change(slot, static_cast<int64_t>(bytes));
}

void count_out(Slot &slot, size_t bytes, size_t usable) noexcept {
  count_bin(slot, bytes, usable, false);
  add(slot, slot.counters.freed_bytes, bytes);
  peak::change(slot, -static_cast<int64_t>(bytes));
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

void write_entry(uint8_t *at, size_t bytes, size_t usable, Family family, bool mapped) noexcept {
  // Without classes every block's usable bytes are asked for again when it goes; the entry's form says
  // nothing of them.
  if (mapped) {
    entry::write_wide(at, bytes, usable, family, true);
  } else if (usable == 0 || (!backend::has_classes() && bytes <= kFineLimit)) {
    entry::write_regular(at, bytes, family);
  } else {
    entry::write_irregular(at, bytes, usable, family);
  }
}

size_t usable_of(void *block, const Decoded &noted) noexcept {
  if (noted.form == Form::kWide) return noted.usable;
  return noted.form == Form::kIrregular || !backend::has_classes() ? backend::usable_bytes(block) : 0;
}

Decoded look_up(const void *block, uint8_t *&at) noexcept {
  at = ledger::find(block);
  return at == nullptr ? Decoded{} : entry::decode(at);
}

void note_fault(Counter Counters::*counter, faults::Fault fault, Family allocated_by, FreeKind kind,
                uint64_t bytes) noexcept {
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.*counter, 1);
  faults::record(fault, allocated_by, kind, bytes);
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

void give_back(Room room) noexcept {
  if (room.mapped != 0) {
    mapped_heap::release(room);
  } else {
    backend::release(room.start);
  }
}

}  // namespace heapmeter::books
