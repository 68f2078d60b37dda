// SPDX-License-Identifier: MIT
#include "tracking/wrong_calls.h"

#include "backend/allocator.h"
#include "backend/room.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "books/ledger.h"
#include "books/meter.h"
#include "books/thread_state.h"
#include "tracking/attribution.h"
#include "tracking/caller.h"
#include "tracking/mode.h"
#include "tracking/own_calls.h"

namespace heapmeter {

using entry::Decoded;
using entry::Form;

void *fail(int error) noexcept {
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.failures, 1);
  errno = error;
  return nullptr;
}

HEAPMETER_NOINLINE void note_fault(Counter Counters::*counter, faults::Fault fault, Family allocated_by,
                                   FreeKind kind, const void *block, uint64_t bytes) noexcept {
  Slot &slot = threads::freeing_slot();
  add(slot, slot.counters.*counter, 1);
  const auto origins = sites::the_sites.origins(slot, block, caller::here());
  meter.faults.record(fault, allocated_by, kind, bytes, {origins.made, origins.called, origins.epoch});
}

namespace {

bool is_within_a_block(const void *address) noexcept {
  ledger::Known known = the_ledger.last_before(address);
  if (known.start == 0) return false;
  attribution::look_behind(reinterpret_cast<void *>(known.start), known.noted);
  const size_t usable = known.noted.form == Form::kWide      ? known.noted.usable
                        : known.noted.form == Form::kRegular ? backend::usable_by_size(known.noted.size)
                                                             : 0;
  return reinterpret_cast<uintptr_t>(address) - known.start < (usable != 0 ? usable : known.noted.size);
}

// Whether the address of a block that was released is another allocator's now: its memory went back to the
// kernel, which gave it away again.
bool reused_by_another(const void *block) noexcept {
  return !backend::may_own(block) && sandbox::lets_look_for_pages() && sys::is_mapped(block);
}

}  // namespace

Unknown judge(void *block, const Decoded &noted, FreeKind kind, bool leaves) noexcept {
  const bool alone = !mode::is(mode::kHeapCallsAhead);
  // What the allocator behind us made for itself may have lived while its page of the ledger went.
  const bool buried = noted.form == Form::kTombstone && !(noted.by_window && own_calls::waiting());
  if (alone && is_within_a_block(block)) {
    note_fault(&Counters::inner_frees, faults::Fault::kInnerFree, Family::kNone, kind, block, 0);
    return Unknown::kRefused;
  }
  if (alone && buried && !reused_by_another(block)) {
    note_fault(&Counters::double_frees, faults::Fault::kDoubleFree, Family::kNone, kind, block, 0);
    return Unknown::kRefused;
  }
  if (!buried && own_calls::waiting()) return Unknown::kAllocators;
  const bool known_to_backend = !buried && backend::takes_back(block);
  if (known_to_backend && (leaves ? room::was_without_entry() : room::all_without_entry() != 0))
    return Unknown::kUncounted;
  note_fault(&Counters::foreign_frees, faults::Fault::kForeignFree, Family::kNone, kind, block, 0);
  return Unknown::kForeign;
}

}  // namespace heapmeter
