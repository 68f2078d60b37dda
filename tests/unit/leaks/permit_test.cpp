// SPDX-License-Identifier: MIT
#include "leaks/permit.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

namespace permit = heapmeter::leaks::permit;
using permit::Answer;
using permit::Leaving;

namespace {

bool has_child() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

TEST(Permit, OneAtATime) {
  ASSERT_EQ(permit::take(), Answer::kYours);
  EXPECT_EQ(permit::take(), Answer::kTaken);
  permit::give_back();
  EXPECT_EQ(permit::take(), Answer::kYours);
  permit::give_back();
}

TEST(Permit, NoneWhileTheProcessLeaves) {
  ASSERT_EQ(permit::take(), Answer::kYours);
  permit::give_back();
  {
    const Leaving one;
    const Leaving another;
    EXPECT_EQ(permit::take(), Answer::kLeaving);
  }
  EXPECT_EQ(permit::take(), Answer::kYours);
  permit::give_back();
}

TEST(Permit, WhoLeavesWaitsUntilItIsGivenBack) {
  std::atomic<bool> given_back = false;
  ASSERT_EQ(permit::take(), Answer::kYours);
  std::thread leaver([&] {
    const Leaving leaving;
    EXPECT_TRUE(given_back);
  });
  while (!permit::is_leaving()) std::this_thread::yield();
  given_back = true;
  permit::give_back();
  leaver.join();
}

TEST(Permit, AForkedChildNeitherHasItNorLeaves) {
  ASSERT_EQ(permit::take(), Answer::kYours);
  permit::give_back();
  const Leaving leaving;
  const pid_t child = fork();
  if (child == 0) _exit(permit::take() == Answer::kYours && !permit::is_leaving() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

// A child that ends by being killed only, noted where the kernel is told to.
void make_image() {
  if (syscall(SYS_clone, CLONE_PARENT_SETTID, 0, permit::image_place(), 0, 0) != 0) return;
  while (true) pause();
}

TEST(Permit, WhoLeavesEndsTheImageOfWhoIsNotHeardOf) {
  std::thread([] {
    ASSERT_EQ(permit::take(), Answer::kYours);
    make_image();
  }).join();
  {
    const Leaving leaving;
    EXPECT_FALSE(has_child());
    EXPECT_EQ(permit::claim_image(), 0) << "nobody else may end what has its number by now";
  }
  permit::give_back();
}

TEST(Permit, WhoLeavesInTheMiddleOfItsOwnEndsTheImage) {
  ASSERT_EQ(permit::take(), Answer::kYours);
  make_image();
  {
    const Leaving leaving;
    EXPECT_FALSE(has_child());
  }
  permit::give_back();
}

}  // namespace
