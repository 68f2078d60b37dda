// SPDX-License-Identifier: MIT
#include "leaks/blocks.h"

#include "base/sys.h"
#include "books/ledger_walk.h"

namespace heapmeter::leaks {
namespace {

constexpr size_t kNone = ~size_t{0};

uint64_t until(size_t bit) noexcept { return ~uint64_t{0} >> (63 - bit); }
uint64_t since(size_t bit) noexcept { return ~uint64_t{0} << bit; }
size_t highest(uint64_t word) noexcept { return 63 - static_cast<size_t>(__builtin_clzll(word)); }
size_t lowest(uint64_t word) noexcept { return static_cast<size_t>(__builtin_ctzll(word)); }

}  // namespace

Blocks::Gib *Blocks::gib_at(uintptr_t address) noexcept {
  Gib *&gib = gibs_[address >> kGibShift];
  if (gib != nullptr) return gib;
  constexpr size_t kBytes = kWords * sizeof(Word) + (kWords + kSummaryWords) * sizeof(uint64_t) + sizeof(Gib);
  auto *memory = static_cast<char *>(sys::map(kBytes));
  if (memory == nullptr) return nullptr;
  auto *words = reinterpret_cast<Word *>(memory);
  auto *pointed_at = reinterpret_cast<uint64_t *>(words + kWords);
  uint64_t *level = pointed_at + kWords;
  gib = reinterpret_cast<Gib *>(level + kSummaryWords);
  *gib = {words, pointed_at, {level, level + kWords / 64, level + kWords / 64 + kWords / 64 / 64}, 0};
  return gib;
}

bool Blocks::add(uintptr_t start, uint64_t size) noexcept {
  Gib *gib = gib_at(start);
  if (gib == nullptr) return false;
  size_t at = granule(start);
  gib->words[at / 64].starts |= uint64_t{1} << at % 64;
  for (uint64_t *summary : gib->summary) {
    at /= 64;
    summary[at / 64] |= uint64_t{1} << at % 64;
  }
  const uintptr_t end = start + extent_of(size);
  for (uintptr_t next = (start >> kGibShift) + 1; next << kGibShift < end; ++next) {
    Gib *reached = gib_at(next << kGibShift);
    if (reached == nullptr) return false;
    reached->reaching_in = start;
  }
  if (start < lowest_) lowest_ = start;
  if (end > end_) end_ = end;
  ++blocks_;
  bytes_ += size;
  return true;
}

bool Blocks::take(const Ledger &ledger, Behind behind) noexcept {
  ledger_ = &ledger;
  behind_ = behind;
  gibs_ = static_cast<Gib **>(sys::map(kGibs * sizeof *gibs_));
  if (gibs_ == nullptr) return false;
  LedgerWalk walk(ledger);
  for (ledger::Known block; walk.next(block);) {
    if (block.noted.form == entry::Form::kSampled) block.noted = noted(block.start);
    if (block.noted.live() && !add(block.start, block.noted.size)) return false;
  }
  return true;
}

// The last start at this granule or before it, kNone when there is none.
size_t Blocks::last_until(const Gib &gib, size_t granule) noexcept {
  const uint64_t here = gib.words[granule / 64].starts & until(granule % 64);
  if (here != 0) return granule / 64 * 64 + highest(here);
  size_t at = granule / 64, level = 0;
  for (;; ++level) {
    if (level == kLevels) return kNone;
    // Of its own word the bits before; on the top level, of all words.
    const size_t word = at / 64;
    uint64_t before = at % 64 == 0 ? 0 : gib.summary[level][word] & until(at % 64 - 1);
    size_t found = word;
    if (level == kLevels - 1) {
      while (before == 0 && found != 0) before = gib.summary[level][--found];
    }
    at = word;
    if (before == 0) continue;
    at = found * 64 + highest(before);
    break;
  }
  while (level-- > 0) at = at * 64 + highest(gib.summary[level][at]);
  return at * 64 + highest(gib.words[at].starts);
}

size_t Blocks::first_since(const Gib &gib, size_t granule) noexcept {
  const uint64_t here = gib.words[granule / 64].starts & since(granule % 64);
  if (here != 0) return granule / 64 * 64 + lowest(here);
  for (size_t at = granule / 64 + 1; at < kWords;) {
    const uint64_t some = gib.summary[0][at / 64] & since(at % 64);
    if (some != 0) {
      at = at / 64 * 64 + lowest(some);
      return at * 64 + lowest(gib.words[at].starts);
    }
    // To the next word of the lowest summary that has any.
    size_t next = at / 64 + 1;
    while (next < kWords / 64 && (gib.summary[1][next / 64] & since(next % 64)) == 0) {
      next = (next / 64 + 1) * 64;
    }
    if (next >= kWords / 64) return kNone;
    at = (next / 64 * 64 + lowest(gib.summary[1][next / 64] & since(next % 64))) * 64;
  }
  return kNone;
}

uintptr_t Blocks::around(uintptr_t word) const noexcept {
  if (!within(word)) return 0;
  const uintptr_t address = address_of(word);
  const Gib *gib = gibs_[address >> kGibShift];
  if (gib == nullptr) return 0;
  // Most point at a block's first granule: how far it goes is not asked.
  if ((gib->words[granule(address) / 64].starts & bit(address)) != 0) return address & -kGranule;
  const size_t found = last_until(*gib, granule(address));
  const uintptr_t start =
      found == kNone ? gib->reaching_in : (address >> kGibShift << kGibShift) + found * kGranule;
  return start != 0 && address - start < extent_of(size(start)) ? start : 0;
}

entry::Decoded Blocks::noted(uintptr_t start) const noexcept {
  const auto *block = reinterpret_cast<const void *>(start);
  entry::Decoded noted = ledger_->find(block).decode();
  if (noted.form == entry::Form::kSampled && behind_ != nullptr) behind_(block, noted);
  return noted;
}

bool Blocks::reach(uintptr_t start) noexcept {
  uint64_t &reached = word(start).reached;
  const uint64_t before = reached;
  reached = before | bit(start);
  return before != reached;
}

uintptr_t Blocks::first_from(uintptr_t address) const noexcept {
  if (address < lowest_) address = lowest_;
  for (; address < end_; address = ((address >> kGibShift) + 1) << kGibShift) {
    const Gib *gib = gibs_[address >> kGibShift];
    const size_t found = gib == nullptr ? kNone : first_since(*gib, granule(address));
    if (found != kNone) return (address >> kGibShift << kGibShift) + found * kGranule;
  }
  return 0;
}

// A word at a time: mostly all of its blocks are reached.
uintptr_t Blocks::first_unreached_from(uintptr_t address) const noexcept {
  for (uintptr_t start = address; (start = first_from(start)) != 0;) {
    const Word &some = word(start);
    const uint64_t left = some.starts & ~some.reached & since(granule(start) % 64);
    const uintptr_t first = start - granule(start) % 64 * kGranule;
    if (left != 0) return first + lowest(left) * kGranule;
    start = first + 64 * kGranule;
  }
  return 0;
}

}  // namespace heapmeter::leaks
