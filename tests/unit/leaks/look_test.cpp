// SPDX-License-Identifier: MIT
#include "looks.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "backend/allocator.h"

using namespace heapmeter;
using leaks::Look;

namespace {

struct Node {
  Node *next;
  char rest[200];
};

HEAPMETER_NOINLINE void lose(int count, size_t bytes) {
  for (int i = 0; i < count; ++i) block(bytes);
}

TEST_F(Looks, FindWhatNothingPointsAt) {
  lose(20, 1008);
  scrub();
  const leaks::Sum sum = lost(1008);
  EXPECT_EQ(sum.blocks, 20u);
  EXPECT_EQ(sum.bytes, 20u * 1008);
  EXPECT_EQ(sum.indirectly_blocks, 0u);
}

HEAPMETER_NOINLINE void lose_list(int count) {
  Node *head = nullptr;
  for (int i = 0; i < count; ++i) {
    auto *node = static_cast<Node *>(block(sizeof(Node)));
    node->next = head;
    head = node;
  }
}

TEST_F(Looks, FindAChainWithItsHead) {
  lose_list(30);
  scrub();
  const leaks::Sum sum = lost(sizeof(Node));
  EXPECT_EQ(sum.blocks, 30u);
  EXPECT_EQ(sum.indirectly_blocks, 29u);
}

HEAPMETER_NOINLINE void lose_ring(int count) {
  Node *first = nullptr, *head = nullptr;
  for (int i = 0; i < count; ++i) {
    auto *node = static_cast<Node *>(block(sizeof(Node) + 16));
    if (first == nullptr) first = node;
    node->next = head;
    head = node;
  }
  first->next = head;
}

TEST_F(Looks, FindACircle) {
  tracked_heap::begin();
  if (backend::next != nullptr)
    GTEST_SKIP() << "blocks lie among this process's own, unmetered ones, which reach what freed ones left";
  lose_ring(10);
  scrub();
  const leaks::Sum sum = lost(sizeof(Node) + 16);
  EXPECT_EQ(sum.blocks, 10u);
  EXPECT_EQ(sum.indirectly_blocks, 9u);
}

void *held;
thread_local void *held_by_thread;

TEST_F(Looks, ReachFromDataStackAndThreads) {
  held = block(2000);
  held_by_thread = block(2000);
  void *volatile on_stack = block(2000);
  auto *mapped =
      static_cast<void **>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  mapped[17] = block(2000);
  auto *closed =
      static_cast<void **>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  closed[17] = block(2000);
  mprotect(closed, 4096, PROT_NONE);
  auto *shared =
      static_cast<void **>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  shared[17] = block(2000);
  auto *hidden =
      static_cast<void **>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  madvise(hidden, 4096, MADV_DONTFORK);
  hidden[17] = block(2000);
  auto *interior = static_cast<char *>(block(2000)) + 1234;
  static char *within;
  within = interior;
  EXPECT_EQ(lost(2000).blocks, 0u);
  mprotect(closed, 4096, PROT_READ);
  for (void *one : {held, held_by_thread, static_cast<void *>(on_stack), mapped[17], closed[17], shared[17],
                    hidden[17], static_cast<void *>(within - 1234)})
    release(one);
  for (void *one : {mapped, closed, shared, hidden}) munmap(one, 4096);
  held = held_by_thread = within = nullptr;
}

TEST_F(Looks, LeaveAProcessWithoutATrace) {
  lose(5, 1504);
  scrub();
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  static std::atomic<int> signals;
  signals = 0;
  struct sigaction count = {}, before = {};
  count.sa_handler = [](int) { ++signals; };
  sigaction(SIGCHLD, &count, &before);
  const auto open = descriptors();
  EXPECT_EQ(lost(1504).blocks, 5u);
  EXPECT_EQ(descriptors(), open);
  EXPECT_EQ(signals, 0);
  errno = 0;
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
  sigaction(SIGCHLD, &before, nullptr);
}

TEST_F(Looks, FromTwoThreadsAtOnceAreOneAndARefusal) {
  std::atomic<int> taken{0}, refused{0};
  std::atomic<bool> begun{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!begun) std::this_thread::yield();
      Look look;
      const char *failure = look.take(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs);
      ++(failure == nullptr ? taken : refused);
      if (failure != nullptr) {
        EXPECT_STREQ(failure, "another look is under way");
      }
      look.forget();
    });
  }
  begun = true;
  for (auto &thread : threads) thread.join();
  EXPECT_GE(taken, 1);
  EXPECT_EQ(taken + refused, 4);
}

