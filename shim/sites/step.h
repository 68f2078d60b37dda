// SPDX-License-Identifier: MIT
//
// One frame outward on a stack of which [sp, end) can be read.
#pragma once

#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "sites/registers.h"
#include "sites/rules.h"

// The value, of which the compiler then knows nothing: it keeps it, and makes it neither again nor out of
// others.
#define HEAPMETER_KEPT(value) \
  __extension__({             \
    auto kept = (value);      \
    __asm__("" : "+r"(kept)); \
    kept;                     \
  })

namespace heapmeter::sites {

// Sanitizers have marks of their own on stacks, and this reads whatever is there.
#if defined(HEAPMETER_SANITIZED)
#define HEAPMETER_READS_STACKS inline __attribute__((noinline, no_sanitize("address", "thread")))
#else
#define HEAPMETER_READS_STACKS HEAPMETER_INLINE
#endif
HEAPMETER_READS_STACKS uintptr_t word_at(uintptr_t address) noexcept {
  using Word __attribute__((may_alias)) = const uintptr_t;
  return *reinterpret_cast<Word *>(address);
}

// 0 and all that cannot be a program's address are none.
HEAPMETER_INLINE bool is_code(uintptr_t ip) noexcept { return (ip - 1) >> Rules::kAddressBits == 0; }

enum class Step : uint8_t {
  kOut,
  kEnd,      // this was the outermost
  kUnusual,  // not by the stack's words alone, or not within its bounds
};

// The address is not looked at: of what is no code there is no rule, and the next step says so.
HEAPMETER_INLINE Step step(Registers &at, PackedRule rule, uintptr_t end) noexcept {
  if (HEAPMETER_LIKELY(rule.is_from_sp())) {
    at.sp += rule.offset();
    if (HEAPMETER_UNLIKELY(at.sp > end)) return Step::kUnusual;
    if (rule.saved_bp() != 0) at.bp = word_at(at.sp - rule.saved_bp());
    at.ip = word_at(at.sp - 8);
    return Step::kOut;
  }
  uintptr_t cfa;
  const PackedRule unusual(HEAPMETER_KEPT(rule.word()));  // or its way would be made above, for each frame
  switch (unusual.way()) {
    case Way::kFromBp:
      cfa = at.bp + rule.offset();
      if (HEAPMETER_UNLIKELY(cfa - 8 < at.sp || cfa > end || (cfa & 7) != 0)) return Step::kUnusual;
      if (HEAPMETER_UNLIKELY(cfa - rule.saved_bp() < at.sp)) return Step::kUnusual;
      if (rule.saved_bp() != 0) at.bp = word_at(cfa - rule.saved_bp());
      break;
    case Way::kAtBp:
      if (at.bp < at.sp || at.bp - at.sp < rule.offset() || at.bp > end - 8 || (at.bp & 7) != 0)
        return Step::kUnusual;
      cfa = word_at(at.bp - rule.offset());
      if (cfa - 8 < at.sp || cfa > end || (cfa & 7) != 0) return Step::kUnusual;
      at.bp = word_at(at.bp);
      break;
    case Way::kEnd:
      return Step::kEnd;
    default:
      return Step::kUnusual;
  }
  at.ip = word_at(cfa - 8);
  at.sp = cfa;
  return Step::kOut;
}

}  // namespace heapmeter::sites
