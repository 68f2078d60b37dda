// SPDX-License-Identifier: MIT
#include "tracking/mode.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace mode = heapmeter::mode;

namespace {

bool fast() { return __atomic_load_n(&mode::fast_span, __ATOMIC_SEQ_CST) != 0; }

// Each from the start of a process.
class Mode : public testing::Test {
 protected:
  Mode() {
    mode::state = mode::State::kEarly;
    mode::reasons = mode::kNotCounting;
    mode::fast_span = 0;
    mode::fast_granules = 0;
  }
};

}  // namespace

TEST_F(Mode, BeginsOnceAndIsFastWhileThereIsNoReasonAgainst) {
  EXPECT_EQ(mode::now(), mode::State::kEarly);
  EXPECT_FALSE(fast());
  std::atomic<int> decided = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { decided += mode::begin(); });
  for (auto &thread : threads) thread.join();
  EXPECT_EQ(decided, 1);
  EXPECT_EQ(mode::now(), mode::State::kBeginning);

  mode::add(mode::kOtherBackend);
  mode::end_beginning(mode::State::kCounting);
  EXPECT_TRUE(mode::counting());
  EXPECT_FALSE(fast()) << "counting, but not on mimalloc";
  mode::remove(mode::kOtherBackend);
  EXPECT_TRUE(fast());

  mode::add(mode::kGoingBack);
  mode::add(mode::kHeapCallsAhead);
  mode::remove(mode::kGoingBack);
  EXPECT_FALSE(fast()) << "one reason is left";
  EXPECT_TRUE(mode::is(mode::kHeapCallsAhead));
  mode::remove(mode::kHeapCallsAhead);
  EXPECT_TRUE(fast());
}

TEST_F(Mode, NoReasonIsPassedOver) {
  ASSERT_TRUE(mode::begin());
  mode::end_beginning(mode::State::kCounting);
  // A reason that its only owner has set holds, whatever others do meanwhile.
  std::atomic<bool> over = false;
  std::vector<std::thread> others;
  for (const mode::Reason reason : {mode::kGoingBack, mode::kHeapCallsAhead}) {
    others.emplace_back([reason, &over] {
      while (!over) {
        mode::add(reason);
        mode::remove(reason);
        mode::look_again();
      }
    });
  }
  for (int i = 0; i < 20'000; ++i) {
    mode::add(mode::kOtherBackend);
    // Whoever set the span by then looks at the reasons again before it does anything else.
    bool slow = false;
    for (int look = 0; look < 1'000'000 && !slow; ++look) slow = !fast();
    EXPECT_TRUE(slow);
    mode::remove(mode::kOtherBackend);
  }
  mode::add(mode::kOtherBackend);
  over = true;
  for (auto &thread : others) thread.join();
  EXPECT_FALSE(fast()) << "set last, and nobody else is left";
  mode::remove(mode::kOtherBackend);
  mode::look_again();
  EXPECT_TRUE(fast()) << "whatever threads left behind that cleared it late";
}