// One block too many on one side of the books, as amid a call.
class HalfWay {
 public:
  HalfWay() { bump(malloc_of_one_byte(), 1); }
  ~HalfWay() { bump(malloc_of_one_byte(), ~uint64_t{0}); }
  HalfWay(const HalfWay &) = delete;
  HalfWay &operator=(const HalfWay &) = delete;

 private:
  static Counter &malloc_of_one_byte() { return threads::counting_slot().counters.tallies[0][1].in; }
};

TEST_F(Looks, AreTriedAgainHoweverLongOneTook) {
  using namespace std::chrono;
  auto half_way = std::make_unique<HalfWay>();
  ASSERT_EQ(look_.begin(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs), nullptr);
  std::this_thread::sleep_for(milliseconds(2100));  // the crowd that it waits for
  half_way.reset();
  const char *failure = nullptr;
  for (bool ended = false; !ended; std::this_thread::sleep_for(milliseconds(1))) {
    const Look::Step step = look_.step();
    ended = step.ended;
    failure = step.failure;
  }
  EXPECT_EQ(failure, nullptr) << failure;
  EXPECT_GE(look_.tries(), 2u);
}

TEST_F(Looks, AreGivenUpWithTheReasonWhereTheBooksNeverAgree) {
  const HalfWay half_way;
  const char *failure = look_.take(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs);
  ASSERT_NE(failure, nullptr);
  EXPECT_NE(std::string(failure).find("half-way"), std::string::npos) << failure;
  EXPECT_GE(look_.tries(), 40u);
}

// In a crowd one thread or another always is.
class Crowd {
 public:
  explicit Crowd(size_t threads) {
    for (size_t at = 0; at < threads; ++at) threads_.emplace_back([this] { done_.wait(false); });
  }
  ~Crowd() {
    done_ = true;
    done_.notify_all();
    for (std::thread &thread : threads_) thread.join();
  }
  Crowd(const Crowd &) = delete;
  Crowd &operator=(const Crowd &) = delete;

 private:
  std::atomic<bool> done_{false};
  std::vector<std::thread> threads_;
};

TEST_F(Looks, TakeBooksThatACallOfEachThreadExplains) {
  const Crowd crowd(2);
  lose(20, 1008);
  scrub();
  std::vector<HalfWay> half_way(4);  // sizes of blocks: a call that moves one tells of two
  const leaks::Sum sum = lost(1008);
  EXPECT_EQ(sum.blocks + sum.perhaps_blocks, 20u);
  ASSERT_NE(look_.findings(), nullptr);
  EXPECT_EQ(look_.findings()->told_by_half, 4u);
  EXPECT_GE(look_.tries(), 4u) << "whole books are looked for first";
}

// Each try waits for its turn in a crowd; here it is kept waiting.
TEST_F(Looks, TakeSuchBooksAtOnceWhereTriesTakeLongInACrowd) {
  for (const size_t threads : {2, 20}) {
    const Crowd crowd(threads);
    std::vector<HalfWay> half_way(4);
    ASSERT_EQ(look_.begin(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs), nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));
    Look::Step step{};
    while (!(step = look_.step()).ended) std::this_thread::yield();
    EXPECT_EQ(step.failure, nullptr) << step.failure;
    if (threads == 2) {
      EXPECT_GE(look_.tries(), 4u);
    } else {
      EXPECT_LT(look_.tries(), 4u);
    }
    look_.forget();
  }
}

