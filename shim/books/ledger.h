// SPDX-License-Identifier: MIT
//
// The ledger: one entry for every live block, found by the block's address.
//
// A directory indexed by address >> 28 holds, for each 256 MiB of addresses, a chunk of entries, mapped when
// the first block of that range is born and never unmapped. The pointers are biased so that
// directory[address >> 28] + (address >> 4) is the entry.
// Where 16 MiB cannot be had (ulimit -v), or for the lowest addresses, whose directory entry stays null so
// that a null pointer never looks like a block, entries live in pieces of 256 KiB, found through a table for
// each GiB: slower, exact. The next block in a range that has neither is the next attempt to have a chunk.
//
// Each window of 64 KiB of addresses has 4096 entries, a page of the kernel's or a part of one, and one place
// for a large block (large_block.h). A page whose blocks are all gone can go back to the kernel: see
// ledger_pages.cpp.
//
// All functions may be called from any thread and in signal handlers; none takes a lock.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/sys.h"
#include "books/large_block.h"
#include "books/moved_entries.h"
#include "books/moving_pages.h"

namespace heapmeter {

namespace ledger {

inline constexpr unsigned kChunkShift = 28;
#if defined(__x86_64__)
inline constexpr unsigned kAddressBits = 47;
#else
inline constexpr unsigned kAddressBits = 48;
#endif
inline constexpr size_t kDirectorySize = size_t{1} << (kAddressBits - kChunkShift);
inline constexpr size_t kWindowEntries = LargeBlock::kWindow / kGranule;
inline constexpr size_t kChunkBytes = (size_t{1} << kChunkShift) / kGranule;

// Of so many windows the entries lie on one page of the kernel's.
inline size_t windows_of_page() noexcept { return sys::page_bytes() / kWindowEntries; }

// All null, for threads that have no slot yet: they find no chunk and take the slow way.
extern HEAPMETER_HIDDEN uint8_t *empty_directory[kDirectorySize];

// A chunk or a piece: before its entries, from the last to the first window, the large blocks, and a bit for
// each window whose tombstones are gone; behind them the rest of a wide record that begins in the last ones.
struct Part {
  static constexpr size_t kTail = 4096;

  uint8_t *entries;
  size_t windows;
  uintptr_t address;

  size_t bytes() const noexcept { return windows * kWindowEntries; }
  LargeBlock *large() const noexcept { return reinterpret_cast<LargeBlock *>(entries) - windows; }
  uint64_t *forgotten() const noexcept { return reinterpret_cast<uint64_t *>(large()) - windows / 64; }
  bool is_forgotten(size_t window) const noexcept {
    return (__atomic_load_n(&forgotten()[window / 64], __ATOMIC_RELAXED) >> window % 64 & 1u) != 0;
  }
  void forget(size_t window) const noexcept {
    __atomic_fetch_or(&forgotten()[window / 64], uint64_t{1} << window % 64, __ATOMIC_RELAXED);
  }
  // The entries begin a page of the kernel's.
  static size_t before_entries(size_t windows) noexcept {
    return sys::whole_pages(windows * sizeof(LargeBlock) + windows / 8);
  }
  uint8_t *mapping() const noexcept { return entries - before_entries(windows); }
  size_t mapped() const noexcept { return before_entries(windows) + bytes() + kTail; }
};

// Where a block's entry is, or would be.
class Place {
 public:
  Place() noexcept = default;
  Place(const Part &part, uintptr_t address) noexcept
      : at_(part.entries + (address - part.address) / kGranule),
        large_(part.large() + window(part, address)),
        forgotten_(part.forgotten() + window(part, address) / 64),
        address_(address) {}

  explicit operator bool() const noexcept { return at_ != nullptr; }
  uint8_t *at() const noexcept { return at_; }

  // `usable` is 0 for a regular block.
  void write(size_t size, size_t usable, Family family, bool mapped) const noexcept;
  // Over the entry of a regular block, of two bytes.
  void write_sampled() const noexcept { entry::write_sampled(at_); }
  // Leaves a tombstone, of a block that was looked up and found to be this, also where its page is just away.
  void bury(const entry::Decoded &noted) const noexcept;
  // Of the address of a block that is in no book, as it was born and as it goes: where another was before it,
  // its own release would pass for a second one of that. Neither touches what is live, nor a neighbour's.
  void forget_tombstone() const noexcept;
  void leave_tombstone() const noexcept;
  entry::Decoded decode() const noexcept;

