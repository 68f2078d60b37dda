// SPDX-License-Identifier: MIT
//
// The stack that was walked last, outermost frame first, with all that the walk read of it. The walk outward
// from a frame is a function of its registers and of those words: while they are what they were, it need not
// be done again. That holds for a stack that was walked to its end by usual steps; no other is kept.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sites/step.h"

namespace heapmeter::sites {

constexpr size_t kMostFrames = 2048;
// Of a stack that is deeper; as many as are worth their price each time, for they are walked each time.
constexpr size_t kFramesOfTooMany = 512;

inline uint64_t hash_on(uint64_t outer, uintptr_t ip) noexcept {
  const uint64_t mixed = (outer ^ ip) * 0x9FB21C651E98DF25;
  return mixed >> 32 | mixed << 32;
}

struct Frame {
  uintptr_t sp, ip, bp;
  uint64_t hash;   // of the return addresses up to here
  uint32_t site;   // 0: not known
  uint32_t reads;  // 8 for each word beside return addresses, and 1 when the walk outward needs bp

  static constexpr uint32_t kNeedsBp = 1, kWord = 8;
  uint32_t words() const noexcept { return reads / kWord; }
  bool needs_bp() const noexcept { return (reads & kNeedsBp) != 0; }
  HEAPMETER_INLINE bool is(const Registers &now) const noexcept {
    return sp == now.sp && ip == now.ip && (!needs_bp() || bp == now.bp);
  }
  // Since the walk has read it: what it returned to.
  HEAPMETER_INLINE uintptr_t change() const noexcept { return word_at(sp - sizeof(uintptr_t)) ^ ip; }
};

// A frame that a walk has just gone through, and how.
struct Passed {
  uintptr_t sp, ip, bp;
  PackedRule rule;
};

// A word on the stack, beside the return addresses.
struct Word {
  uintptr_t at, is;
  uintptr_t change() const noexcept { return word_at(at) ^ is; }
};

// Lives in memory that starts as zero.
class Frames {
 public:
  // The outermost is number 1.
  uint32_t count() const noexcept { return count_; }
  Frame &operator[](uint32_t number) noexcept { return frames_[number]; }
  const Frame &operator[](uint32_t number) const noexcept { return frames_[number]; }
  const Word &word(uint32_t number) const noexcept { return words_[number]; }

  void keep(uint32_t count) noexcept { count_ = count; }
  // What was found out about code of another generation is void.
  void begin(uint32_t generation) noexcept {
    // Ends every search outward; all else of it stays 0.
    frames_[0].sp = UINTPTR_MAX;
    if (generation_ == generation) return;
    generation_ = generation;
    count_ = 0;
  }

  // Of the frames further out than this one, how many are as they were, and all words that they need.
  uint32_t unchanged_before(uint32_t number) const noexcept;
  // Whether all are as they were, this one with them.
  bool is_unchanged(uint32_t number) const noexcept;
  // Puts what was passed, innermost first, below the frame that it led to; 0 when it led to the end.
  void put_below(uint32_t number, const Passed *passed, size_t count) noexcept;

 private:
  uint32_t generation_, count_;
  Frame frames_[kMostFrames + 1];
  Word words_[2 * kMostFrames];
};

}  // namespace heapmeter::sites
