// SPDX-License-Identifier: MIT
#include "leaks/turns.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <thread>

#include "base/sys.h"

using namespace heapmeter;
using namespace heapmeter::leaks;

namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;

class Turns : public ::testing::Test {
 protected:
  Turns()
      : findings_(static_cast<Findings *>(
            mmap(nullptr, sizeof(Findings), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  ~Turns() override { munmap(findings_, sizeof *findings_); }

  Findings *findings_;
  const uint64_t began_ns_ = sys::monotonic_ns();
  const uint64_t never_ns_ = began_ns_ + 60 * kNsPerSecond;
};

// Else whoever reads the word anew sleeps through what was given between.
TEST_F(Turns, WhatCameSinceItWasSeenIsNotWaitedFor) {
  const auto seen = turns::now(*findings_);
  turns::give(*findings_, Findings::State::kHiddenKnown);
  turns::wait_since(*findings_, seen, never_ns_);
  EXPECT_LT(sys::monotonic_ns(), never_ns_);
}

TEST_F(Turns, WhatIsGivenEndsTheWait) {
  std::jthread other([this] {
    while (turns::now(*findings_) != Findings::State::kHiddenKnown) {
    }
    turns::give(*findings_, Findings::State::kHiddenSeen);
  });
  turns::give(*findings_, Findings::State::kHiddenKnown);
  EXPECT_TRUE(turns::wait(*findings_, Findings::State::kHiddenSeen, 60'000));
}

TEST_F(Turns, TheWaitEndsWhereNothingComes) {
  turns::wait_since(*findings_, turns::now(*findings_), began_ns_ + kNsPerSecond / 100);
  EXPECT_FALSE(turns::wait(*findings_, Findings::State::kDone, 10));
}

}  // namespace
