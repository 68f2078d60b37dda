// SPDX-License-Identifier: MIT
#include "books/ledger_walk.h"

#include <string.h>

#include "base/sys.h"

namespace heapmeter {
namespace {

using ledger::windows_of_page;

constexpr uint64_t kTombstones = entry::kTombstone * 0x0101010101010101u;
constexpr size_t kLeastEntries = 2;  // of any block

// Of eight entries at once, which are neither nothing nor a tombstone: the highest bit of each.
uint64_t told(uint64_t eight) noexcept {
  constexpr uint64_t kAllButHighest = 0x7F7F7F7F7F7F7F7Fu;
  eight &= ~kTombstones;
  return (((eight & kAllButHighest) + kAllButHighest) | eight) & ~kAllButHighest;
}

}  // namespace

bool LedgerWalk::reaches_all(const Ledger &ledger) noexcept {
  size_t parts = 0, cursor = 0;
  for (ledger::Part part; ledger.next(cursor, part);) ++parts;
  return parts < ledger.table(0).bytes / sizeof(ledger::Part);
}

// A chunk's last windows and a piece have fewer than kAtOnce left.
void LedgerWalk::look_ahead() noexcept {
  const size_t left = part_.windows - window_;
  const size_t some = left < WrittenPages::kAtOnce ? left : WrittenPages::kAtOnce;
  const uintptr_t large = sys::page_of(reinterpret_cast<uintptr_t>(&part_.large()[window_]));
  // kAtOnce of them lie on one page, of whatever size.
  static_assert(WrittenPages::kAtOnce * sizeof(LargeBlock) <= 4096);
  large_ = !pages_.look(reinterpret_cast<const uint8_t *>(large), 1) || pages_.written(0);
  known_ = pages_.look(part_.entries + window_ * ledger::kWindowEntries, some / windows_of_page());
  looked_at_ = window_ + some;
}

bool LedgerWalk::next_window() noexcept {
  while (window_ == part_.windows) {
    if (!ledger_.next(cursor_, part_)) return false;
    window_ = looked_at_ = 0;
  }
  if (window_ == looked_at_) look_ahead();
  const bool written = !known_ || pages_.written(window_ % WrittenPages::kAtOnce / windows_of_page());
  at_ = written ? 0 : ledger::kWindowEntries;
  ++window_;
  return true;
}

bool LedgerWalk::next_of_entries(ledger::Known &block) noexcept {
  const uint8_t *entries = part_.entries + (window_ - 1) * ledger::kWindowEntries;
  const uintptr_t start = part_.address + (window_ - 1) * LargeBlock::kWindow;
  while (at_ < ledger::kWindowEntries) {
    const size_t from = at_ & -sizeof(uint64_t);
    uint64_t eight;
    memcpy(&eight, entries + from, sizeof eight);
    const uint64_t here = told(eight) & ~uint64_t{0} << 8 * (at_ - from);
    if (here == 0) {
      at_ = from + sizeof eight;
      continue;
    }
    at_ = from + static_cast<size_t>(__builtin_ctzll(here)) / 8;
    block = {start + at_ * kGranule, entry::decode(entries + at_)};
    if (block.noted.live()) {
      at_ += kLeastEntries;
      return true;
    }
    ++at_;
  }
  return false;
}

bool LedgerWalk::next(ledger::Known &block) noexcept {
  while (true) {
    if (window_ != 0 && next_of_entries(block)) return true;
    if (!next_window()) return false;
    if (!large_) continue;
    const LargeBlock &large = part_.large()[window_ - 1];
    const uintptr_t number = (part_.address >> LargeBlock::kWindowShift) + window_ - 1;
    block = {large.start(number), large.decode()};
    if (block.noted.live()) return true;
  }
}

}  // namespace heapmeter
