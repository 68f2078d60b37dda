// SPDX-License-Identifier: MIT
//
// The live blocks of an image by address: into which of them does a word point? And what is known of each
// while the image is gone through, two bits a block.
//
// For each GiB of addresses that has a block: a bit for each granule where one starts, and 64-ary summaries
// of those, so that the start before an address is found in a few words. For one thread. Its memory goes with
// the process: it lives in the image.
#pragma once

#include "books/ledger.h"

namespace heapmeter::leaks {

class Blocks {
 public:
  // What an entry that says less than all stands for.
  using Behind = void (*)(const void *block, entry::Decoded &noted);

  // Takes all of the ledger, once. False where there is no memory for that.
  bool take(const Ledger &ledger, Behind behind) noexcept;
  uint64_t blocks() const noexcept { return blocks_; }
  uint64_t bytes() const noexcept { return bytes_; }
  uintptr_t heap_start() const noexcept { return lowest_; }
  uintptr_t heap_end() const noexcept { return end_; }

  // The start of the block that the word points into, or just behind; 0 where it is none's. Programs keep
  // tags in the upper 16 bits: those do not count.
  uintptr_t around(uintptr_t word) const noexcept;
  // Whether it can be any's; soon there will be asked which, and for what is in it.
  bool within(uintptr_t word) const noexcept { return address_of(word) - lowest_ < end_ - lowest_; }
  void fetch(uintptr_t word) const noexcept {
    const uintptr_t address = address_of(word);
    const Gib *gib = gibs_[address >> kGibShift];
    if (gib == nullptr) return;
    __builtin_prefetch(&gib->words[granule(address) / 64], 1);
    __builtin_prefetch(reinterpret_cast<const void *>(address));
    if (const uint8_t *chunk = ledger_->directory()[address >> ledger::kChunkShift]; chunk != nullptr)
      __builtin_prefetch(chunk + address / kGranule);
  }
  entry::Decoded noted(uintptr_t start) const noexcept;
  // What was asked for. Behind that is what whoever had the memory before left there.
  size_t size(uintptr_t start) const noexcept { return noted(start).size; }

  bool is_reached(uintptr_t start) const noexcept { return (word(start).reached & bit(start)) != 0; }
  bool is_pointed_at(uintptr_t start) const noexcept { return (pointed_at(start) & bit(start)) != 0; }
  // True for the first time.
  bool reach(uintptr_t start) noexcept;
  void note_pointed_at(uintptr_t start) noexcept { pointed_at(start) |= bit(start); }

  // The first block that starts at this address or later; 0 when there is none.
  uintptr_t first_from(uintptr_t address) const noexcept;
  // The same of those that are not reached.
  uintptr_t first_unreached_from(uintptr_t address) const noexcept;

 private:
  static constexpr unsigned kGibShift = 30;
  static constexpr size_t kGibs = size_t{1} << (ledger::kAddressBits - kGibShift);
  static constexpr size_t kGranules = (size_t{1} << kGibShift) / kGranule;
  static constexpr size_t kWords = kGranules / 64;
  static constexpr unsigned kLevels = 3;
  static constexpr size_t kSummaryWords = kWords / 64 + kWords / 64 / 64 + kWords / 64 / 64 / 64;

  struct Word {
    uint64_t starts, reached;  // side by side: who finds a start looks at the other
  };
  struct Gib {
    Word *words;
    uint64_t *pointed_at;
    uint64_t *summary[kLevels];
    uintptr_t reaching_in;  // the block that began before it and ends in it
  };

  static uintptr_t address_of(uintptr_t word) noexcept { return word & ((uintptr_t{1} << 48) - 1); }
  // Whole granules: a pointer may stand at the end.
  static size_t extent_of(uint64_t size) noexcept {
    return size == 0 ? kGranule : (size + kGranule - 1) & ~(kGranule - 1);
  }
  static size_t granule(uintptr_t address) noexcept { return address / kGranule % kGranules; }
  static uint64_t bit(uintptr_t start) noexcept { return uint64_t{1} << granule(start) % 64; }
  Word &word(uintptr_t start) const noexcept { return gibs_[start >> kGibShift]->words[granule(start) / 64]; }
  uint64_t &pointed_at(uintptr_t start) const noexcept {
    return gibs_[start >> kGibShift]->pointed_at[granule(start) / 64];
  }
  Gib *gib_at(uintptr_t address) noexcept;
  bool add(uintptr_t start, uint64_t size) noexcept;
  static size_t last_until(const Gib &gib, size_t granule) noexcept;
  static size_t first_since(const Gib &gib, size_t granule) noexcept;

  const Ledger *ledger_ = nullptr;
  Behind behind_ = nullptr;
  Gib **gibs_ = nullptr;
  uintptr_t lowest_ = UINTPTR_MAX, end_ = 0;
  uint64_t blocks_ = 0, bytes_ = 0;
};

}  // namespace heapmeter::leaks
