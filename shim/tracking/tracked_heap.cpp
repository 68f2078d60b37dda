// SPDX-License-Identifier: MIT
#include "tracking/tracked_heap.h"

#include "backend/early_heap.h"
#include "backend/next.h"
#include "backend/room.h"
#include "base/options.h"
#include "base/search_order.h"
#include "base/sys.h"
#include "books/faults.h"
#include "books/ledger.h"
#include "books/meter.h"
#include "tracking/address_limit.h"
#include "tracking/attribution.h"
#include "tracking/counting.h"
#include "tracking/first_touch.h"
#include "tracking/huge_pages.h"
#include "tracking/life.h"
#include "tracking/own_calls.h"
#include "tracking/process_heap.h"
#include "tracking/surplus.h"
#include "tracking/wrong_calls.h"

namespace heapmeter::tracked_heap {

namespace {

using entry::Form;
using faults::Fault;
using process_heap::process;

// Below this much mimalloc's 32 MiB for every thread, and as much again to align them, would be.
constexpr uint64_t kTooTightForMimalloc = uint64_t{1} << 30;

constinit bool reached = false;
using Call = void (*)();
constinit Call first_reached = nullptr;
constinit int reached_in = 0;  // the process, when it is known

// A vfork child has its parent's memory, but not for long: it is the parent's own next call that tells.
HEAPMETER_COLD void note_reached() noexcept {
  const int expected = load_whole(reached_in);
  if (expected != 0 && sys::pid() != expected) return;
  if (__atomic_exchange_n(&reached, true, __ATOMIC_ACQ_REL)) return;
  if (Call call = __atomic_load_n(&first_reached, __ATOMIC_ACQUIRE)) call();
}

void *enter_slow(Room room, const life::Birth &birth) noexcept {
  void *block = life::born(room, birth);
  if (block == nullptr) return nullptr;
  Slot &slot = threads::counting_slot();
  if (birth.bytes > kTallyLimit) surplus::look(slot);
  if (surplus::active()) surplus::allocated();
  mode::look_again();
  if (!load_whole(reached) && birth.kind <= AllocationKind::k_realloc) note_reached();
  if (!slot.own && threads::ending()) backend::leave_thread();
  return block;
}

// Whose a call is.
enum class Way {
  kOurs,     // counted
  kEarly,    // nobody's: too early to decide, or just being decided
  kBehind,   // the allocator's behind us
  kProcess,  // the process's, as the C++ runtime's operators ask it by name
};

Way way_of(Family family) noexcept {
  if (mode::now() == mode::State::kEarly && threads::ready()) begin();
  const mode::State state = mode::now();
  if (state < mode::State::kCounting) return Way::kEarly;
  const bool is_operator = family != Family::kMalloc;
  if (state == mode::State::kPassing) return is_operator ? Way::kProcess : Way::kBehind;
  if (is_operator && has_others_ahead()) return Way::kProcess;
  first_touch::make();
  return Way::kOurs;
}

// The same of a request, which the allocator behind us may make of itself.
Way way_of_request(Family family) noexcept {
  const Way way = way_of(family);
  return way == Way::kOurs && own_calls::within() ? Way::kBehind : way;
}

void decide() noexcept {
  address_limit::begin();
  const uint64_t limit = address_limit::now();
  // Those ahead of us may pass on only a part of the calls, and a block that came by one goes by another:
  // it has to be what it would be without us.
  if (has_others_ahead() || options::get().next_backend || limit < kTooTightForMimalloc ||
      search_order::backend_would_be_entered() || !mimalloc::is_as_built() ||
      mimalloc::loses_aligned_blocks()) {
    backend::take_next();
    own_calls::watch();
    if (backend::asks_by_name) next_heap::rouse(*backend::next);
  }
}

}  // namespace

void begin() noexcept {
  if (!mode::begin()) return;
  if (search_order::heap_calls_ahead()) {
    mode::add(mode::kHeapCallsAhead);
    process_heap::find();
  }
  if (options::get().off || search_order::meter_ahead() || search_order::sanitizer_behind()) {
    backend::take_next();
    own_calls::watch();
    if (backend::next != nullptr) return mode::end_beginning(mode::State::kPassing);
  }
  decide();
  reached = !has_others_ahead();
  if (backend::is_called_directly()) {
    first_touch::expect();
    mimalloc::know_small_classes();
    if (options::get().huge_pages) the_ledger.align_chunks();
    surplus::begin();
  } else {
    mode::add(mode::kOtherBackend);
  }
  attribution::begin();
  mode::end_beginning(mode::State::kCounting);
}

bool metering() noexcept { return mode::counting() && load_whole(reached); }

void when_reached(void (*call)()) noexcept {
  store_whole(reached_in, sys::pid());
  __atomic_store_n(&first_reached, call, __ATOMIC_RELEASE);
}

void *enter_without_chunk(void *block, size_t bytes, AllocationKind kind, Family family,
                          bool zeroed) noexcept {
  // Not entered as it is: who has no chunk may also have no slot.
  if (block != nullptr) backend::release(block);
  return allocate_slow(bytes, kind, family, zeroed);
}

void *enter_looked_at(void *block, size_t bytes, AllocationKind kind, Family family) noexcept {
  return enter_slow({block, 0}, {bytes, kind, family, true, kGranule, true});
}

void *settle_and_return(void *block, Slot *slot) noexcept {
  meter.peak.settle_under(*slot);
  surplus::look(*slot);
  huge_pages::note_small(block);
  return block;
}

void settle_and_release(void *block, Slot *slot) noexcept {
  meter.peak.settle_over(*slot);
  backend::release(block);
  surplus::look(*slot);
}

void release_irregular(void *block, uint8_t *at, FreeKind kind, size_t bytes) noexcept {
  const size_t usable = mimalloc::usable_bytes(block);
  entry::bury_word(at);
  counting::out<counting::Own>(*threads::fast_slot(), kind, bytes, usable);
  mimalloc::release(block);
}

void *count_and_return(void *block, Slot *slot, size_t bytes, AllocationKind kind) noexcept {
  bump(slot->counters.allocations[static_cast<size_t>(kind)], 1);
  bump(slot->counters.allocated_bytes, bytes);
  return settle_and_return(block, slot);
}

void count_and_release(void *block, Slot *slot, size_t bytes, FreeKind kind) noexcept {
  bump(slot->counters.frees[static_cast<size_t>(kind)], 1);
  bump(slot->counters.freed_bytes, bytes);
  settle_and_release(block, slot);
}

void forgive_failure() noexcept {
  if (way_of_request(Family::kNew) != Way::kOurs) return;
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.failures, ~uint64_t{0});
}

