// SPDX-License-Identifier: MIT
//
// What the library is about in this process: one state, and one set of reasons for the slow way.
//
// early -> beginning -> counting, or passing. The first call that comes after relocation decides, once; what
// the decision itself allocates meets `beginning`. Passing, every call goes to the allocator behind us and
// nothing is counted.
//
// fast_span, and fast_granules with it, follows from the reasons. Whoever adds one clears the span
// afterwards, and whoever sets the span looks at the reasons again: none is passed over. A thread that clears
// it late may leave it at 0 without a reason; the slow way, which all take then, notices.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

namespace heapmeter::mode {

enum class State : uint8_t { kEarly, kBeginning, kCounting, kPassing };
enum Reason : uint32_t {
  kNotCounting = 1,
  kOtherBackend = 2,    // only mimalloc is called directly
  kHeapCallsAhead = 4,  // another malloc, free … comes before ours: we are reached by those who look past it
  kGoingBack = 8,       // surplus memory goes back to the kernel
  kUntouched = 16,      // the allocator has not been asked for anything yet
  kEverySite = 32,      // each block is noted with the code that made it
};

// Sizes below fast_span take the fast path: 0 until counting has begun, which also means that
// nothing of ours may be relocated yet, and while there is any reason for the slow way.
extern HEAPMETER_HIDDEN size_t fast_span;
// Likewise releases, of addresses of less than so many granules: 0, or all that the ledger covers.
extern HEAPMETER_HIDDEN uintptr_t fast_granules;
extern HEAPMETER_HIDDEN State state;
extern HEAPMETER_HIDDEN uint32_t reasons;

inline State now() noexcept { return load_acquire(state); }
inline bool counting() noexcept { return now() == State::kCounting; }
inline bool passing() noexcept { return now() == State::kPassing; }
inline bool is_just(Reason reason) noexcept { return __atomic_load_n(&reasons, __ATOMIC_RELAXED) == reason; }
inline bool is(Reason reason) noexcept { return (__atomic_load_n(&reasons, __ATOMIC_RELAXED) & reason) != 0; }

void add(Reason reason) noexcept;
void remove(Reason reason) noexcept;
// On the slow way: whether it is still needed.
void look_again() noexcept;

// True for one caller only: it decides, and ends the beginning with one of the other two.
bool begin() noexcept;
void end_beginning(State state) noexcept;

}  // namespace heapmeter::mode
