// SPDX-License-Identifier: MIT
#include "leaks/threads.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

using namespace heapmeter::leaks;

namespace {

TEST(Standing, IsTakenFromTheKernelsLine) {
  Standing one{};
  EXPECT_TRUE(parse_standing("0 0x3 0x7ffc00001000 0x1 0x0 0x0 0x0 0x7ffc00000fc8 0x7f00deadbeef\n", one));
  EXPECT_TRUE(one.asleep);
  EXPECT_EQ(one.arguments[1], 0x7ffc00001000u);
  EXPECT_EQ(one.stack_pointer, 0x7ffc00000fc8u);
  EXPECT_EQ(one.at, 0x7f00deadbeefu);
  Standing outside{};
  EXPECT_TRUE(parse_standing("-1 0x7ffc00000fc8 0x7f00deadbeef\n", outside));
  EXPECT_EQ(outside.stack_pointer, 0x7ffc00000fc8u);
  EXPECT_EQ(outside.arguments[0], 0u);
}

#if defined(SYS_vfork)
constexpr long kLending[] = {SYS_vfork, SYS_clone, SYS_clone3};
#else  // to arm64 vfork is a clone
constexpr long kLending[] = {SYS_clone, SYS_clone3};
#endif

// Whoever waits in vfork or clone has a child on his stack, whose registers nobody knows.
TEST(Standing, TellsWhoLendsHisStack) {
  const std::string rest = " 0x3 0x0 0x1 0x0 0x0 0x0 0x7ffc00000fc8 0x7f00deadbeef\n";
  for (const long call : kLending) {
    Standing one{};
    ASSERT_TRUE(parse_standing((std::to_string(call) + rest).c_str(), one));
    EXPECT_TRUE(one.lends_stack) << call;
    EXPECT_EQ(registers_of(&one, 1, &one, 1, 9), Standing::kKept + Standing::kAllRegisters);
  }
  for (const char *call : {"0", "1", "581", "5"}) {
    Standing one{};
    ASSERT_TRUE(parse_standing((call + rest).c_str(), one));
    EXPECT_FALSE(one.lends_stack) << call;
  }
}

TEST(Standing, OfOneThatRunsIsNotKnown) {
  for (const char *line : {"running\n", "", "0 0x3\n", "-1\n", "0 3 4 5 6 7 8 9 10\n", "x"}) {
    Standing one{};
    EXPECT_FALSE(parse_standing(line, one)) << line;
    EXPECT_FALSE(one.asleep);
  }
}

TEST(Standing, OfOneThatRanInBetweenIsAnother) {
  Standing before{};
  ASSERT_TRUE(parse_standing("0 0x3 0x7ffc00001000 0x1 0x0 0x0 0x0 0x7ffc00000fc8 0x7f00deadbeef\n", before));
  before.runs = parse_runs("123456 789 41\n");
  EXPECT_EQ(before.runs, 41u);
  EXPECT_EQ(parse_runs(""), 0u);
  Standing after = before;
  EXPECT_TRUE(after.same_as(before));
  ++after.runs;
  EXPECT_FALSE(after.same_as(before)) << "it came back to where it stood";
}

TEST(Standing, TellsHowManyRegistersMayHoldWhatNothingElseDoes) {
  Standing asleep{}, moved{}, outside{}, running{}, fresh{};
  for (Standing *one : {&asleep, &moved})
    ASSERT_TRUE(parse_standing("0 0x3 0x0 0x1 0x0 0x0 0x0 0x7ffc00000fc8 0x7f00deadbeef\n", *one));
  ASSERT_TRUE(parse_standing("-1 0x7ffc00000fc8 0x7f00deadbeef\n", outside));
  int tid = 0;
  for (Standing *one : {&asleep, &moved, &outside, &running, &fresh}) one->tid = ++tid;
  Standing before[] = {asleep, moved, outside, running};
  moved.runs = 1;
  Standing after[] = {asleep, moved, outside, running, fresh};
  EXPECT_EQ(registers_of(before, 4, after, 5, 0), Standing::kKept + 4 * Standing::kAllRegisters);
  EXPECT_EQ(registers_of(before, 4, after, 5, running.tid), Standing::kKept + 3 * Standing::kAllRegisters);
}

TEST(Standing, OfASleeperStaysTheSame) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::atomic<int> tid{0};
  std::thread sleeper([&] {
    tid = gettid();
    char byte;
    EXPECT_EQ(read(ends[0], &byte, 1), 1);
  });
  Standing before[16] = {}, after[16] = {};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  // A sanitizer may have a thread of its own.
  const auto found = [&](Standing *all) {
    const size_t count = standings(all, 16);
    return std::find_if(all, all + count, [&](const Standing &one) { return one.tid == tid; });
  };
  Standing *sleeping = nullptr;
  do {
    sleeping = found(before);
  } while (!sleeping->asleep && std::chrono::steady_clock::now() < deadline);
  EXPECT_TRUE(sleeping->asleep);
  EXPECT_TRUE(found(after)->same_as(*sleeping));
  EXPECT_EQ(standings(after, 0), 0u);
  EXPECT_EQ(write(ends[1], "x", 1), 1);
  sleeper.join();
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
