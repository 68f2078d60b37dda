// SPDX-License-Identifier: MIT
//
// What was found out about return addresses, for all threads: 2^16 words, each read and written whole. A word
// names its address exactly, and the generation of the code it was found in: once code was unmapped, no rule
// from before is believed.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "sites/cfi.h"

namespace heapmeter::sites {

// A rule in a word, so laid out that a walk needs few instructions: from the top 31 bits of the address, 11
// of the generation, 14 of the offset and 5 of where bp is, both in words of the stack, 3 of the way.
class PackedRule {
 public:
  static constexpr int kWayBits = 3, kSavedBits = 5, kOffsetBits = 14, kGenerationBits = 11;
  static constexpr int kSavedAt = kWayBits, kOffsetAt = kSavedAt + kSavedBits;
  static constexpr int kGenerationAt = kOffsetAt + kOffsetBits, kTagAt = kGenerationAt + kGenerationBits;
  static constexpr uint64_t kGenerations = 1 << kGenerationBits;

  static constexpr uint64_t kWayMask = (1 << kWayBits) - 1, kFromSpBits = 0;  // the most frequent way

  constexpr PackedRule() noexcept = default;
  constexpr explicit PackedRule(uint64_t word) noexcept : word_(word) {}
  // One that does not fit is odd.
  PackedRule(uint64_t tag, uint64_t generation, const Rule &rule) noexcept;

  constexpr uint64_t word() const noexcept { return word_; }
  // Whether it has this tag, at the top of a word that is 0 below, and is of this generation.
  constexpr bool is(uint64_t tag, uint64_t generation) const noexcept {
    return (word_ ^ tag) >> kGenerationAt == generation;
  }
  constexpr uint32_t generation() const noexcept { return word_ >> kGenerationAt & (kGenerations - 1); }
  constexpr Way way() const noexcept {
    return static_cast<Way>((word_ & kWayMask) ^ static_cast<uint64_t>(Way::kFromSp));
  }
  constexpr bool is_from_sp() const noexcept { return (word_ & kWayMask) == kFromSpBits; }
  // In bytes; of Way::kAtBp downward.
  constexpr uintptr_t offset() const noexcept {
    return (word_ & ((1 << kGenerationAt) - 1)) >> kOffsetAt << 3;
  }
  constexpr uintptr_t saved_bp() const noexcept { return word_ & ((1 << kOffsetAt) - (1 << kSavedAt)); }
  Rule rule() const noexcept;

 private:
  uint64_t word_ = 0;
};
static_assert(PackedRule::kSavedAt == 3, "words of the stack are 8 bytes");

class Rules {
 public:
  static constexpr int kBits = 16, kNeighbours = 4, kAddressBits = 47;
  static_assert(kAddressBits - kBits + PackedRule::kTagAt == 64);

  // The generation that what is found out from now on belongs to.
  uint32_t generation() const noexcept { return load_whole(passed_) + 1; }
  // Called before code is unmapped and after it: what is found out between is void as well.
  void invalidate() noexcept;

  // Of an address below 2^47. `generation` as it was when the walk began.
  HEAPMETER_INLINE PackedRule of(uintptr_t ip, uint64_t generation) noexcept {
    return of(ip, generation, numbered(generation));
  }
  HEAPMETER_INLINE PackedRule of(uintptr_t ip, uint64_t generation, uint64_t number) noexcept {
    const uint64_t hash = hash_of(ip);
    const PackedRule rule(load_whole(words_[hash >> (64 - kBits)]));
    return HEAPMETER_LIKELY(rule.is(tag_of(hash), number)) ? rule : beside(ip, generation);
  }
  // As a rule has it.
  static uint64_t numbered(uint64_t generation) noexcept { return generation % PackedRule::kGenerations; }

 private:
  // Odd, and then moved to the top: no two addresses have the same product.
  static constexpr uint64_t kMix = 0x9E3779B97F4A7C15 << (64 - kAddressBits);
  static uint64_t hash_of(uintptr_t ip) noexcept { return ip * kMix; }
  // What the place in the table does not say of the address.
  static uint64_t tag_of(uint64_t hash) noexcept { return hash << kBits; }

  PackedRule beside(uintptr_t ip, uint64_t generation) noexcept;
  PackedRule find_out(uintptr_t ip, uint64_t generation) noexcept;

  uint64_t words_[(size_t{1} << kBits) + kNeighbours] = {};
  uint32_t passed_ = 0;  // all zero at first: no part of the library's file
};

extern Rules the_rules;

}  // namespace heapmeter::sites
