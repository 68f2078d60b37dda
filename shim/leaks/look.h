// SPDX-License-Identifier: MIT
//
// One look: an image of this process is made and marked, and what nothing reaches in it is told. The program
// goes on meanwhile; it sees no child, no signal, no descriptor.
#pragma once

#include "leaks/findings.h"
#include "leaks/knowledge.h"

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
  // Until forget(), or the next one.
  Findings *findings() const noexcept { return findings_; }
  void forget() noexcept;

 private:
  const char *take_one(uintptr_t stack_pointer, const Knowledge &knowledge, uint32_t patience_ms) noexcept;

  Findings *findings_ = nullptr;
};

const char *words(Failure failure) noexcept;

}  // namespace heapmeter::leaks
