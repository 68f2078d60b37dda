// SPDX-License-Identifier: MIT
//
// One look: an image of this process is made and marked, and what nothing reaches in it is told. The program
// goes on meanwhile; it sees no child, no signal, no descriptor.
#pragma once

#include "leaks/findings.h"
#include "leaks/hidden.h"
#include "leaks/kernel_held.h"
#include "leaks/knowledge.h"
#include "leaks/wanted.h"

// The end of the stack of the function it stands in, with what it was called with in registers above.
#define HEAPMETER_STACK_POINTER() (__builtin_unwind_init(), reinterpret_cast<uintptr_t>(__builtin_alloca(16)))

namespace heapmeter::leaks {

class Look {
 public:
  // Where the calling thread's stack ends, as far as it is the program's: below are frames of ours. 0 where
  // it has none. What it may have in registers is to be above: HEAPMETER_STACK_POINTER.
  // Some looks, where threads are so busy that in most one of them is half-way through a call.
  // Null, or why there was none. One at a time: whoever else asks meanwhile is told so.
  const char *take(uintptr_t stack_pointer, const Knowledge &knowledge, uint32_t patience_ms) noexcept;
  // The same by a process that ends: whoever looks now breaks off.
  const char *take_last(uintptr_t stack_pointer, const Knowledge &knowledge, uint32_t patience_ms) noexcept;

  // The same, for who has other things to do meanwhile: begun, and taken further, a few milliseconds at most
  // each time, whenever it is due. Null, or why there is none.
  const char *begin(uintptr_t stack_pointer, const Knowledge &knowledge, uint32_t patience_ms) noexcept;
  // Instead of what is lost: who points at these.
  const char *begin_holders(const Wanted &wanted, const Knowledge &knowledge, uint32_t patience_ms) noexcept;
  struct Step {
    bool ended;
    const char *failure;  // when ended: null, or why there was none
  };
  Step step() noexcept;
  bool under_way() const noexcept { return stage_ != Stage::kNone; }
  uint32_t tries() const noexcept { return tries_; }
  // Of these, those that only told what there is to be read beforehand.
  uint32_t unprepared_tries() const noexcept { return unprepared_; }
  uint64_t due_ns() const noexcept { return under_way() ? due_ns_ : UINT64_MAX; }
  // Ends one that is under way, and forgets.
  void break_off() noexcept;

  // Until forget(), or the next one.
  Findings *findings() const noexcept { return findings_; }
  void forget() noexcept;
  // In a forked child: the image is not its, and nothing is under way.
  void in_child() noexcept;

 private:
  // Of one image after the other.
  enum class Stage { kNone, kBefore, kImage };

  const char *begin_one() noexcept;
  const char *prepare() noexcept;
  // Once it has looked before the image at what that will not have, the image is made.
  Step look_before() noexcept;
  const char *make_image() noexcept;
  void look_after() noexcept;
  void leave() noexcept;
  bool may_try_again() const noexcept;
  Step end(bool done) noexcept;
  Step end_void() noexcept;
  Step conclude() noexcept;
  const char *go_through() noexcept;

  Findings *findings_ = nullptr;
  Stage stage_ = Stage::kNone;
  int image_ = 0;
  bool is_last_ = false;
  uint32_t tries_ = 0, unprepared_ = 0;
  uint64_t began_ns_ = 0, due_ns_ = 0;
  Hidden before_ = {}, after_ = {};
  KernelHeld held_before_ = {}, held_after_ = {};
  uint32_t passes_ = 0;  // of looking before
  uint32_t unseen_ = 0;  // tries that were void for what was new
  Wanted wanted_ = {};
  bool asks_who_holds_ = false;
  uintptr_t stack_pointer_ = 0;
  Knowledge knowledge_ = {};
  uint32_t patience_ms_ = 0;
};

}  // namespace heapmeter::leaks
