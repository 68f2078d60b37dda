// SPDX-License-Identifier: MIT
#include "tracking/life.h"

#include "backend/allocator.h"
#include "books/thread_state.h"
#include "tracking/counting.h"
#include "tracking/huge_pages.h"
#include "tracking/wrong_calls.h"

namespace heapmeter::life {
namespace {

using entry::Decoded;
using entry::Form;

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
  return by_size ? 0 : asked_usable(block, noted.size);
}

attribution::Block attributed(const Living &block) noexcept {
  return {block.start, block.noted.size, block.usable, block.noted.family, block.noted.mapped};
}

}  // namespace

size_t asked_usable(void *block, size_t bytes) noexcept {
  const size_t says = backend::usable_bytes(block);
  return says < bytes ? bytes : says;
}

size_t noted_usable(Room room, size_t bytes, bool regular) noexcept {
  if (room.mapped != 0) return room.mapped;
  return regular && backend::usable_by_size(bytes) != 0 ? 0 : asked_usable(room.start, bytes);
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
  huge_pages::note(room.start, birth.bytes);
  born_within(room.start);
  const ledger::Place place = the_ledger.born(room.start);
  if (!place) {
    room = room::without_entry(room, birth.bytes, birth.alignment);
    return room.start != nullptr ? room.start : fail();
  }
  const size_t usable = noted_usable(room, birth.bytes, birth.regular);
  Slot &slot = threads::counting_slot();
  const attribution::Block block{room.start, birth.bytes, usable, birth.family, room.mapped != 0};
  write_entry(place, block, attribution::born(slot, block, birth.looked_at));
  if (usable == 0) {
    counting::in_regular(slot, birth.kind, birth.bytes);
  } else {
    counting::in<counting::Anybodys>(slot, birth.kind, birth.bytes, usable);
  }
  if (attribution::has_any()) attribution::counted(slot);
  return room.start;
}

void died(const Living &block, FreeKind kind) noexcept {
  Slot &slot = threads::freeing_slot();
  if (attribution::has_any()) attribution::died(slot, attributed(block));
  block.place.bury(block.noted);
  counting::out<counting::Anybodys>(slot, kind, block.noted.size, block.usable);
}

void born_within(void *block) noexcept {
  if (HEAPMETER_LIKELY(!backend::asks_by_name)) return;
  const Living within = look_up(block);
  if (within.noted.live()) died(within, FreeKind::k_free);
}

void leaves(Living &block) noexcept {
  if (block.away) return;
  block.away = true;
  if (attribution::has_any()) block.trace = attribution::leaves(threads::counting_slot(), attributed(block));
  block.place.bury(block.noted);
}

void stays(Living &block) noexcept {
  block.away = false;
  const bool sampled =
      attribution::has_any() && attribution::stays(threads::counting_slot(), attributed(block), block.trace);
  write_entry(block.place, attributed(block), sampled);
}

void moved(const Living &from, const Resized &to, size_t bytes) noexcept {
  Slot &slot = threads::counting_slot();
  huge_pages::note(to.room.start, bytes);
  if (!to.place) {
    attribution::left(slot, from.trace, from.noted.size);
    counting::out<counting::Anybodys>(slot, FreeKind::k_realloc, from.noted.size, from.usable);
    return;
  }
  const attribution::Block block{to.room.start, bytes, to.usable, Family::kMalloc, to.room.mapped != 0};
  write_entry(to.place, block, attribution::moved(slot, from.trace, from.noted.size, block));
  counting::move<counting::Anybodys>(
      slot, {from.noted.size, from.usable, bytes, to.usable, to.room.start != from.start});
  if (attribution::has_any()) attribution::counted(slot);
}

}  // namespace heapmeter::life
