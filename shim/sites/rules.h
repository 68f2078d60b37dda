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

// A rule in a word: 31 bits of the address, 3 of the way, 14 of the offset and 5 of where bp is, in words of
// the stack, 11 of the generation.
class PackedRule {
 public:
  static constexpr int kGenerationBits = 11, kSavedBits = 5, kOffsetBits = 14, kWayBits = 3;
  static constexpr uint64_t kGenerations = 1 << kGenerationBits;
  static constexpr int kSavedAt = kGenerationBits, kOffsetAt = kSavedAt + kSavedBits;
  static constexpr int kWayAt = kOffsetAt + kOffsetBits, kTagAt = kWayAt + kWayBits;
  static constexpr uint64_t kIdentity = ~uint64_t{0} << kTagAt | (kGenerations - 1);

  constexpr PackedRule() noexcept = default;
  constexpr explicit PackedRule(uint64_t word) noexcept : word_(word) {}
  // One that does not fit is odd.
  PackedRule(uint64_t identity, const Rule &rule) noexcept;

  constexpr uint64_t word() const noexcept { return word_; }
  constexpr Way way() const noexcept { return static_cast<Way>(word_ >> kWayAt & ((1 << kWayBits) - 1)); }
  // In bytes; of Way::kAtBp downward.
  constexpr uintptr_t offset() const noexcept { return (word_ >> kOffsetAt & ((1 << kOffsetBits) - 1)) << 3; }
  constexpr uintptr_t saved_bp() const noexcept { return (word_ >> kSavedAt & ((1 << kSavedBits) - 1)) << 3; }
  Rule rule() const noexcept;

 private:
  uint64_t word_ = 0;
};

class Rules {
 public:
  static constexpr int kBits = 16, kNeighbours = 4, kAddressBits = 47;

  // The generation that what is found out from now on belongs to.
  uint32_t generation() const noexcept { return load_whole(generation_); }
  // Called before code is unmapped and after it: what is found out between is void as well.
  void invalidate() noexcept;

  // Of an address below 2^47. `generation` as it was when the walk began.
  HEAPMETER_INLINE PackedRule of(uintptr_t ip, uint32_t generation) noexcept {
    const uint64_t hash = hash_of(ip);
    const uint64_t want = identity(hash, generation);
    const uint64_t *first = &words_[hash >> (kAddressBits - kBits)];
    const uint64_t word = load_whole(*first);
    if (HEAPMETER_LIKELY((word & PackedRule::kIdentity) == want)) return PackedRule(word);
    return beside(ip, generation);
  }

 private:
  // Odd, so that no two addresses have the same product.
  static constexpr uint64_t kMix = 0x9E3779B97F4A7C15;
  static uint64_t hash_of(uintptr_t ip) noexcept { return ip * kMix & ((uint64_t{1} << kAddressBits) - 1); }
  // What the place in the table does not say of the address.
  static uint64_t identity(uint64_t hash, uint32_t generation) noexcept {
    return hash << PackedRule::kTagAt | (generation & (PackedRule::kGenerations - 1));
  }

  PackedRule beside(uintptr_t ip, uint32_t generation) noexcept;
  PackedRule find_out(uintptr_t ip, uint32_t generation) noexcept;

  uint32_t generation_ = 1;
  uint64_t words_[(size_t{1} << kBits) + kNeighbours] = {};
};

extern Rules the_rules;

}  // namespace heapmeter::sites
