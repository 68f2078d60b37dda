// SPDX-License-Identifier: MIT
#include "sites/rules.h"

#include "base/compiler.h"

namespace heapmeter::sites {
namespace {

constexpr uint64_t kWord = sizeof(uint64_t);

bool fits(int64_t bytes, int bits) noexcept {
  return bytes >= 0 && bytes % static_cast<int64_t>(kWord) == 0 && bytes >> 3 < int64_t{1} << bits;
}

// Such that the walk need only compare where it arrives with the ends of the stack.
bool fits(const Rule &rule) noexcept {
  switch (rule.way) {
    case Way::kFromSp:
    case Way::kFromBp:
      // Nothing below sp is read: there is nothing of the caller's.
      return rule.offset != 0 && fits(rule.offset, PackedRule::kOffsetBits) &&
             fits(-rule.saved_bp, PackedRule::kSavedBits) &&
             (rule.way == Way::kFromBp || -rule.saved_bp <= rule.offset);
    case Way::kAtBp:
      return rule.offset != 0 && fits(-rule.offset, PackedRule::kOffsetBits);
    default:
      return true;
  }
}

}  // namespace

constinit Rules the_rules HEAPMETER_APART("rules");

PackedRule::PackedRule(uint64_t tag, uint64_t generation, const Rule &rule) noexcept
    : word_(tag | generation << kGenerationAt) {
  const Way way = fits(rule) ? rule.way : Way::kOdd;
  word_ |= static_cast<uint64_t>(way) ^ static_cast<uint64_t>(Way::kFromSp);
  if (way == Way::kOdd) return;
  if (way == Way::kAtBp) {
    word_ |= static_cast<uint64_t>(-rule.offset) / kWord << kOffsetAt;
  } else if (way == Way::kFromSp || way == Way::kFromBp) {
    word_ |= static_cast<uint64_t>(rule.offset) / kWord << kOffsetAt;
    word_ |= static_cast<uint64_t>(-rule.saved_bp) / kWord << kSavedAt;
  }
}

Rule PackedRule::rule() const noexcept {
  const auto bytes = static_cast<int64_t>(offset());
  return {way(), way() == Way::kAtBp ? -bytes : bytes, -static_cast<int64_t>(saved_bp())};
}

HEAPMETER_NOINLINE PackedRule Rules::beside(uintptr_t ip, uint64_t generation) noexcept {
  const uint64_t hash = hash_of(ip);
  const uint64_t *first = &words_[hash >> (64 - kBits)];
  for (int i = 1; i < kNeighbours; ++i) {
    const PackedRule rule(load_whole(first[i]));
    if (rule.is(tag_of(hash), numbered(generation))) return rule;
  }
  return find_out(ip, generation);
}

HEAPMETER_COLD PackedRule Rules::find_out(uintptr_t ip, uint64_t generation) noexcept {
  const uint64_t hash = hash_of(ip);
  uint64_t *first = &words_[hash >> (64 - kBits)];
  // Instead of one that is void, or else of any: threads may find out the same twice.
  uint64_t *place = first + (ip >> 1) % kNeighbours;
  for (int i = 0; i < kNeighbours; ++i) {
    if (PackedRule(load_whole(first[i])).generation() != numbered(generation)) {
      place = first + i;
      break;
    }
  }
  uint64_t was = load_whole(*place);
  const Rule rule = rule_at(ip - 1);
  const PackedRule packed(tag_of(hash), numbered(generation), rule);
  // Of code that belongs to no object nobody says when it goes. A rule of a generation that has passed must
  // not outlast its number: the table is cleared before that comes again.
  if (rule.way != Way::kNone && numbered(generation) != 0 && generation == this->generation()) {
    __atomic_compare_exchange_n(place, &was, packed.word(), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }
  return packed;
}

void Rules::invalidate() noexcept {
  const uint32_t now = __atomic_add_fetch(&passed_, 1, __ATOMIC_SEQ_CST) + 1;
  if (now % PackedRule::kGenerations != 0) return;
  // The numbers begin anew, and 0 is none. What is left here belongs to this clearing only, so that a thread
  // which was held up since before it cannot put its rule in place.
  for (uint64_t &word : words_) store_whole(word, uint64_t{now} << PackedRule::kTagAt);
  __atomic_add_fetch(&passed_, 1, __ATOMIC_SEQ_CST);
}

}  // namespace heapmeter::sites
