// SPDX-License-Identifier: MIT
#include "tracked_heap.h"

#include <string.h>
#include <sys/resource.h>

#include "early_heap.h"
#include "faults.h"
#include "options.h"
#include "sys.h"

namespace heapmeter::tracked_heap {

constinit size_t fast_span = 0;

namespace {

using entry::Decoded;
using entry::Form;

constexpr size_t kLargest = PTRDIFF_MAX;
// Below this much address space a chunk of 64 MiB for every GiB touched would be felt.
constexpr uint64_t kTightAddressSpace = uint64_t{4} << 30;
// The smallest block that an irregular entry's two bytes fit.
constexpr size_t kIrregularRoom = 2 * kGranule;

constinit bool counting = false;
constinit bool beginning = false;
constinit const NextHeap *pass = nullptr;

void add(Slot &slot, Counter &counter, uint64_t by) noexcept {
  if (slot.shared) {
    bump_shared(counter, by);
  } else {
    bump(counter, by);
  }
}

size_t at_least_granule(size_t bytes) noexcept { return bytes < kGranule ? kGranule : bytes; }

// Where a block of these bytes stands in the histogram: `usable` is the backend's word, 0 for a regular
// block.
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

void *fail(int error = ENOMEM) noexcept {
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.failures, 1);
  errno = error;
  return nullptr;
}

// The usable bytes to note for a block, 0 when its size class says them.
size_t noted_usable(void *block, size_t bytes, bool regular) noexcept {
  return regular && bytes <= kFineLimit && backend::has_classes() ? 0 : backend::usable_bytes(block);
}

void write_entry(uint8_t *at, size_t bytes, size_t usable, Family family) noexcept {
  // Without classes every block's usable bytes are asked for again when it goes; the entry's form says
  // nothing of them.
  if (usable == 0 || (!backend::has_classes() && bytes <= kFineLimit)) {
    entry::write_regular(at, bytes, family);
  } else {
    entry::write_irregular(at, bytes, usable, family);
  }
}

// Usable bytes of a live block as they were noted when it was born.
size_t usable_of(void *block, const Decoded &noted) noexcept {
  if (noted.form == Form::kWide) return noted.usable;
  return noted.form == Form::kIrregular || !backend::has_classes() ? backend::usable_bytes(block) : 0;
}

// A fresh block of the backend becomes one of ours, or goes back when there is no memory for its entry.
void *enter_slow(void *block, size_t bytes, AllocationKind kind, Family family, bool regular) noexcept {
  if (block == nullptr) return fail();
  uint8_t *at = ledger::born(block);
  if (at == nullptr) {
    backend::release(block);
    return fail();
  }
  Slot &slot = threads::counting_slot();
  const size_t usable = noted_usable(block, bytes, regular);
  write_entry(at, bytes, usable, family);
  add(slot, slot.counters.allocations[static_cast<size_t>(kind)], 1);
  count_in(slot, bytes, usable);
  return block;
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
  if (sys::limit(RLIMIT_AS) < kTightAddressSpace || sys::limit(RLIMIT_DATA) < kTightAddressSpace) {
    ledger::use_pieces();
  }
  if (options::get().next_backend) backend::next = next_heap::next();
  counting = true;
  if (backend::has_classes()) fast_span = kFineLimit - entry::kSmallLimit;
  beginning = false;
}

void pass_to(const NextHeap &heap) noexcept {
  fast_span = 0;
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
  peak::settle_under(*slot);
  return block;
}

void settle_and_release(void *block, Slot *slot) noexcept {
  peak::settle_over(*slot);
  backend::release(block);
}

void forgive_failure() noexcept {
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.failures, ~uint64_t{0});
}

void *allocate_slow(size_t bytes, AllocationKind kind, Family family, bool zeroed) noexcept {
  if (!ready_to_count()) {
    if (pass == nullptr) return early_heap::allocate(bytes);
    return zeroed ? pass->calloc(1, bytes) : pass->malloc(bytes);
  }
  if (bytes > kLargest) return fail();
  const size_t asked = at_least_granule(bytes);
  void *block = zeroed ? backend::allocate_zeroed(asked) : backend::allocate(asked);
  return enter_slow(block, bytes, kind, family, true);
}

void *refuse() noexcept {
  if (ready_to_count()) return fail(EINVAL);
  errno = EINVAL;
  return nullptr;
}

void *allocate_aligned(size_t bytes, size_t alignment, AllocationKind kind, Family family,
                       size_t room) noexcept {
  if (alignment <= kGranule) return allocate_slow(bytes, kind, family, false);
  if (!ready_to_count()) {
    const size_t asked = bytes < room ? room : bytes;
    return pass == nullptr ? early_heap::allocate(asked, alignment) : pass->memalign(alignment, asked);
  }
  if (bytes > kLargest || room > kLargest || alignment > kLargest) return fail();
  size_t asked = bytes < room ? room : bytes;
  if (asked < kIrregularRoom) asked = kIrregularRoom;
  return enter_slow(backend::allocate_aligned(asked, alignment), bytes, kind, family, false);
}

