// SPDX-License-Identifier: MIT
#include "sites/stack.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "sites/rules.h"
#include "unwound.h"
#include "wanderer.h"

using namespace heapmeter;
using heapmeter::testing::keep;
using heapmeter::testing::Wanderer;
using heapmeter::testing::Witness;

namespace {

void expect_right(const Witness &witness, uint64_t at_least) {
  EXPECT_GE(witness.captures(), at_least);
  EXPECT_EQ(witness.wrong(), 0u) << witness.first_wrong();
}

__attribute__((noinline)) void huge_frame(Witness &witness) {
  char much[300'000];
  keep(much);
  witness.look();
  keep(much);
}

__attribute__((noinline)) int deep(Witness &witness, int levels) {
  if (levels == 0) {
    witness.look();
    witness.look();
    return 0;
  }
  const int below = deep(witness, levels - 1);
  if (levels % 64 == 0) witness.look();
  return below + 1;
}

Witness *in_handler = nullptr;
void handler(int) { in_handler->look(); }

class Handling {
 public:
  Handling(Witness &witness, int flags) {
    in_handler = &witness;
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(SIGUSR1, &action, &before_);
  }
  ~Handling() { sigaction(SIGUSR1, &before_, nullptr); }

 private:
  struct sigaction before_ {};
};

struct Coroutine {
  ucontext_t caller{}, own{};
  Witness *witness = nullptr;
  std::vector<char> stack = std::vector<char>(200'000);

  static void run(unsigned low, unsigned high) {
    auto *self = reinterpret_cast<Coroutine *>(uintptr_t{high} << 32 | low);
    for (uint32_t turn = 0;; ++turn) {
      Wanderer(*self->witness, turn).wander(6);
      swapcontext(&self->own, &self->caller);
    }
  }
  void make(Witness &of) {
    witness = &of;
    getcontext(&own);
    own.uc_stack.ss_sp = stack.data();
    own.uc_stack.ss_size = stack.size();
    const auto self = reinterpret_cast<uintptr_t>(this);
    makecontext(&own, reinterpret_cast<void (*)()>(run), 2, static_cast<unsigned>(self),
                static_cast<unsigned>(self >> 32));
  }
};

class SiteStack : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!sites::kCanWalk) GTEST_SKIP() << "stacks are not walked on this machine";
  }
  Witness witness_;
};

