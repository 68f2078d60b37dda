// SPDX-License-Identifier: MIT
//
// A walk over the ledger: each live block once, part by part and in a part by address, but of a window the
// large one first. While no thread is half-way through a call, these are the blocks and bytes that the
// counters say. Pages that were never written are not read: reading would make them ours.
//
// For the stack of a thread of the program's: it takes some KiB.
#pragma once

#include "base/written_pages.h"
#include "books/ledger.h"

namespace heapmeter {

class LedgerWalk {
 public:
  explicit LedgerWalk(const Ledger &ledger) noexcept : ledger_(ledger) {}

  bool next(ledger::Known &block) noexcept;
  // False where the ledger may have more parts than it can tell of: pieces of 128 GiB of addresses.
  static bool reaches_all(const Ledger &ledger) noexcept;

 private:
  bool next_of_entries(ledger::Known &block) noexcept;
  bool next_window() noexcept;
  void look_ahead() noexcept;

  const Ledger &ledger_;
  WrittenPages pages_;
  size_t cursor_ = 0;
  ledger::Part part_{nullptr, 0, 0};
  size_t window_ = 0;                   // the one after that which is gone through
  size_t looked_at_ = 0;                // the windows before are known to be written or not
  size_t at_ = ledger::kWindowEntries;  // in its entries
  bool known_ = false, large_ = false;
};

}  // namespace heapmeter