TEST_F(Looks, AreGivenUpWhereACallOfEachThreadDoesNotExplainTheBooks) {
  const Crowd crowd(2);
  const std::vector<HalfWay> half_way(5);
  const char *failure = look_.take(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs);
  ASSERT_NE(failure, nullptr);
  EXPECT_NE(std::string(failure).find("half-way"), std::string::npos) << failure;
}

TEST_F(Looks, OfAParentDoNotKeepAChildFromItsOwn) {
  std::atomic<bool> done{false};
  std::thread looks([&] {
    Look look;
    while (!done) look.take(0, {nullptr, no_site}, kPatienceMs);
    look.forget();
  });
  const auto began = std::chrono::steady_clock::now();
  const auto long_enough = [&] {
    return std::chrono::steady_clock::now() - began > std::chrono::seconds(20);
  };
  for (int i = 0; i < 40 && (i < 10 || !long_enough()); ++i) {
    const pid_t child = fork();
    if (child == 0) {
      Look look;
      const char *failure = look.take(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs);
      _exit(failure != nullptr && strcmp(failure, "another look is under way") == 0 ? 1 : 0);
    }
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << i;
  }
  done = true;
  looks.join();
}

// The service's thread has no place for errno: libc's would be written into the middle of its stack.
TEST_F(Looks, ThatAreRefusedACopySayWhyAndTouchNoErrno) {
  void *held = block(1008);
  const pid_t child = fork();
  if (child == 0) {
    const rlimit none = {1, 1};
    if ((geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) || setrlimit(RLIMIT_NPROC, &none) != 0)
      _exit(3);
    errno = EDOM;
    Look look;
    const char *failure = look.take(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs);
    const int after = errno;
    if (failure == nullptr || strstr(failure, "ulimit -u") == nullptr) _exit(1);
    _exit(after == EDOM ? 0 : 2);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  release(held);
  EXPECT_EQ(leaks::failure_of_copy(-ENOMEM), leaks::Failure::kNoPromise);
  EXPECT_NE(std::string(words(leaks::Failure::kNoPromise)).find("overcommit"), std::string::npos);
  EXPECT_EQ(leaks::failure_of_copy(-ENOSYS), leaks::Failure::kNoCopy);
}

TEST_F(Looks, DoubtWhatAThreadAsleepMayHoldInARegister) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::thread sleeper([&] {
    char byte;
    EXPECT_EQ(read(ends[0], &byte, 1), 1);
  });
  leaks::Standing standing[2];
  const auto sleeps = [&] { return leaks::standings(standing, 2) == 1 && standing[0].in_call; };
  while (!sleeps()) std::this_thread::yield();
  lose(20, 1104);
  scrub();
  const leaks::Sum sum = lost(1104);
  EXPECT_EQ(sum.blocks + sum.perhaps_blocks, 20u);
  EXPECT_LE(sum.perhaps_blocks, leaks::Standing::kArguments);
  EXPECT_GE(sum.blocks, 20u - leaks::Standing::kArguments);
  EXPECT_EQ(look_.findings()->registers, leaks::Standing::kArguments);
  EXPECT_EQ(write(ends[1], "x", 1), 1);
  sleeper.join();
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Looks, DoubtWhatAThreadThatRunsMayHoldInAnyRegister) {
  std::atomic<bool> running{false}, done{false};
  std::thread runner([&] {
    running = true;
    while (!done) {
    }
  });
  while (!running) std::this_thread::yield();
  lose(20, 1104);
  scrub();
  const leaks::Sum sum = lost(1104);
  EXPECT_EQ(look_.findings()->registers, leaks::Standing::kAllRegisters);
  EXPECT_EQ(sum.perhaps_blocks, leaks::Standing::kAllRegisters);
  EXPECT_EQ(sum.blocks, 20u - leaks::Standing::kAllRegisters);
  done = true;
  runner.join();
}

}  // namespace
