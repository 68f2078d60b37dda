// SPDX-License-Identifier: MIT
//
// Stacks that came up recently, each as the few words that its walk read until it met a frame of the stack
// before it. Where these are what they were, and that frame is there with all outside it, the site is known.
#pragma once

#include <stdint.h>

#include "sites/frames.h"

namespace heapmeter::sites {

struct Memo {
  static constexpr uint32_t kMostWords = 12;

  uint32_t generation;  // 0: none; of the code
  uint32_t site;
  Registers at;
  uint64_t outer_hash;
  uintptr_t outer_sp, outer_bp;
  uint32_t outer;  // its number
  bool needs_bp;
  uint8_t frames, words;  // of those below, the first are the return addresses between, outermost first
  Word read[kMostWords];

  HEAPMETER_INLINE bool is(const Registers &now, uint32_t generation_now) const noexcept {
    return at.ip == now.ip && at.sp == now.sp && generation == generation_now &&
           (!needs_bp || at.bp == now.bp);
  }
  bool holds(const Frames &stack) const noexcept {
    if (outer > stack.count()) return false;
    const Frame &frame = stack[outer];
    if (frame.hash != outer_hash || frame.sp != outer_sp) return false;
    if (frame.needs_bp() && frame.bp != outer_bp) return false;
    uintptr_t changed = 0;
    for (uint32_t i = 0; i < words; ++i) changed |= read[i].change();
    return changed == 0 && stack.is_unchanged(outer);
  }

  // The innermost frame of a stack whose outer part, up to `joined`, was there before.
  void note(const Frames &stack, uint32_t joined, uint32_t generation_now) noexcept {
    const uint32_t innermost = stack.count();
    const Frame &frame = stack[innermost], &outer_frame = stack[joined];
    if (joined == 0 || innermost <= joined) return;
    const uint32_t between = innermost - 1 - joined;
    if (between + frame.words() - outer_frame.words() > kMostWords) return;
    // Void while it is written: a signal handler may leave by a jump, never to come back.
    store_whole(generation, 0u);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    site = frame.site;
    at = {frame.ip, frame.sp, frame.bp};
    outer_hash = outer_frame.hash;
    outer_sp = outer_frame.sp;
    outer_bp = outer_frame.bp;
    outer = joined;
    needs_bp = frame.needs_bp();
    frames = words = static_cast<uint8_t>(between);
    for (uint32_t i = 0; i < between; ++i) {
      const Frame &one = stack[joined + 1 + i];
      read[i] = {one.sp - sizeof(uintptr_t), one.ip};
    }
    for (uint32_t i = outer_frame.words(); i < frame.words(); ++i) read[words++] = stack.word(i);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    store_whole(generation, generation_now);
  }
};

}  // namespace heapmeter::sites
