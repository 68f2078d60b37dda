// SPDX-License-Identifier: MIT
#include "leaks/blocks.h"

#include "base/sys.h"

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
  if (many_) sys::let_pages_be_huge(memory, kWords * sizeof(Word));
  auto *words = reinterpret_cast<Word *>(memory);
  auto *pointed_at = reinterpret_cast<uint64_t *>(words + kWords);
  uint64_t *level = pointed_at + kWords;
  gib = reinterpret_cast<Gib *>(level + kSummaryWords);
  *gib = {words, pointed_at, {level, level + kWords / 64, level + kWords / 64 + kWords / 64 / 64}, 0};
  return gib;
}

const Blocks::Gib *Blocks::with_all_of(uintptr_t start, uintptr_t end) noexcept {
  const Gib *first = gib_at(start);
  for (uintptr_t next = (start >> kGibShift) + 1; first != nullptr && next << kGibShift < end; ++next) {
    Gib *reached = gib_at(next << kGibShift);
    if (reached == nullptr) return nullptr;
    reached->reaching_in = start;
  }
  return first;
}

// The first start in it.
void Blocks::note_word(const Gib &gib, size_t word) noexcept {
  for (uint64_t *summary : gib.summary) {
    summary[word / 64] |= uint64_t{1} << word % 64;
    word /= 64;
  }
}

bool Blocks::begin(const Ledger &ledger, Behind behind) noexcept {
  ledger_ = &ledger;
  behind_ = behind;
  gibs_ = static_cast<Gib **>(sys::map(kGibs * sizeof *gibs_));
  return gibs_ != nullptr;
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
  if (address < lowest_) address = lowest_;
  for (; address < end_; address = ((address >> kGibShift) + 1) << kGibShift) {
    const Gib *gib = gibs_[address >> kGibShift];
    if (gib == nullptr) continue;
    const size_t first = granule(address) / 64;
    uint64_t words = gib->summary[0][first / 64] & since(first % 64);
    for (size_t sixty_four = first / 64;;) {
      for (; words != 0; words &= words - 1) {
        const size_t at = sixty_four * 64 + lowest(words);
        uint64_t left = gib->words[at].starts & ~gib->words[at].reached;
        if (at == first) left &= since(granule(address) % 64);
        if (left != 0) return (address >> kGibShift << kGibShift) + (at * 64 + lowest(left)) * kGranule;
      }
      if (++sixty_four == kWords / 64) break;
      words = gib->summary[0][sixty_four];
    }
  }
  return 0;
}

}  // namespace heapmeter::leaks