TEST_F(SiteStack, IsWhatTheUnwinderSaysWhateverWasCalled) {
  for (uint32_t seed = 0; seed < 2'000; ++seed)
    Wanderer(witness_, seed).wander(1 + static_cast<int>(seed % 20));
  expect_right(witness_, 20'000);
  EXPECT_EQ(witness_.cut_short(), 0u);
  EXPECT_GT(witness_.known(), 100u) << "stacks that came again were known again";
}

TEST_F(SiteStack, IsWhatItWasWhenAskedAgain) {
  // One call, whatever the compiler thinks of loops.
  volatile int times = 10;
  for (int i = 0; i < times; ++i) witness_.look();
  EXPECT_GE(witness_.known(), 5u);
  expect_right(witness_, 10);
}

TEST_F(SiteStack, GoesThroughAFrameOf300000Bytes) {
  for (int i = 0; i < 3; ++i) huge_frame(witness_);
  expect_right(witness_, 3);
  EXPECT_EQ(witness_.cut_short(), 0u);
}

TEST_F(SiteStack, OfAThousandFramesIsWhole) {
  for (int i = 0; i < 3; ++i) deep(witness_, 1'000);
  expect_right(witness_, 6);
  EXPECT_EQ(witness_.cut_short(), 0u);
}

TEST_F(SiteStack, ThatIsTooDeepIsCutShortAndSaysSo) {
  deep(witness_, 5'000);
  expect_right(witness_, 2);
  EXPECT_GT(witness_.cut_short(), 0u);
}

TEST_F(SiteStack, GoesThroughASignalHandlerOnTheSameStack) {
  const Handling handling(witness_, 0);
  for (int i = 0; i < 3; ++i) raise(SIGUSR1);
  expect_right(witness_, 3);
  EXPECT_EQ(witness_.cut_short(), 0u);
}

TEST_F(SiteStack, GoesThroughASignalHandlerOnAStackOfItsOwn) {
  std::vector<char> memory(100'000);
  stack_t alternate{}, before{};
  alternate.ss_sp = memory.data();
  alternate.ss_size = memory.size();
  ASSERT_EQ(sigaltstack(&alternate, &before), 0);
  {
    const Handling handling(witness_, SA_ONSTACK);
    for (int i = 0; i < 3; ++i) raise(SIGUSR1);
  }
  sigaltstack(&before, nullptr);
  expect_right(witness_, 3);
  EXPECT_EQ(witness_.cut_short(), 0u);
}

TEST_F(SiteStack, OfACoroutineEndsWhereItBegan) {
  Coroutine coroutine;
  coroutine.make(witness_);
  for (uint32_t turn = 0; turn < 50; ++turn) {
    swapcontext(&coroutine.caller, &coroutine.own);
    Wanderer(witness_, turn).wander(6);
  }
  expect_right(witness_, 200);
  EXPECT_EQ(witness_.cut_short(), 0u);
}

TEST_F(SiteStack, OfEveryThreadIsItsOwn) {
  std::vector<std::thread> threads;
  for (uint32_t number = 0; number < 100; ++number) {
    threads.emplace_back([number] {
      Witness own;
      for (uint32_t i = 0; i < 20; ++i) Wanderer(own, 100 * number + i).wander(10);
      expect_right(own, 20);
      EXPECT_EQ(own.cut_short(), 0u);
    });
  }
  for (std::thread &thread : threads) thread.join();
}

TEST_F(SiteStack, IsWalkedAnewOnceCodeWasUnmapped) {
  for (uint32_t i = 0; i < 2 * sites::PackedRule::kGenerations; ++i) {
    sites::invalidate();
    if (i % 50 == 0) Wanderer(witness_, i).wander(5);
  }
  expect_right(witness_, 80);
}

TEST_F(SiteStack, OfAForkedChildGoesOn) {
  for (uint32_t seed = 0; seed < 20; ++seed) Wanderer(witness_, seed).wander(8);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    for (uint32_t seed = 0; seed < 40; ++seed) Wanderer(witness_, seed).wander(8);
    Witness another;
    for (uint32_t seed = 0; seed < 20; ++seed) Wanderer(another, seed).wander(8);
    _exit(witness_.wrong() + another.wrong() + another.cut_short() == 0 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// A signal handler may come when a capture is half done, and may never come back.
TEST_F(SiteStack, OfAHandlerInsideACaptureIsNone) {
  witness_.look();
  sites::Stack &stack = witness_.stack();
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  stack.busy = here;
  const size_t depth = sites::depth(stack);
  const sites::Captured nested = sites::capture(stack, {1234, here - 512, 0});
  EXPECT_TRUE(nested.cut_short);
  EXPECT_EQ(nested.hash, 0u);
  EXPECT_EQ(sites::depth(stack), depth) << "what was captured stays";
  stack.busy = here - 4096;
  EXPECT_FALSE(witness_.look().cut_short) << "left by a jump: the stack is higher than it was";
  EXPECT_EQ(stack.busy, 0u);
  expect_right(witness_, 2);
}

// Whatever is on the stack and in the registers: no fault, and no more than there is room for.
TEST_F(SiteStack, OfWordsByChanceEndsSomewhere) {
  std::mt19937_64 random(7);
  std::vector<uintptr_t> ips;
  for (int i = 0; i < 40; ++i) {
    Wanderer(witness_, static_cast<uint32_t>(i)).wander(8);
    for (size_t k = 0; k < sites::depth(witness_.stack()); ++k)
      ips.push_back(sites::frame(witness_.stack(), k));
  }
  alignas(16) uintptr_t words[512];
  const auto low = reinterpret_cast<uintptr_t>(words), high = low + sizeof words;
  const auto any = [&]() -> uintptr_t {
    switch (random() % 5) {
      case 0:
      case 1:
        return ips[random() % ips.size()];
      case 2:
        return low + random() % (high - low);
      case 3:
        return (low + random() % (high - low)) & ~uintptr_t{7};
      default:
        return random() >> random() % 64;
    }
  };
  for (int round = 0; round < 20'000; ++round) {
    for (int i = 0; i < 64; ++i) words[random() % 512] = any();
    const sites::Registers from{any(), random() % 8 == 0 ? any() : low + random() % 256 * 8, any()};
    keep(words);
    const sites::Captured captured = sites::capture(witness_.stack(), from);
    ASSERT_LE(sites::depth(witness_.stack()), sites::kMostFrames);
    if (captured.site == 0) sites::remember_site(witness_.stack(), 1);
  }
}

}  // namespace
