// SPDX-License-Identifier: MIT
#include "books/total.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/coarse_clock.h"

using namespace heapmeter;

TEST(Total, IsWhatWasAddedAndMayBeLessThanNone) {
  Total total;
  EXPECT_EQ(total.add(100, Total::kNoMoment), 100);
  EXPECT_EQ(total.add(-300, Total::kNoMoment), -200);
  EXPECT_EQ(total.bytes(), -200);
  constexpr int64_t kLarge = int64_t{1} << 46;
  EXPECT_EQ(total.add(kLarge, Total::kNoMoment), kLarge - 200);
  total.set(7);
  EXPECT_EQ(total.bytes(), 7);
  EXPECT_EQ(total.moment(), Total::kNoMoment);
}

TEST(Total, NumbersTheMomentsAtWhichItIsHigherThanEver) {
  Total total;
  total.add(100, Total::kNoMoment);
  total.watch(true);
  const uint32_t first = total.moment();
  EXPECT_EQ(total.highest().bytes, 100u);
  total.add(-50, first);
  total.add(50, first);
  EXPECT_EQ(total.moment(), first) << "as high, not higher";
  constexpr int64_t kLarge = int64_t{1} << 46;
  total.add(kLarge, first);
  EXPECT_EQ(total.moment(), first + 1);
  EXPECT_EQ(total.highest().bytes, static_cast<uint64_t>(kLarge + 100));
  total.saw(kLarge + 101);
  EXPECT_EQ(total.moment(), first + 2);
  EXPECT_EQ(total.bytes(), kLarge + 100) << "which is not added to";
  total.watch_no_more();
  total.add(kLarge / 2, Total::kNoMoment);
  total.saw(kLarge * 2 - 1);
  EXPECT_FALSE(total.watched());
}

TEST(Total, TellsWhenItWasHighest) {
  coarse_clock::find();
  const auto later = [](uint64_t than) {  // by the clock that it goes by
    while (coarse_clock::ns() <= than) std::this_thread::yield();
    return coarse_clock::ns();
  };
  Total total;
  total.watch(true);
  const uint64_t began = total.highest().ns;
  EXPECT_GT(began, 0u);
  const uint64_t rise = later(began);
  total.add(100, total.moment());
  const uint64_t highest = total.highest().ns;
  EXPECT_GE(highest, rise);
  later(highest);
  total.add(-50, total.moment());
  total.add(50, total.moment());
  total.saw(100);
  EXPECT_EQ(total.highest().ns, highest) << "as high, not higher";
  const uint64_t second_rise = later(highest);
  total.saw(101);
  EXPECT_GE(total.highest().ns, second_rise);
}

TEST(Total, DoubtsWhatWasNotedBeforeTheLastMoment) {
  Total total;
  total.watch(true);
  const uint32_t before = total.moment();
  total.add(5000, before);
  total.add(-4000, before);
  EXPECT_EQ(total.highest().doubtful_bytes, 4096u) << "in KiB";
  total.add(-1, total.moment());
  total.add(-1, Total::kNoMoment);
  EXPECT_EQ(total.highest().doubtful_bytes, 4096u);
  total.add(10'000, before);
  EXPECT_EQ(total.highest().doubtful_bytes, 0u) << "of another moment";
  total.watch_no_more();
  total.watch(false);
  total.add(1000, total.moment());
  total.add(-1000, total.moment() - 1);
  EXPECT_EQ(total.highest().doubtful_bytes, 0u);
}

// Each addition that reaches more than ever changes the number, whatever others add at once, and none else.
TEST(Total, BytesAndMomentChangeAsOne) {
  constexpr int kAdditions = 100'000;
  Total total;
  total.watch(false);
  std::vector<std::thread> threads;
  for (int64_t step : {1, 2, 3}) {
    threads.emplace_back([&total, step] {
      for (int i = 0; i < kAdditions; ++i) {
        total.add(step, Total::kNoMoment);
        total.add(-step, Total::kNoMoment);
      }
    });
  }
  for (auto &thread : threads) thread.join();
  const Total::Highest highest = total.highest();
  EXPECT_EQ(total.bytes(), 0);
  EXPECT_LE(highest.bytes, 6u);
  EXPECT_LE(highest.moment - 1, highest.bytes) << "a moment for each step upward";
}
