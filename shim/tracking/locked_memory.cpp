// SPDX-License-Identifier: MIT
#include "tracking/locked_memory.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "backend/allocator.h"
#include "base/map_lines.h"
#include "base/sandbox.h"
#include "base/sys.h"
#include "books/ledger_walk.h"
#include "books/own_memory.h"

namespace heapmeter::locked_memory {
namespace {

// The kernel's own page for old system calls, in every list and no process's.
constexpr uintptr_t kEndOfAddresses = uintptr_t{1} << 56;

struct Range {
  uintptr_t start, end;
};

// Of the range, each part that is resident.
template <typename Visit>
void each_resident(Range range, Visit visit) noexcept {
  constexpr uintptr_t kPagesAtOnce = 512;
  unsigned char resident[kPagesAtOnce];
  for (uintptr_t from = range.start; from < range.end; from += kPagesAtOnce * sys::page_bytes()) {
    const uintptr_t left = (range.end - from) / sys::page_bytes(),
                    pages = left < kPagesAtOnce ? left : kPagesAtOnce;
    if (sys::call(SYS_mincore, static_cast<long>(from), static_cast<long>(pages * sys::page_bytes()),
                  reinterpret_cast<long>(resident)) != 0) {
      continue;
    }
    for (uintptr_t page = 0, first = 0; page < pages; first = ++page) {
      while (page < pages && (resident[page] & 1u) != 0) ++page;
      if (page != first) visit(Range{from + first * sys::page_bytes(), from + page * sys::page_bytes()});
    }
  }
}

// The part of the range up to the first pages that are the meter's own and hardly used; the range is then
// what comes behind these.
Range take_up_to_own(Range &range) noexcept {
  Range own{range.end, range.end};
  size_t cursor = 0;
  for (own_memory::Mapping mapping; own_memory::next(cursor, mapping);) {
    if (!mapping.sparse()) continue;
    const auto address = reinterpret_cast<uintptr_t>(mapping.start);
    const Range pages{sys::whole_pages(address), sys::page_of(address + mapping.bytes)};
    if (pages.start < own.start && pages.end > range.start) own = pages;
  }
  const Range taken{range.start, own.start < range.start ? range.start : own.start};
  range.start = own.end < range.end ? own.end : range.end;
  return taken;
}

// What of mimalloc's segments.
enum class OfHeap { kAll, kResident, kNothing };

// Each mapping, and part of one, that is the program's. False when the list is not to be had.
template <typename Visit>
bool each_mapping(OfHeap of_heap, Visit visit) noexcept {
  // What is mapped meanwhile is locked by what mlockall says of future mappings.
  MapLines lines("/proc/self/maps");
  if (!lines.opened()) return false;
  char text[128];
  for (MapLine line; lines.next(text, sizeof text, line) && line.end < kEndOfAddresses;) {
    Range range{line.start, line.end};
    while (range.start < range.end) {
      const Range part = take_up_to_own(range);
      if (part.start == part.end) continue;
      if (of_heap == OfHeap::kAll || backend::neighbourhood_bytes(part.start) == 0) {
        visit(part);
      } else if (of_heap == OfHeap::kResident) {
        each_resident(part, visit);
      }
    }
  }
  return true;
}

// The pages of mimalloc's blocks, also of those that nobody wrote to yet: neighbours in one call. False where
// the kernel cannot, before Linux 5.14.
bool make_blocks_resident() noexcept {
  constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE
  bool able = true;
  Range run{0, 0};
  const auto populate = [&] {
    if (run.start == run.end || !able) return;
    const long answer = sys::call(SYS_madvise, static_cast<long>(run.start),
                                  static_cast<long>(run.end - run.start), kPopulateWrite);
    able = answer != -EINVAL;
  };
  ledger::Known block;
  for (LedgerWalk walk(the_ledger); able && walk.next(block);) {
    if (block.noted.mapped || backend::neighbourhood_bytes(block.start) == 0) continue;
    const Range pages{sys::page_of(block.start), sys::whole_pages(block.start + block.noted.size)};
    if (pages.start > run.end || pages.end < run.start) {
      populate();
      run = pages;
    }
    if (pages.end > run.end) run.end = pages.end;
  }
  populate();
  return able;
}

// `how` is 0 or MLOCK_ONFAULT. What cannot be locked mlockall would pass over, too.
bool lock_each(OfHeap of_heap, unsigned how) noexcept {
  return each_mapping(of_heap, [how](Range range) {
    const auto start = static_cast<long>(range.start), bytes = static_cast<long>(range.end - range.start);
    if (how == 0) {
      sys::call(SYS_mlock, start, bytes);
    } else {
      sys::call(SYS_mlock2, start, bytes, how);
    }
  });
}

bool within_limit() noexcept {
  uint64_t bytes = 0;
  const bool known =
      each_mapping(OfHeap::kResident, [&bytes](Range range) { bytes += range.end - range.start; });
  return known && bytes <= sys::limit(RLIMIT_MEMLOCK);
}

// `whole_heap`: also what mimalloc holds free, for who wants no page to be missing later either.
long lock_current(bool on_fault, bool whole_heap) noexcept {
  // Nothing becomes resident by this, and the kernel says what it says to the flags and the limit.
  const long answer = sys::call(SYS_mlockall, MCL_CURRENT | MCL_ONFAULT);
  if (answer == 0 && on_fault) return 0;
  if (answer == 0) {
    const bool sparingly = !whole_heap && make_blocks_resident();
    const bool done = lock_each(sparingly ? OfHeap::kNothing : OfHeap::kAll, 0);
    return done ? 0 : sys::call(SYS_mlockall, MCL_CURRENT);
  }
  if (answer == -EINVAL) return sys::call(SYS_mlockall, MCL_CURRENT);  // a kernel before MCL_ONFAULT
  if (answer != -ENOMEM) return answer;
  if (!on_fault) make_blocks_resident();
  if (!within_limit()) return answer;
  // As mlockall does, also to what was asked for future mappings.
  sys::call(SYS_munlockall);
  lock_each(OfHeap::kResident, on_fault ? MLOCK_ONFAULT : 0);
  return 0;
}

}  // namespace

long lock_all(int flags) noexcept {
  const bool current = (flags & MCL_CURRENT) != 0, future = (flags & MCL_FUTURE) != 0;
  const bool on_fault = (flags & MCL_ONFAULT) != 0;
  const bool known = (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) == 0;
  if (known && future) sys::expect_locking();
  // A sandbox may forbid what is not in the program.
  if (!known || !current || sandbox::here()) return sys::call(SYS_mlockall, flags);
  const long answer = lock_current(on_fault, future);
  if (answer == 0 && future) return sys::call(SYS_mlockall, MCL_FUTURE | (on_fault ? MCL_ONFAULT : 0));
  return answer;
}

}  // namespace heapmeter::locked_memory