 private:
  static size_t window(const Part &part, uintptr_t address) noexcept {
    return (address - part.address) >> LargeBlock::kWindowShift;
  }
  bool is_of_large() const noexcept {
    return large_->start(address_ >> LargeBlock::kWindowShift) == address_;
  }
  bool is_forgotten() const noexcept;

  uint8_t *at_ = nullptr;
  LargeBlock *large_ = nullptr;
  uint64_t *forgotten_ = nullptr;
  uintptr_t address_ = 0;
};

// A block that the ledger knows.
struct Known {
  uintptr_t start = 0;
  entry::Decoded noted;
};

}  // namespace ledger

class Ledger {
 public:
  using Part = ledger::Part;
  using Place = ledger::Place;

  // What the fast path reads.
  uint8_t *const *directory() const noexcept { return directory_; }

  // The place for the block at this address, mapping its chunk if need be; none when there is no memory for
  // it.
  Place born(const void *block) noexcept;
  // The same without mapping: none when nothing was ever born in that range.
  Place find(const void *block) const noexcept;
  // What is noted at that address, of which it may be the truth only when a page just being given back is
  // again what it was.
  entry::Decoded look_up(const void *block, Place &place) noexcept;
  // The live block that begins last before that address; start 0 when there is none.
  ledger::Known last_before(const void *address) const noexcept;

  // Whether nothing was ever born anywhere.
  bool empty() const noexcept { return load_whole(parts_known_) == 0; }
  // Each part that is mapped, in no order; false ends.
  bool next(size_t &cursor, Part &part) const noexcept;
  // The tables by which the parts are found.
  struct Memory {
    const void *start;
    size_t bytes;
  };
  static constexpr size_t kTables = 4;
  Memory table(size_t which) const noexcept;
  size_t resident_bytes() const noexcept;

  // Under an address space limit chunks would take too much of it: use pieces from now on, or no more.
  void use_pieces(bool only = true) noexcept { store_whole(only_pieces_, only); }
  bool uses_pieces() const noexcept { return load_whole(only_pieces_); }
  // As many parts as readers can know of: what lies in others is counted, and not found by looks.
  bool is_full() const noexcept { return load_whole(parts_known_) >= kPartsKnown; }

  // Before the first block: chunks lie so that a huge page has the entries of 32 MiB at a multiple of that.
  void align_chunks() noexcept { store_whole(aligned_, true); }
  // Of the entries of such 32 MiB, where their chunk is there.
  void let_pages_be_huge(uintptr_t address, size_t bytes) const noexcept;
  void keep_pages_small(uintptr_t address, size_t bytes) const noexcept;

  // Pages of entries whose blocks are all gone go back to the kernel.
  void give_back() noexcept;
  // In a forked child: what another thread had begun to give back is again what it was.
  void in_child() noexcept { moving_.in_child(); }

 private:
  static constexpr unsigned kPieceShift = 22;
  static constexpr unsigned kTableShift = 30;
  static constexpr size_t kPiecesOfTable = size_t{1} << (kTableShift - kPieceShift);
  static constexpr size_t kPartsKnown = 32768;

  Part chunk_at(uintptr_t index) const noexcept;
  Part piece_at(uintptr_t address) const noexcept;
  uint8_t **piece_of(uintptr_t address, bool make) noexcept;
  ledger::Known last_small_before(uintptr_t address) const noexcept;
  bool map_chunk(uintptr_t index) noexcept;
  bool map_piece(uintptr_t address) noexcept;
  void know(const Part &part) noexcept;

  void give_back(const Part &part) noexcept;

  bool only_pieces_ = false;
  bool has_pieces_ = false;
  bool aligned_ = false;
  MovingPages moving_;
  // Every part mapped so far, for readers.
  size_t parts_known_ = 0;
  Part parts_[kPartsKnown] = {};
  uint8_t **tables_[size_t{1} << (ledger::kAddressBits - kTableShift)] = {};
  uint8_t *directory_[ledger::kDirectorySize] = {};
};

// Apart from the meter's other parts: most of it is never touched.
inline constinit HEAPMETER_HIDDEN Ledger the_ledger HEAPMETER_APART("ledger");

}  // namespace heapmeter
