// SPDX-License-Identifier: MIT
//
// The kernel is the witness: the same filter, installed in a child, answers the same call.
#include "base/seccomp_filter.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace heapmeter;

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif
using Filter = std::vector<sock_filter>;

sock_filter step(unsigned code, std::uint32_t k, unsigned jt = 0, unsigned jf = 0) {
  return {static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(jt), static_cast<std::uint8_t>(jf), k};
}

seccomp_data call(int number, std::vector<std::uint64_t> arguments = {}) {
  seccomp_data data{};
  data.nr = number;
  data.arch = kArchitecture;
  std::copy(arguments.begin(), arguments.end(), data.args);
  return data;
}

// What the kernel makes of it: the errno of the call, or -1 where the process was ended.
int by_the_kernel(const Filter &filter, const seccomp_data &data) {
  const pid_t child = fork();
  if (child == 0) {
    const sock_fprog program = {static_cast<unsigned short>(filter.size()),
                                const_cast<sock_filter *>(filter.data())};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
      _exit(255);
    const long result =
        syscall(data.nr, data.args[0], data.args[1], data.args[2], data.args[3], data.args[4], data.args[5]);
    _exit(result < 0 ? errno : 0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Random straight lines of loads, sums and forward jumps in front of two answers, one of which exit() can
// live with: every other call than the one in question is let through first.
Filter random_filter(std::mt19937 &random, int number) {
  const auto any = [&](std::uint32_t most) { return static_cast<std::uint32_t>(random() % (most + 1)); };
  Filter filter = {step(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                   step(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 1, 0),
                   step(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  for (unsigned word = 0; word < BPF_MEMWORDS; ++word) filter.push_back(step(BPF_ST, word));
  constexpr unsigned kOperations[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_AND, BPF_OR, BPF_XOR, BPF_LSH, BPF_RSH};
  constexpr unsigned kTests[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
  const unsigned steps = 10 + any(20);
  for (unsigned left = steps; left > 0; --left) {
    switch (any(7)) {
      case 0:
        // Not where the call stands in memory: that is the one thing not known here.
        filter.push_back(step(
            BPF_LD | BPF_W | BPF_ABS,
            any(1) ? 4 * any(1) : static_cast<std::uint32_t>(offsetof(seccomp_data, args)) + 4 * any(11)));
        break;
      case 1:
        filter.push_back(step((any(1) ? BPF_LD : BPF_LDX) | BPF_MEM, any(BPF_MEMWORDS - 1)));
        break;
      case 2:
        filter.push_back(step((any(1) ? BPF_LD : BPF_LDX) | (any(1) ? BPF_IMM : BPF_W | BPF_LEN), any(99)));
        break;
      case 3:
        filter.push_back(step(any(1) ? BPF_ST : BPF_STX, any(BPF_MEMWORDS - 1)));
        break;
      case 4:
        filter.push_back(step(BPF_MISC | (any(1) ? BPF_TAX : BPF_TXA), 0));
        break;
      case 5:
        filter.push_back(step(BPF_JMP | kTests[any(3)] | BPF_K, any(7), any(left - 1), any(left - 1)));
        break;
      case 6:
        filter.push_back(step(BPF_ALU | BPF_NEG, 0));
        break;
      default:
        filter.push_back(step(BPF_ALU | kOperations[any(7)] | BPF_K, 1 + any(30)));
    }
  }
  // The answer is a number made of what was computed, so that every step shows.
  filter.push_back(step(BPF_ALU | BPF_AND | BPF_K, 127));
  filter.push_back(step(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO));
  filter.push_back(step(BPF_RET | BPF_A, 0));
  return filter;
}

#if defined(__SANITIZE_THREAD__)
#define SKIP_WITHOUT_CHILDREN() GTEST_SKIP() << "TSan's runtime hangs in a child with a filter of its own"
#else
#define SKIP_WITHOUT_CHILDREN() static_cast<void>(0)
#endif

}  // namespace

TEST(SeccompFilter, AnswersAsTheKernelDoes) {
  SKIP_WITHOUT_CHILDREN();
  constexpr int kNumber = SYS_getpriority;
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const Filter filter = random_filter(random, kNumber);
    const seccomp_data data = call(kNumber, {random(), random(), random(), random(), random(), random()});
    const std::uint32_t answer = seccomp_filter::run(filter.data(), filter.size(), data);
    ASSERT_EQ(answer & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO) << "round " << round;
    ASSERT_EQ(by_the_kernel(filter, data), static_cast<int>(answer & SECCOMP_RET_DATA)) << "round " << round;
  }
}

TEST(SeccompFilter, LivesWhereTheCallIsMadeOrRefusedAndNowhereElse) {
  const seccomp_data data = call(SYS_getpriority);
  const auto lives = [&](std::uint32_t answer) {
    const Filter filter = {step(BPF_RET | BPF_K, answer)};
    return seccomp_filter::lets_live(filter.data(), filter.size(), data);
  };
  EXPECT_TRUE(lives(SECCOMP_RET_ALLOW));
  EXPECT_TRUE(lives(SECCOMP_RET_LOG));
  EXPECT_TRUE(lives(SECCOMP_RET_ERRNO | EPERM));
  for (const std::uint32_t answer : {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
                                     SECCOMP_RET_TRACE, SECCOMP_RET_USER_NOTIF})
    EXPECT_FALSE(lives(answer)) << answer;
}

TEST(SeccompFilter, WhatTheKernelWouldRefuseLetsNothingLive) {
  const seccomp_data data = call(SYS_getpriority);
  for (const Filter &filter :
       {Filter{}, Filter{step(BPF_LD | BPF_W | BPF_ABS, 2)},
        Filter{step(BPF_LD | BPF_W | BPF_ABS, sizeof data)}, Filter{step(BPF_ST, BPF_MEMWORDS)},
        Filter{step(BPF_LD | BPF_MEM, 99)}, Filter{step(BPF_JMP | BPF_JA, 4'000'000'000)}})
    EXPECT_FALSE(seccomp_filter::lets_live(filter.data(), filter.size(), data));
}

TEST(SeccompFilter, DivisionByNothingKills) {
  SKIP_WITHOUT_CHILDREN();
  const Filter filter = {step(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         step(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 1, 0),
                         step(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), step(BPF_ALU | BPF_DIV | BPF_X, 0),
                         step(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const seccomp_data data = call(SYS_getpriority);
  EXPECT_FALSE(seccomp_filter::lets_live(filter.data(), filter.size(), data));
  EXPECT_EQ(by_the_kernel(filter, data), -1);
}
