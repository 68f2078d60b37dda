// SPDX-License-Identifier: MIT
#include "system/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/subprocess.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

TEST(ProcessFacts, AreThoseOfThisProcess) {
  const auto status = process::status(getpid());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->parent, getppid());
  EXPECT_EQ(status->state, 'R');
  EXPECT_GT(status->start_time, 0u);
  EXPECT_EQ(process::owner(getpid()), getuid());
  EXPECT_EQ(process::program(getpid()), "tools_unit_test");
  EXPECT_GT(process::resident_bytes(getpid()).value_or(0), 1u << 20);
  EXPECT_EQ(process::has_library(getpid()), false);
  EXPECT_EQ(process::innermost_pid(getpid()), getpid());
}

TEST(ProcessFacts, SurviveANameFullOfBrackets) {
  prctl(PR_SET_NAME, ") R 1 (");
  ASSERT_TRUE(process::status(getpid()));
  EXPECT_EQ(process::status(getpid())->parent, getppid());
  EXPECT_EQ(process::label(getpid()), ") R 1 ( (" + std::to_string(getpid()) + ")");
  prctl(PR_SET_NAME, "tools_unit_test");
}

TEST(ProcessFacts, IncludeTheEnvironmentItStartedWith) {
  Command command;
  command.argv = {"sleep", "60"};
  command.environment["A_VARIABLE"] = "its value";
  command.environment["XA_VARIABLE"] = "not this";
  const Process sleeper(command);
  // The kernel shows it a moment after the exec.
  EXPECT_TRUE(eventually([&] { return process::variable(sleeper.pid(), "A_VARIABLE") == "its value"; }));
  EXPECT_EQ(process::variable(sleeper.pid(), "B_VARIABLE"), "");
}

// Giving back its memory takes a while, in which /proc has nothing more to tell of it.
TEST(ProcessFacts, SayThatItHasEndedFromTheMomentItsMemoryGoes) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    constexpr std::size_t kBytes = 256 << 20;
    void *memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) memset(memory, 1, kBytes);
    raise(SIGSTOP);
    _exit(0);
  }
  ASSERT_TRUE(eventually([&] { return process::status(child)->state == 'T'; }));
  EXPECT_FALSE(process::ended(child));
  kill(child, SIGKILL);
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT | WNOHANG) == 0 &&
         info.si_pid == 0) {
    const bool nothing_told = process::executable(child).empty();
    EXPECT_TRUE(!nothing_told || process::ended(child));
  }
  EXPECT_TRUE(process::ended(child));
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(process::ended(child));
  EXPECT_FALSE(process::ended(getpid()));
  const auto keeper = process::status(2);
  if (keeper && keeper->of_the_kernel) {
    EXPECT_FALSE(process::ended(2)) << "it never had memory";
  }
}

TEST(ProcessFacts, OfNobodyAreEmpty) {
  constexpr int kNobody = 4'194'305;  // above the largest pid
  EXPECT_FALSE(process::status(kNobody));
  EXPECT_FALSE(process::resident_bytes(kNobody));
  EXPECT_EQ(process::name(kNobody), "");
  EXPECT_EQ(process::label(kNobody), "4194305");
}
