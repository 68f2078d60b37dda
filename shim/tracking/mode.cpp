// SPDX-License-Identifier: MIT
#include "tracking/mode.h"

#include "books/counters.h"
#include "books/entry.h"
#include "books/ledger.h"

namespace heapmeter::mode {

constinit size_t fast_span = 0;
constinit uintptr_t fast_granules = 0;
constinit State state = State::kEarly;
constinit uint32_t reasons = kNotCounting;

namespace {

constexpr uintptr_t kAllGranules = (uintptr_t{1} << ledger::kAddressBits) / kGranule;

void clear_span() noexcept {
  __atomic_store_n(&fast_granules, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&fast_span, 0, __ATOMIC_SEQ_CST);
}

void set_span() noexcept {
  __atomic_store_n(&fast_granules, kAllGranules, __ATOMIC_SEQ_CST);
  __atomic_store_n(&fast_span, kTallyLimit + 1, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&reasons, __ATOMIC_SEQ_CST) != 0) clear_span();
}

}  // namespace

void add(Reason reason) noexcept {
  __atomic_or_fetch(&reasons, reason, __ATOMIC_SEQ_CST);
  clear_span();
}

void remove(Reason reason) noexcept {
  if (__atomic_and_fetch(&reasons, ~static_cast<uint32_t>(reason), __ATOMIC_SEQ_CST) == 0) set_span();
}

void look_again() noexcept {
  const bool slow = load_whole(fast_span) == 0 || load_whole(fast_granules) == 0;
  if (slow && load_whole(reasons) == 0) set_span();
}

bool begin() noexcept {
  State expected = State::kEarly;
  return change_whole(state, expected, State::kBeginning);
}

void end_beginning(State decided) noexcept {
  store_release(state, decided);
  if (decided == State::kCounting) remove(kNotCounting);
}

}  // namespace heapmeter::mode
