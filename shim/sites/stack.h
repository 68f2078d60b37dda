// SPDX-License-Identifier: MIT
//
// The call stack of a thread, captured: its return addresses, and a hash of them, outermost first. What a
// thread captured before is its own record; where that still holds, little is walked. No lock, no allocation,
// no call of the loader; nothing is read but the live part of the stack that the thread is on.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sites/frames.h"
#include "sites/memo.h"
#include "sites/own_stack.h"
#include "sites/registers.h"

namespace heapmeter::sites {

// Whether stacks can be walked on this machine; elsewhere each is cut short behind its first frame.
#if defined(__x86_64__)
constexpr bool kCanWalk = true;
#else
constexpr bool kCanWalk = false;
#endif

// One thread's record, in memory that starts as zero, and of which only what its stacks need is touched.
struct Stack {
  static constexpr size_t kMemos = 512;

  uintptr_t busy;  // the sp of the capture that is at work; 0: none
  OwnStack own;
  // What was captured last.
  const Memo *memo;        // it is this one, on the frames it names; or
  uint32_t is_unusual;     // it is in `unusual`; or else in `frames`
  uint32_t unusual_count;  //
  uint32_t joined;         // of `frames`, how many were there before
  uintptr_t deep_sp;       // here, and further down, the stack was too deep
  Frames frames;
  Passed passed[kMostFrames];
  uintptr_t unusual[kMostFrames];
  Memo memos[kMemos];

  // It was left by a jump, wherever it was.
  void forget_capture() noexcept {
    store_whole(busy, uintptr_t{0});
    frames.keep(0);
  }
};

struct Captured {
  uint64_t hash;
  uint32_t site;       // what was remembered beside this stack; 0: nothing
  uint32_t cut_short;  // 1: the walk did not reach the outermost frame. A byte would be merged into its word
};

// `from` is the caller of the hook. In a signal handler that came during a capture: cut short, hash 0, no
// frames, and what the thread was capturing stays as it is.
Captured capture(Stack &stack, const Registers &from) noexcept;
// Of what was captured last.
size_t depth(const Stack &stack) noexcept;
uintptr_t frame(const Stack &stack, size_t outermost_first) noexcept;
// What the function there had as its sp; 0 where that was not kept.
uintptr_t frame_sp(const Stack &stack, size_t outermost_first) noexcept;
// Beside the frame that it ends with and, where stacks are captured often, for when it comes up again: each
// of those takes a page of memory at first.
void remember_site(Stack &stack, uint32_t site, bool often = true) noexcept;

// To the caller's caller, by the rules of code that is known to be called as usual: the meter's own.
bool step_out(Registers &at) noexcept;
// The same of any code, on the thread's own stack.
bool step_out_on(Stack &stack, Registers &at) noexcept;

// Before code is unmapped (dlclose), and again after.
void invalidate() noexcept;

}  // namespace heapmeter::sites
