// SPDX-License-Identifier: MIT
#include "tracking/tracked_heap.h"

#include <string.h>
#include <sys/resource.h>

#include "backend/early_heap.h"
#include "base/options.h"
#include "base/sys.h"
#include "books/faults.h"
#include "books/meter.h"
#include "tracking/books.h"
#include "tracking/surplus.h"

namespace heapmeter::tracked_heap {

constinit size_t fast_span = 0;

namespace {

using namespace books;
using entry::Decoded;
using entry::Form;

// Below this much address space a chunk of 64 MiB for every GiB touched would be felt.
constexpr uint64_t kTightAddressSpace = uint64_t{4} << 30;
// Below this much mimalloc's 32 MiB for every thread, and as much again to align them, would be.
constexpr uint64_t kTooTightForMimalloc = uint64_t{1} << 30;
// The smallest block that an irregular entry's two bytes fit.
constexpr size_t kIrregularRoom = 2 * kGranule;

constinit bool counting = false;
constinit bool beginning = false;

// To align a block mimalloc takes as much more as the alignment. What is too large for its segments with that
// has one of its own, at an address that none had before, for which the ledger would grow each time.
Room aligned_room_for(size_t bytes, size_t alignment) noexcept {
  const bool large = bytes + alignment >= mapped_heap::kAlways;
  if (backend::has_classes() && (large || mapped_heap::takes(bytes))) {
    const Room room = mapped_heap::allocate(bytes, alignment);
    if (room.start != nullptr || large) return room;
  }
  return {backend::allocate_aligned(bytes, alignment), 0};
}

// Null where it is not to be had so, which says nothing of memory.
void *naturally_aligned(size_t bytes, size_t alignment) noexcept {
  const bool may_be =
      bytes != 0 && is_multiple(bytes, alignment) && alignment <= backend::natural_alignment(bytes);
  if (!may_be || !backend::has_classes() || mapped_heap::takes(bytes)) return nullptr;
  void *block = backend::allocate(bytes);
  if (is_multiple(reinterpret_cast<uintptr_t>(block), alignment)) return block;
  backend::release(block);
  return nullptr;
}

// The fast path is for ordinary times. Two threads may steer at once: whoever writes last must have looked
// after the other's change, or the fast path could stay off for good.
void steer() noexcept {
  bool active;
  do {
    active = surplus::active();
    const bool fast = counting && backend::has_classes() && !active;
    __atomic_store_n(&fast_span, fast ? kTallyLimit - entry::kSmallLimit : 0, __ATOMIC_SEQ_CST);
  } while (active != __atomic_load_n(&surplus::going_back, __ATOMIC_SEQ_CST));
}

void watch(const Slot &slot) noexcept {
  if (surplus::look(slot)) steer();
}

// Fresh room becomes a block of ours, or goes back when there is no memory for its entry.
void *enter_slow(Room room, size_t bytes, AllocationKind kind, Family family, bool regular) noexcept {
  if (room.start == nullptr) return fail();
  uint8_t *at = ledger::born(room.start);
  if (at == nullptr) {
    give_back(room);
    return fail();
  }
  Slot &slot = threads::counting_slot();
  const size_t usable = noted_usable(room, bytes, regular);
  write_entry(at, bytes, usable, family, room.mapped != 0);
  count_in(slot, kind, bytes, usable);
  if (bytes > kTallyLimit) watch(slot);
  if (surplus::active() && surplus::allocated()) steer();
  if (!slot.own && threads::ending()) backend::leave_thread();
  return room.start;
}

// Whether requests are to be counted; when not, either `pass` has them or it is too early for anything.
bool ready_to_count() noexcept {
  if (HEAPMETER_LIKELY(counting)) return true;
  if (!threads::ready()) return false;
  begin();
  return counting;
}

}  // namespace

void begin() noexcept {
  // What the allocator underneath allocates when it is looked up comes here again, and goes to the early
  // heap.
  if (counting || pass != nullptr || beginning) return;
  beginning = true;
  if (options::get().off) {
    pass = next_heap::libc();
    beginning = false;
    return;
  }
  const uint64_t addresses = sys::limit(RLIMIT_AS), data = sys::limit(RLIMIT_DATA);
  const uint64_t limit = addresses < data ? addresses : data;
  if (limit < kTightAddressSpace) ledger::use_pieces();
  if (options::get().next_backend || limit < kTooTightForMimalloc) backend::next = next_heap::next();
  counting = true;
  if (backend::has_classes()) surplus::begin();
  steer();
  beginning = false;
}

void pass_to(const NextHeap &heap) noexcept {
  __atomic_store_n(&fast_span, 0, __ATOMIC_RELAXED);
  counting = false;
  pass = &heap;
}

bool passing() noexcept { return pass != nullptr; }

void *enter_without_chunk(void *block, size_t bytes, AllocationKind kind, Family family,
                          bool zeroed) noexcept {
  // Not entered as it is: who has no chunk may also have no slot.
  if (block != nullptr) backend::release(block);
  return allocate_slow(bytes, kind, family, zeroed);
}

void *settle_and_return(void *block, Slot *slot) noexcept {
  meter.peak.settle_under(*slot);
  watch(*slot);
  return block;
}

void settle_and_release(void *block, Slot *slot) noexcept {
  meter.peak.settle_over(*slot);
  backend::release(block);
  watch(*slot);
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
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.failures, ~uint64_t{0});
}

