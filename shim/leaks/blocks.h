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
#include "books/ledger_walk.h"

namespace heapmeter::leaks {

// Of a word that may have tags where no address has bits.
inline uintptr_t address_of(uintptr_t word) noexcept {
  return word & ((uintptr_t{1} << ledger::kAddressBits) - 1);
}

class Blocks {
 public:
  // What an entry that says less than all stands for.
  using Behind = void (*)(const void *block, entry::Decoded &noted);

  // Takes all of the ledger, once, and tells `each(start, noted)` of every block. False where there is no
  // memory for that.
  template <typename Each>
  bool take(const Ledger &ledger, Behind behind, Each each) noexcept {
    if (!begin(ledger, behind)) return false;
    LedgerWalk walk(ledger);
    for (ledger::Known block; walk.next(block);) {
      if (block.noted.form == entry::Form::kSampled) block.noted = noted(block.start);
      if (!block.noted.live()) continue;
      if (!add(block.start, block.noted.size)) return false;
      each(block.start, block.noted);
    }
    return true;
  }
  bool take(const Ledger &ledger, Behind behind) noexcept {
    return take(ledger, behind, [](uintptr_t, const entry::Decoded &) {});
  }
  // Before: there will be so many that huge pages for what is known of them are worth their clearing.
  void expect(uint64_t blocks) noexcept { many_ = blocks >= kMany; }
  uint64_t blocks() const noexcept { return blocks_; }
  uint64_t bytes() const noexcept { return bytes_; }
  uintptr_t heap_start() const noexcept { return lowest_; }
  uintptr_t heap_end() const noexcept { return end_; }

  // The start of the block that the word points into, or just behind; 0 where it is none's. Programs keep
  // tags in the bits that no address of theirs has: those do not count.
  uintptr_t around(uintptr_t word) const noexcept;
  // Whether it can be any's; soon there will be asked which, and for what is in it.
  bool within(uintptr_t word) const noexcept { return address_of(word) - lowest_ < end_ - lowest_; }
  void fetch(uintptr_t word) const noexcept {
    const uintptr_t address = address_of(word);
    const Gib *gib = gibs_[address >> kGibShift];
    if (gib == nullptr) return;
    __builtin_prefetch(reinterpret_cast<const void *>(address));
    __builtin_prefetch(&gib->words[granule(address) / 64], 1);
    if (const uint8_t *chunk = ledger_->directory()[address >> ledger::kChunkShift]; chunk != nullptr)
      __builtin_prefetch(chunk + address / kGranule);
  }
  entry::Decoded noted(uintptr_t start) const noexcept;
  // What was asked for. Behind that is what whoever had the memory before left there.
  size_t size(uintptr_t start) const noexcept {
    if (const uint8_t *chunk = ledger_->directory()[start >> ledger::kChunkShift]; chunk != nullptr) {
      const size_t size = entry::regular_size(chunk + start / kGranule);
      if (HEAPMETER_LIKELY(size <= kFineLimit)) return size;
    }
    return noted(start).size;
  }

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

  static constexpr uint64_t kMany = 1'000'000;

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
  bool begin(const Ledger &ledger, Behind behind) noexcept;
  Gib *gib_at(uintptr_t address) noexcept;
  // Nearly all lie in one GiB, which has others.
  HEAPMETER_INLINE bool add(uintptr_t start, uint64_t size) noexcept {
    const Gib *gib = gibs_[start >> kGibShift];
    const uintptr_t end = start + extent_of(size);
    if (HEAPMETER_UNLIKELY(gib == nullptr || (end - 1) >> kGibShift != start >> kGibShift)) {
      gib = with_all_of(start, end);
      if (gib == nullptr) return false;
    }
    uint64_t &starts = gib->words[granule(start) / 64].starts;
    if (starts == 0) note_word(*gib, granule(start) / 64);
    starts |= bit(start);
    if (start < lowest_) lowest_ = start;
    if (end > end_) end_ = end;
    ++blocks_;
    bytes_ += size;
    return true;
  }
  const Gib *with_all_of(uintptr_t start, uintptr_t end) noexcept;
  static void note_word(const Gib &gib, size_t word) noexcept;
  static size_t last_until(const Gib &gib, size_t granule) noexcept;
  static size_t first_since(const Gib &gib, size_t granule) noexcept;

  const Ledger *ledger_ = nullptr;
  Behind behind_ = nullptr;
  Gib **gibs_ = nullptr;
  uintptr_t lowest_ = UINTPTR_MAX, end_ = 0;
  uint64_t blocks_ = 0, bytes_ = 0;
  bool many_ = false;
};

}  // namespace heapmeter::leaks
