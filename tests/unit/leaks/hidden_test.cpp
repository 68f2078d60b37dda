// SPDX-License-Identifier: MIT
#include "leaks/hidden.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <memory>

using namespace heapmeter::leaks;

namespace {

constexpr uintptr_t kHeap = uintptr_t{5} << 40, kWord = kHeap + 4096;
constexpr size_t kArea = 8192;

class HiddenMemory : public ::testing::Test {
 protected:
  HiddenMemory()
      : findings_(static_cast<Findings *>(map(sizeof(Findings)))),
        low_(static_cast<uint64_t *>(map(2 * kArea))),
        high_(low_ + kArea / sizeof *low_) {
    findings_->heap.add(kHeap, kHeap + (1 << 20));
    low_[0] = high_[0] = 1;
    for (const uint64_t *area : {low_, high_}) {
      const auto start = reinterpret_cast<uintptr_t>(area);
      findings_->hidden[findings_->hidden_count++] = {start, start + kArea};
    }
  }
  ~HiddenMemory() override {
    munmap(low_, 2 * kArea);
    munmap(findings_, sizeof(Findings));
  }
  static void *map(size_t bytes) {
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
  int64_t found() const {
    return std::count(findings_->words, findings_->words + findings_->words_count, kWord);
  }

  Findings *findings_;
  uint64_t *low_, *high_;
  Hidden hidden_{Hidden::When::kAfter};
};

TEST_F(HiddenMemory, IsLookedAtInPartsTheSecondTimeFromItsEnd) {
  low_[17] = high_[17] = kWord;
  int steps = 1;
  while (!hidden_.look(*findings_, 0)) ++steps;
  EXPECT_EQ(steps, 4);
  EXPECT_EQ(found(), 1) << "not as often as it is seen";
  EXPECT_EQ(findings_->unread_bytes, 0u);
}

TEST_F(HiddenMemory, MayHaveItsWordsMovedMeanwhile) {
  high_[17] = kWord;
  ASSERT_FALSE(hidden_.look(*findings_, 0));
  low_[17] = std::exchange(high_[17], 0);
  while (!hidden_.look(*findings_, 0)) {
  }
  EXPECT_EQ(found(), 1);
}

}  // namespace
