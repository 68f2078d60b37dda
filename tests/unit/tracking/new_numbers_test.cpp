// SPDX-License-Identifier: MIT
//
// After any instruction of a call sampling is switched on, so that the thread has another number of bytes up
// to the next sample, and fewer than it is about to take; or a signal handler allocates more than is left up
// to it. It is not passed unseen, after which no block of that thread would be a sample again.
#include <gtest/gtest.h>

#include "books/sampling.h"
#include "tracking/tracked_heap.h"

#if defined(__x86_64__) && !defined(HEAPMETER_SANITIZED)

#include <csignal>
#include <ostream>

#include "trap_flag.h"

using namespace heapmeter;

namespace {

void *allocate(void *, size_t bytes) {
  return tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(bytes);
}
void *allocate_aligned(void *, size_t bytes) {
  return tracked_heap::allocate_aligned<AllocationKind::k_aligned, Family::kMalloc>(bytes, 64);
}
void release(void *block) { tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block); }

struct Call {
  const char *name;
  size_t before;  // the block's bytes, where there is one
  void *(*make)(void *, size_t);
  size_t bytes;

  friend void PrintTo(const Call &call, std::ostream *out) { *out << call.name; }
};

constexpr uint64_t kFew = 40;
volatile size_t instructions, comes_after;
void *made_amid;

void switch_on() { sampling::set(*threads::own_slot(), kFew); }
void allocate_more() { made_amid = allocate(nullptr, kFew + 20); }
void (*comes)();

void trapped(int, siginfo_t *, void *context) {
  // A handler's block matters only where it was just passed, and nothing has been done about it.
  if (comes == allocate_more && threads::own_slot()->until_sample <= sampling::kNever) return;
  if (instructions == comes_after) {
    comes();
    step_no_more(context);
  }
  instructions = instructions + 1;
}

class NewNumbers : public testing::TestWithParam<Call> {
 protected:
  void SetUp() override {
    struct sigaction action {};
    action.sa_sigaction = trapped;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGTRAP, &action, nullptr);
    tracked_heap::begin();
    release(allocate(nullptr, 1));
  }
  void TearDown() override { std::signal(SIGTRAP, SIG_DFL); }

  // What is left up to the next sample.
  static uint64_t left_after(size_t instructions_before, void (*what_comes)(),
                             uint64_t before = sampling::kNever) {
    const Call &call = GetParam();
    void *block = call.before != 0 ? allocate(nullptr, call.before) : nullptr;
    sampling::set(*threads::own_slot(), before);
    instructions = 0;
    comes = what_comes;
    comes_after = instructions_before;
    BEGIN_TO_STEP();
    block = call.make(block, call.bytes);
    END_TO_STEP();
    const uint64_t left = threads::own_slot()->until_sample;
    release(block);
    if (made_amid != nullptr) release(made_amid);
    made_amid = nullptr;
    return left;
  }
};

TEST_P(NewNumbers, AreNotPassedUnseen) {
  for (int i = 0; i < 3; ++i) left_after(SIZE_MAX, switch_on);  // the first of its kind
  left_after(SIZE_MAX, switch_on);
  const size_t all = instructions;
  EXPECT_GT(all, 20u);
  for (size_t at = 0; at < all; ++at)
    EXPECT_LE(left_after(at, switch_on), sampling::kNever) << "after " << at << " instructions";
}

TEST_P(NewNumbers, AreNotPassedByWhatAHandlerTakes) {
  for (int i = 0; i < 4; ++i) left_after(SIZE_MAX, allocate_more, kFew);
  const size_t all = instructions;
  EXPECT_GT(all, 0u);
  for (size_t at = 0; at < all; ++at)
    EXPECT_LE(left_after(at, allocate_more, kFew), sampling::kNever) << "after " << at << " instructions";
}

INSTANTIATE_TEST_SUITE_P(
    , NewNumbers,
    testing::Values(Call{"malloc", 0, allocate, 100},                   //
                    Call{"malloc of a long block", 0, allocate, 3000},  //
                    Call{"malloc of a medium block", 0, allocate, 9000},
                    Call{"aligned_alloc", 0, allocate_aligned, 100},
                    Call{"realloc", 100, tracked_heap::reallocate, 300},
                    Call{"realloc within a class", 100, tracked_heap::reallocate, 98},
                    Call{"realloc in place", 100, tracked_heap::reallocate, 70},
                    Call{"realloc to a medium block", 100, tracked_heap::reallocate, 9000},
                    Call{"realloc of a medium block", 9000, tracked_heap::reallocate, 8900}));

}  // namespace

#else

TEST(NewNumbers, AreNotPassedUnseen) { GTEST_SKIP() << "it steps by the trap flag of x86-64"; }

#endif
