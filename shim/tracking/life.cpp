// SPDX-License-Identifier: MIT
#include "tracking/life.h"

#include "backend/allocator.h"
#include "books/thread_state.h"
#include "tracking/counting.h"
#include "tracking/wrong_calls.h"

namespace heapmeter::life {
namespace {

using entry::Decoded;
using entry::Form;

void write_entry(const ledger::Place &place, size_t bytes, size_t usable, Family family,
                 bool mapped) noexcept {
  // Where the size does not say them, a block's usable bytes are asked for again when it goes; the entry's
  // form says nothing of them.
  const bool asked_again = bytes <= kFineLimit && backend::usable_by_size(bytes) == 0;
  place.write(bytes, asked_again ? 0 : usable, family, mapped);
}

size_t usable_of(void *block, const Decoded &noted) noexcept {
  if (!noted.live()) return 0;
  if (noted.form == Form::kWide) return noted.usable;
  const bool by_size = noted.form == Form::kRegular && backend::usable_by_size(noted.size) != 0;
  return by_size ? 0 : backend::usable_bytes(block);
}

}  // namespace

size_t noted_usable(Room room, size_t bytes, bool regular) noexcept {
  if (room.mapped != 0) return room.mapped;
  return regular && backend::usable_by_size(bytes) != 0 ? 0 : backend::usable_bytes(room.start);
}

Living look_up(void *block) noexcept {
  Living found{block, {}, {}, 0};
  found.noted = the_ledger.look_up(block, found.place);
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
  write_entry(place, birth.bytes, usable, birth.family, room.mapped != 0);
  counting::in(threads::counting_slot(), birth.kind, birth.bytes, usable);
  return room.start;
}

void died(const Living &block, FreeKind kind) noexcept {
  leaves(block);
  counting::out<counting::Anybodys>(threads::counting_slot(), kind, block.noted.size, block.usable);
}

void leaves(const Living &block) noexcept { block.place.bury(); }

void stays(const Living &block) noexcept {
  write_entry(block.place, block.noted.size, block.usable, block.noted.family, block.noted.mapped);
}

void moved(const Living &from, const Resized &to, size_t bytes) noexcept {
  Slot &slot = threads::counting_slot();
  if (!to.place)
    return counting::out<counting::Anybodys>(slot, FreeKind::k_realloc, from.noted.size, from.usable);
  write_entry(to.place, bytes, to.usable, Family::kMalloc, to.room.mapped != 0);
  counting::move<counting::Anybodys>(
      slot, {from.noted.size, from.usable, bytes, to.usable, to.room.start != from.start});
}

}  // namespace heapmeter::life
