// SPDX-License-Identifier: MIT
//
// Looks at this very process, whose own heap is nobody's: only what the tests take from the tracked heap is
// in the books.
#pragma once

#include "leaks/look.h"

#include <gtest/gtest.h>
#include <string.h>
#include <strings.h>

#include <vector>

#include "books/thread_state.h"
#include "leaks/totals.h"
#include "tracking/tracked_heap.h"

namespace heapmeter {

inline constexpr uint32_t kPatienceMs = 60'000;

HEAPMETER_NOINLINE inline void *block(size_t bytes) {
  tracked_heap::begin();
  void *start = tracked_heap::allocate_slow(bytes, AllocationKind::k_malloc, Family::kMalloc, false);
  memset(start, 0, bytes);
  return start;
}
inline void release(void *start) {
  tracked_heap::release_slow(start, FreeKind::k_free, Family::kMalloc, tracked_heap::kAnySize);
}

// What calls before this left on the stack is gone; in frames of several sizes, each of which leaves
// something as it was.
template <size_t bytes>
HEAPMETER_NOINLINE void scrub_frame() {
  volatile char room[bytes];
  for (size_t i = 0; i < bytes; ++i) room[i] = 0;
  (void)room[0];
}
HEAPMETER_NOINLINE inline void scrub() {
  scrub_frame<32768>();
  scrub_frame<8000>();
  scrub_frame<4072>();
}

inline uint32_t no_site(const void *) { return 0; }

class Looks : public ::testing::Test {
 protected:
  // Of the blocks of this size.
  leaks::Sum lost(size_t bytes) {
    const char *failure = look_.take(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs);
    EXPECT_EQ(failure, nullptr) << failure;
    return failure == nullptr ? found(bytes) : leaks::Sum{};
  }
  leaks::Sum found(size_t bytes) {
    leaks::Sum sum{};
    for (size_t at = 0; at < look_.findings()->lost_count; ++at) {
      const leaks::Lost &one = look_.findings()->lost[at];
      if (one.size != bytes) continue;
      sum.add(one);
      if (addresses_.size() == addresses_.capacity()) {
        ADD_FAILURE() << "more are lost than there is room for their addresses";
        break;
      }
      addresses_.push_back(one.address);
    }
    return sum;
  }
  // In one place, which is wiped: what a vector leaves in this process's own heap points at the blocks of the
  // next test where the allocator gives the same addresses again.
  void SetUp() override { addresses_.reserve(4096); }
  void TearDown() override {
    for (uint64_t address : addresses_) release(reinterpret_cast<void *>(address));
    explicit_bzero(addresses_.data(), addresses_.capacity() * sizeof(uint64_t));
    look_.forget();
  }

  leaks::Look look_;
  std::vector<uint64_t> addresses_;
};

}  // namespace heapmeter
