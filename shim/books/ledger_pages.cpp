// SPDX-License-Identifier: MIT
//
// Pages of the ledger whose blocks are all gone, back to the kernel while others go on: see moving_pages.h.
// That there were tombstones is remembered by a bit.
#include <string.h>

#include "base/sys.h"
#include "books/ledger.h"

namespace heapmeter {
namespace {

using ledger::kWindowEntries;
using ledger::windows_of_page;

constexpr uint64_t kTombstones = entry::kTombstone * 0x0101010101010101u;

// A guess, read while others write; what it may have missed is brought back. A bit in `traces` for each
// window that has any.
__attribute__((no_sanitize("thread"))) bool all_gone(const uint8_t *page, uint32_t &traces) noexcept {
  traces = 0;
  for (size_t window = 0; window < windows_of_page(); ++window) {
    uint64_t seen = 0, word;
    for (size_t at = 0; at < kWindowEntries; at += sizeof word) {
      memcpy(&word, page + window * kWindowEntries + at, sizeof word);
      if ((word & ~kTombstones) != 0) return false;
      seen |= word;
    }
    if (seen != 0) traces |= 1u << window;
  }
  return true;
}

}  // namespace

// Pages that were never written are looked at, too, which gives them the kernel's page of zeros, and go with
// the rest: who asked which they are would make a system call that no program of its own makes, and a sandbox
// may kill for that.
void Ledger::give_back(const Part &part) noexcept {
  const size_t of_page = windows_of_page();
  size_t first = 0;
  for (size_t window = 0; window <= part.windows; window += of_page) {
    uint32_t traces = 0;
    const bool gone = window < part.windows && all_gone(part.entries + window * kWindowEntries, traces);
    for (size_t at = 0; gone && at < of_page; ++at) {
      if ((traces >> at & 1u) != 0) part.forget(window + at);
    }
    if (gone && window - first < (MovingPages::kAtOnce - 1) * of_page) continue;
    const size_t windows = window - first + (gone ? of_page : 0);
    if (windows > 0 && !moving_.move(part.entries + first * kWindowEntries, windows * kWindowEntries)) return;
    first = window + of_page;
  }
}

void Ledger::give_back() noexcept {
  if (!moving_.begin(ledger::bring_back)) return;
  size_t cursor = 0;
  for (Part part; next(cursor, part);) give_back(part);
  moving_.end();
}

entry::Decoded Ledger::look_up(const void *block, Place &place) noexcept {
  place = {};
  if (reinterpret_cast<uintptr_t>(block) % kGranule != 0) return {};
  while (true) {
    const uint32_t moves = moving_.moves();
    place = find(block);
    const entry::Decoded noted = place ? place.decode() : entry::Decoded{};
    const bool settled = moving_.settled(moves);
    // What one store wrote is there or not; of a wide record the rest may still have to come back.
    const bool whole = noted.live() && noted.form != entry::Form::kWide;
    if (whole || settled || !place) return noted;
    if (moves % 2 != 0 && !moving_.wait_for(moves)) return place.decode();
  }
}

}  // namespace heapmeter