namespace {

HEAPMETER_NOINLINE void *allocate_by_way(size_t bytes, AllocationKind kind, Family family,
                                         bool zeroed) noexcept {
  switch (way_of_request(family)) {
    case Way::kEarly:
      return early_heap::allocate(bytes);
    case Way::kBehind:
      if (kind == AllocationKind::k_realloc) return own_calls::born(backend::reallocate(nullptr, bytes));
      return own_calls::born(zeroed ? backend::allocate_zeroed(bytes) : backend::allocate(bytes));
    case Way::kProcess:
      if (bytes == 0) bytes = 1;
      if (process.malloc != nullptr) return process.malloc(bytes);
      return allocate_slow(bytes, AllocationKind::k_malloc, Family::kMalloc, false);
    case Way::kOurs:
      break;
  }
  if (bytes > room::kLargest) return fail();
  if (HEAPMETER_UNLIKELY(backend::asks_by_name && kind == AllocationKind::k_realloc))
    return enter_slow({backend::reallocate(nullptr, room::at_least(bytes)), 0}, {bytes, kind, family, true});
  return enter_slow(room::of(bytes, zeroed), {bytes, kind, family, true});
}

}  // namespace

// What is only passed on shall not take long.
void *allocate_slow(size_t bytes, AllocationKind kind, Family family, bool zeroed) noexcept {
  if (mode::passing() && family == Family::kMalloc)
    return zeroed ? backend::allocate_zeroed(bytes) : backend::allocate(bytes);
  return allocate_by_way(bytes, kind, family, zeroed);
}

void *refuse() noexcept {
  if (way_of_request(Family::kMalloc) == Way::kOurs) return fail(EINVAL);
  errno = EINVAL;
  return nullptr;
}

