// SPDX-License-Identifier: MIT
#include "leaks/heap_areas.h"

#include "backend/allocator.h"
#include "base/sys.h"
#include "base/written_pages.h"

namespace heapmeter::leaks::heap_areas {
namespace {

bool any_written(WrittenPages &pages, const void *start, size_t bytes) noexcept {
  const auto address = reinterpret_cast<uintptr_t>(start);
  uintptr_t at = sys::page_of(address);
  for (const uintptr_t end = address + bytes; at < end;) {
    const size_t left = (sys::whole_pages(end) - at) / sys::page_bytes();
    const size_t some = left < WrittenPages::kAtOnce ? left : WrittenPages::kAtOnce;
    if (!pages.look(reinterpret_cast<const uint8_t *>(at), some)) return true;
    for (size_t page = 0; page < some; ++page) {
      if (pages.written(page)) return true;
    }
    at += some * sys::page_bytes();
  }
  return false;
}

// By neighbourhoods, or, where a part is less, by parts.
void add_neighbourhoods(const ledger::Part &part, WrittenPages &pages, Areas &areas) noexcept {
  const size_t neighbourhood = backend::neighbourhood_bytes(part.address);
  if (neighbourhood == 0) return;
  const size_t all = neighbourhood >> LargeBlock::kWindowShift;
  const size_t some = part.windows < all ? part.windows : all;
  for (size_t window = 0; window < part.windows; window += some) {
    if (!any_written(pages, part.entries + window * ledger::kWindowEntries, some * ledger::kWindowEntries) &&
        !any_written(pages, part.large() + window, some * sizeof(LargeBlock)))
      continue;
    const uintptr_t start = (part.address + window * LargeBlock::kWindow) & ~(neighbourhood - 1);
    areas.add(start, start + neighbourhood);
  }
}

// By windows that hold small blocks, where those are the allocator's as a whole. Those that it keeps free for
// later are not known from those that it gave up, and are looked at.
void add_windows(const ledger::Part &part, WrittenPages &pages, Areas &areas) noexcept {
  Area run{0, 0};
  for (size_t window = 0; window < part.windows; ++window) {
    const uintptr_t start = part.address + window * LargeBlock::kWindow;
    if (!backend::owns_window(start) ||
        !any_written(pages, part.entries + window * ledger::kWindowEntries, ledger::kWindowEntries))
      continue;
    if (start != run.end) {
      if (run.end != 0) areas.add(run.start, run.end);
      run.start = start;
    }
    run.end = start + LargeBlock::kWindow;
  }
  if (run.end != 0) areas.add(run.start, run.end);
}

// With glibc's header of the next chunk, so that neighbours are one area. What else lies there is the
// allocator's, too: no chunk is less, nor begins between.
uintptr_t end_of_chunk(uintptr_t start, uint64_t size) noexcept {
  constexpr uint64_t kLeast = 32, kHeader = 8;
  const uint64_t bytes = (size + kHeader + kGranule - 1) & ~(kGranule - 1);
  return start + (bytes < kLeast ? kLeast : bytes);
}

}  // namespace

void add_all(const Ledger &ledger, Areas &areas) noexcept {
  WrittenPages pages;
  size_t cursor = 0;
  for (ledger::Part part; ledger.next(cursor, part);) {
    backend::has_windows() ? add_windows(part, pages, areas) : add_neighbourhoods(part, pages, areas);
  }
}

void add_block(uintptr_t start, const entry::Decoded &noted, Areas &areas) noexcept {
  if (!noted.mapped && backend::neighbourhood_bytes(start) != 0) return;
  areas.add(start, noted.mapped ? sys::whole_pages(start + noted.usable) : end_of_chunk(start, noted.size));
}

}  // namespace heapmeter::leaks::heap_areas
