// SPDX-License-Identifier: MIT
//
// When the service has a thread: what many callers at once may do to one life, with a thread that does
// nothing.
#include "service/life.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

using namespace heapmeter;
using service::Ending;
using service::Life;

namespace {

// The one thread of a life: function pointers know no object.
std::optional<std::thread> one;
std::atomic<bool> runs, refused;
std::atomic<int> started, at_once;

bool start_one(uint32_t number) noexcept;
bool is_running() noexcept { return runs; }
void see_off() noexcept {
  if (one) one->join();
  one.reset();
}

std::optional<Life> life;

bool start_one(uint32_t number) noexcept {
  if (refused) return false;
  if (one) see_off();  // ended by itself
  ++started;
  runs = true;
  one.emplace([ending = life->ending(number)] {
    EXPECT_EQ(++at_once, 1);
    while (!ending.now()) ending.wait(1000);
    --at_once;
    runs = false;
  });
  return true;
}

class LifeOf : public ::testing::Test {
 protected:
  LifeOf() {
    life.emplace(Life::Thread{start_one, is_running, see_off});
    started = 0;
    refused = false;
  }
  ~LifeOf() override {
    life->close();
    life->pause();  // wakes it
    see_off();
  }
  static void in_threads(int count, const std::function<void(int)> &work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
    for (auto &thread : threads) thread.join();
  }
};

TEST_F(LifeOf, PausesNest) {
  EXPECT_TRUE(life->start());
  life->pause();
  EXPECT_FALSE(runs);
  life->pause();
  life->resume();
  EXPECT_FALSE(runs);
  EXPECT_FALSE(life->start()) << "paused";
  life->resume();
  EXPECT_TRUE(runs);
  EXPECT_EQ(started, 2);
}

TEST_F(LifeOf, RenewalIsAnotherThread) {
  life->start();
  life->renew();
  EXPECT_TRUE(runs);
  EXPECT_EQ(started, 2);
}

TEST_F(LifeOf, RenewalWaitsForThePauseOfAnother) {
  life->start();
  life->pause();
  life->renew();
  EXPECT_FALSE(runs);
  life->resume();
  EXPECT_TRUE(runs);
}

TEST_F(LifeOf, RefusedThreadMayComeLater) {
  refused = true;
  EXPECT_FALSE(life->start());
  refused = false;
  life->pause();
  life->resume();
  EXPECT_TRUE(runs);
}

TEST_F(LifeOf, GivenUpStaysSoInForkedChildren) {
  life->start();
  life->pause();
  life->give_up();
  life->resume();
  EXPECT_FALSE(life->start());
  life->after_fork();
  EXPECT_FALSE(life->start());
}

TEST_F(LifeOf, ClosedIsForThisProcessOnly) {
  life->close();
  EXPECT_FALSE(life->start());
  life->after_fork();
  EXPECT_TRUE(life->start());
}

TEST_F(LifeOf, WhoHasNotLeftAtTheCloseStaysUntilSeenOff) {
  EXPECT_TRUE(life->start());
  EXPECT_FALSE(life->stays(0)) << "not closed";
  life->close();
  see_off();
  EXPECT_TRUE(life->stays(1));
  runs = true;
  one.emplace([] {
    while (life->stays(60'000)) continue;
    runs = false;
  });
  life->pause();
  EXPECT_FALSE(runs);
  EXPECT_FALSE(life->stays(0));
}

TEST_F(LifeOf, NobodyRunsWhilePausedByAnyOfMany) {
  life->start();
  in_threads(6, [](int i) {
    for (int round = 0; round < 300; ++round) {
      if (i % 3 == 0) {
        life->renew();
        continue;
      }
      life->pause();
      EXPECT_FALSE(runs);
      life->resume();
    }
  });
  EXPECT_TRUE(runs) << "every pause has ended";
}

// The exit closes while others still stop and start it: nobody comes after.
TEST_F(LifeOf, ClosedAmidOthersStaysEnded) {
  for (int round = 0; round < 100; ++round) {
    life->after_fork();
    life->start();
    in_threads(3, [](int i) {
      if (i == 0) return life->close();
      life->renew();
      life->pause();
      life->resume();
    });
    life->pause();
    EXPECT_FALSE(runs);
    life->resume();
    EXPECT_FALSE(life->start());
  }
}

}  // namespace