namespace {

void note_fault(Counter Counters::*counter, faults::Fault fault, Family allocated_by, FreeKind kind,
                uint64_t bytes) noexcept {
  Slot &slot = threads::counting_slot();
  add(slot, slot.counters.*counter, 1);
  faults::record(fault, allocated_by, kind, bytes);
}

// No entry: already freed, or not ours. Returns what made it, nullptr when nobody is to be asked.
void release_unknown(void *block, const Decoded &noted, FreeKind kind) noexcept {
  if (noted.form == Form::kTombstone) {
    note_fault(&Counters::double_frees, faults::Fault::kDoubleFree, Family::kNone, kind, 0);
    return;
  }
  if (pass != nullptr) {
    pass->free(block);
    return;
  }
  note_fault(&Counters::foreign_frees, faults::Fault::kForeignFree, Family::kNone, kind, 0);
  if (backend::owns(block) || !backend::has_classes()) {
    backend::release(block);  // the program speaks to it itself, or there was no memory to note the block
  } else if (const NextHeap *libc = next_heap::libc()) {
    libc->free(block);
  }
}

Decoded look_up(const void *block, uint8_t *&at) noexcept {
  at = ledger::find(block);
  return at == nullptr ? Decoded{} : entry::decode(at);
}

}  // namespace

void release_slow(void *block, FreeKind kind, Family family, size_t bytes) noexcept {
  // An IFUNC resolver may free what it allocated, with neither errno nor anything else of libc's in reach.
  if (block == nullptr || early_heap::owns(block)) return;
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
  *at = entry::kTombstone;
  add(slot, slot.counters.frees[static_cast<size_t>(kind)], 1);
  count_out(slot, noted.size, usable);
  backend::release(block);
  errno = saved_errno;
}

namespace {

// realloc of a block we did not make.
void *reallocate_unknown(void *block, size_t bytes, const Decoded &noted) noexcept {
  if (early_heap::owns(block)) {
    void *moved = allocate_slow(bytes, AllocationKind::k_realloc, Family::kMalloc, false);
    // memcpy itself may not be there yet.
    const size_t both = early_heap::size_of(block) < bytes ? early_heap::size_of(block) : bytes;
    for (size_t i = 0; moved != nullptr && i < both; ++i) {
      static_cast<volatile char *>(moved)[i] = static_cast<const char *>(block)[i];
    }
    return moved;
  }
  if (noted.form == Form::kTombstone) {
    note_fault(&Counters::double_frees, faults::Fault::kDoubleFree, Family::kNone, FreeKind::k_realloc, 0);
    errno = ENOMEM;
    return nullptr;
  }
  if (pass != nullptr) return pass->realloc(block, bytes);
  note_fault(&Counters::foreign_frees, faults::Fault::kForeignFree, Family::kNone, FreeKind::k_realloc, 0);
  if (backend::owns(block)) return backend::reallocate(block, bytes);
  const NextHeap *libc = next_heap::libc();
  return libc == nullptr ? nullptr : libc->realloc(block, bytes);
}

void count_reallocation(Slot &slot, size_t from, size_t to, bool moved) noexcept {
  Counters &counters = slot.counters;
  add(slot, counters.reallocations, 1);
  if (to > from) add(slot, counters.reallocations_grown, 1);
  if (to < from) add(slot, counters.reallocations_shrunk, 1);
  if (moved) add(slot, counters.reallocations_moved, 1);
}

// A block that stayed where it was keeps its old usable bytes; whether its new size's class says the same
// decides the form of its entry. An irregular block stays irregular: what is behind it only the backend
// knows.
size_t usable_after(void *block, const Decoded &before, size_t bytes, bool moved) noexcept {
  if (moved) return noted_usable(block, bytes, true);
  if (bytes > kFineLimit) return backend::usable_bytes(block);
  const bool same_class = backend::has_classes() && before.form == Form::kRegular &&
                          backend::class_bytes(bytes) == backend::class_bytes(before.size);
  return same_class ? 0 : backend::usable_bytes(block);
}

}  // namespace

void *reallocate(void *block, size_t bytes) noexcept {
  if (block == nullptr) return allocate_slow(bytes, AllocationKind::k_realloc, Family::kMalloc, false);
  if (bytes == 0) {
    release_slow(block, FreeKind::k_realloc, Family::kMalloc, kAnySize);
    return nullptr;
  }
  uint8_t *at;
  const Decoded before = look_up(block, at);
  if (!before.live()) return reallocate_unknown(block, bytes, before);
  if (before.family != Family::kMalloc) {
    note_fault(&Counters::mismatches, faults::Fault::kMismatch, before.family, FreeKind::k_realloc,
               before.size);
  }
  if (bytes > kLargest) return fail();
  const size_t usable_before = usable_of(block, before);
  *at = entry::kTombstone;
  void *moved = backend::reallocate(block, at_least_granule(bytes));
  if (moved == nullptr) {
    write_entry(at, before.size, usable_before, before.family);
    return fail();
  }
  uint8_t *moved_at = ledger::born(moved);
  if (moved_at == nullptr) {
    // The old block is gone and there is no memory to note the new one: it leaves the books, the program
    // keeps it.
    Slot &slot = threads::counting_slot();
    add(slot, slot.counters.frees[static_cast<size_t>(FreeKind::k_realloc)], 1);
    count_out(slot, before.size, usable_before);
    return moved;
  }
  const size_t usable = usable_after(moved, before, bytes, moved != block);
  write_entry(moved_at, bytes, usable, Family::kMalloc);
  Slot &slot = threads::counting_slot();
  count_reallocation(slot, before.size, bytes, moved != block);
  count_out(slot, before.size, usable_before);
  count_in(slot, bytes, usable);
  return moved;
}

size_t usable_bytes(void *block) noexcept {
  if (block == nullptr) return 0;
  uint8_t *at;
  if (look_up(block, at).live() || (pass == nullptr && backend::owns(block)))
    return backend::usable_bytes(block);
  if (early_heap::owns(block)) return early_heap::size_of(block);
  const NextHeap *heap = pass != nullptr ? pass : next_heap::libc();
  return heap == nullptr || heap->malloc_usable_size == nullptr ? 0 : heap->malloc_usable_size(block);
}

}  // namespace heapmeter::tracked_heap