void *allocate_aligned_slow(size_t bytes, size_t alignment, AllocationKind kind, Family family,
                            size_t room) noexcept {
  constexpr size_t kNames = room_of(backend::AlignedName::kPosixMemalign);
  const bool exact = room <= kNames;
  if (void *block = exact ? allocate_aligned_medium(bytes, alignment, kind, family) : nullptr) return block;
  // One whose malloc asks for an aligned block, by name, would be asked for the same again.
  if (alignment <= kGranule && !backend::asks_by_name) return allocate_slow(bytes, kind, family, false);
  size_t asked = exact || bytes >= room ? bytes : room;
  switch (way_of_request(family)) {
    case Way::kEarly:
      return early_heap::allocate(asked, alignment);
    case Way::kBehind:
      return own_calls::born(backend::allocate_aligned_as(
          exact ? static_cast<backend::AlignedName>(room) : backend::AlignedName{}, asked, alignment));
    case Way::kProcess:
      // In whole multiples, as C has it; what is too much stays too much.
      if (asked == 0) asked = 1;
      if (asked <= room::kLargest) asked = (asked + alignment - 1) & -alignment;
      if (process.aligned_alloc != nullptr) return process.aligned_alloc(alignment, asked);
      return allocate_aligned_slow(asked, alignment, AllocationKind::k_aligned, Family::kMalloc);
    case Way::kOurs:
      break;
  }
  if (bytes > room::kLargest || room > room::kLargest || alignment > room::kLargest) return fail();
  if (void *block = exact ? room::naturally_aligned(bytes, alignment) : nullptr)
    return enter_slow({block, 0}, {bytes, kind, family, true});
  return enter_slow(room::aligned(asked, alignment), {bytes, kind, family, false, alignment});
}

namespace {

void release_unknown(void *block, const entry::Decoded &noted, FreeKind kind) noexcept {
  // The block that is being resized has left the books, and moves by being released.
  if (own_calls::allocators(block)) return own_calls::release(block, kind);
  const Unknown unknown = judge(block, noted, kind, true);
  if (unknown == Unknown::kRefused) return;
  if (unknown == Unknown::kAllocators) return own_calls::release(block, kind);
  if (noted.form != Form::kTombstone && backend::takes_back(block)) {
    backend::release(block);  // the program may speak to it itself
  } else if (const NextHeap *libc = next_heap::libc()) {
    libc->free(block);
  }
}

HEAPMETER_NOINLINE void release_looked_up(void *block, FreeKind kind, Family family, size_t bytes) noexcept {
  const int saved_errno = errno;
  const life::Living living = life::look_up(block);
  const entry::Decoded &noted = living.noted;
  if (!noted.live()) {
    release_unknown(block, noted, kind);
    errno = saved_errno;
    return;
  }
  if (noted.family != family) {
    note_fault(&Counters::mismatches, Fault::kMismatch, noted.family, kind, block, noted.size);
  } else if (bytes != kAnySize && bytes != noted.size) {
    note_fault(&Counters::size_mismatches, Fault::kSizeMismatch, noted.family, kind, block, noted.size);
  }
  life::died(living, kind);
  room::give_back(living.room());
  const Slot *slot = noted.size > kTallyLimit || surplus::active() ? threads::own_slot() : nullptr;
  if (slot != nullptr) surplus::look(*slot);
  errno = saved_errno;
}

}  // namespace

void release_by_way(void *block, FreeKind kind, Family family, size_t bytes) noexcept {
  switch (way_of(family)) {
    case Way::kProcess:
      if (own_calls::has_operator_delete(kind) && own_calls::within()) return own_calls::release(block, kind);
      if (process.free != nullptr) return process.free(block);
      return release_slow(block, FreeKind::k_free, Family::kMalloc, kAnySize);
    case Way::kBehind:
      return backend::release(block);
    case Way::kEarly:
    case Way::kOurs:
      return release_looked_up(block, kind, family, bytes);
  }
}

void release_slow(void *block, FreeKind kind, Family family, size_t bytes) noexcept {
  // An IFUNC resolver may free what it allocated, with neither errno nor anything else of libc's in reach.
  if (block == nullptr || early_heap::owns(block)) return;
  if (mode::passing() && family == Family::kMalloc) return backend::release(block);
  if (mode::is_just(mode::kEverySite)) return release_attributed(block, kind, family, bytes);
  release_by_way(block, kind, family, bytes);
}

size_t usable_bytes_slow(void *block) noexcept {
  if (block == nullptr) return 0;
  if (early_heap::owns(block)) return early_heap::size_of(block);
  if (way_of(Family::kMalloc) == Way::kBehind) return backend::usable_bytes(block);
  const life::Living living = life::look_up(block);
  if (living.noted.mapped) return living.usable;
  if (living.noted.live() || backend::takes_back(block)) return backend::usable_bytes(block);
  const NextHeap *libc = next_heap::libc();
  return libc == nullptr ? 0 : libc->malloc_usable_size(block);
}

}  // namespace heapmeter::tracked_heap