void *allocate_slow(size_t bytes, AllocationKind kind, Family family, bool zeroed) noexcept {
  if (pass != nullptr) return zeroed ? pass->calloc(1, bytes) : pass->malloc(bytes);
  if (!ready_to_count()) {
    // Which may have found out whom to pass it to.
    return pass == nullptr ? early_heap::allocate(bytes) : allocate_slow(bytes, kind, family, zeroed);
  }
  if (bytes > kLargest) return fail();
  return enter_slow(room_for(at_least_granule(bytes), zeroed), bytes, kind, family, true);
}

void *refuse() noexcept {
  if (ready_to_count()) return fail(EINVAL);
  errno = EINVAL;
  return nullptr;
}

void *allocate_aligned_slow(size_t bytes, size_t alignment, AllocationKind kind, Family family,
                            size_t room) noexcept {
  if (alignment <= kGranule) return allocate_slow(bytes, kind, family, false);
  if (!ready_to_count()) {
    const size_t asked = bytes < room ? room : bytes;
    return pass == nullptr ? early_heap::allocate(asked, alignment) : pass->memalign(alignment, asked);
  }
  if (bytes > kLargest || room > kLargest || alignment > kLargest) return fail();
  if (room == 0) {
    if (void *block = naturally_aligned(bytes, alignment))
      return enter_slow({block, 0}, bytes, kind, family, true);
  }
  size_t asked = bytes < room ? room : bytes;
  if (asked < kIrregularRoom) asked = kIrregularRoom;
  return enter_slow(aligned_room_for(asked, alignment), bytes, kind, family, false);
}

namespace {

// No entry: already freed, or not ours. Returns what made it, nullptr when nobody is to be asked.
void release_unknown(void *block, const Decoded &noted, FreeKind kind) noexcept {
  if (noted.form == Form::kTombstone && !reused_by_another(block)) {
    note_fault(&Counters::double_frees, faults::Fault::kDoubleFree, Family::kNone, kind, 0);
    return;
  }
  if (pass != nullptr) {
    pass->free(block);
    return;
  }
  note_fault(&Counters::foreign_frees, faults::Fault::kForeignFree, Family::kNone, kind, 0);
  if (noted.form != Form::kTombstone && (backend::owns(block) || !backend::has_classes())) {
    backend::release(block);  // the program speaks to it itself, or there was no memory to note the block
  } else if (const NextHeap *libc = next_heap::libc()) {
    libc->free(block);
  }
}

HEAPMETER_NOINLINE void release_looked_up(void *block, FreeKind kind, Family family, size_t bytes) noexcept {
  const int saved_errno = errno;
  uint8_t *at;
  const Decoded noted = look_up(block, at);
  if (!noted.live()) {
    release_unknown(block, noted, kind);
    errno = saved_errno;
    return;
  }
  if (noted.family != family) {
    note_fault(&Counters::mismatches, faults::Fault::kMismatch, noted.family, kind, noted.size);
  } else if (bytes != kAnySize && bytes != noted.size) {
    note_fault(&Counters::size_mismatches, faults::Fault::kSizeMismatch, noted.family, kind, noted.size);
  }
  Slot &slot = threads::counting_slot();
  const size_t usable = usable_of(block, noted);
  bury(at, noted.mapped);
  count_out(slot, kind, noted.size, usable);
  give_back({block, noted.mapped ? usable : 0});
  if (noted.size > kTallyLimit || surplus::active()) watch(slot);
  errno = saved_errno;
}

}  // namespace

void release_slow(void *block, FreeKind kind, Family family, size_t bytes) noexcept {
  // An IFUNC resolver may free what it allocated, with neither errno nor anything else of libc's in reach.
  if (block == nullptr || early_heap::owns(block)) return;
  // Off from the start: no block is ours, and errno is left as without us.
  if (pass != nullptr && ledger::empty()) return pass->free(block);
  release_looked_up(block, kind, family, bytes);
}

size_t usable_bytes(void *block) noexcept {
  if (block == nullptr) return 0;
  uint8_t *at;
  const Decoded noted = look_up(block, at);
  if (noted.mapped) return noted.usable;
  if (noted.live() || (pass == nullptr && backend::owns(block))) return backend::usable_bytes(block);
  if (early_heap::owns(block)) return early_heap::size_of(block);
  const NextHeap *heap = pass != nullptr ? pass : next_heap::libc();
  return heap == nullptr || heap->malloc_usable_size == nullptr ? 0 : heap->malloc_usable_size(block);
}

}  // namespace heapmeter::tracked_heap
