// SPDX-License-Identifier: MIT
//
// What is known of processors with a weak order, of the memory that stands in for theirs.
#include "weak_memory.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

using heapmeter::testing::Interleaving;
using heapmeter::testing::WeakMemory;

namespace {

using Seen = std::set<std::pair<int, int>>;
constexpr int kRelaxed = __ATOMIC_RELAXED, kAcquire = __ATOMIC_ACQUIRE, kRelease = __ATOMIC_RELEASE;
constexpr int kSequential = __ATOMIC_SEQ_CST;

struct Litmus {
  int x = 0, y = 0;
  std::pair<int, int> seen{};
};

// A step is one access.
int load(const int &at, int order) {
  Interleaving::pause();
  return WeakMemory::load(&at, order);
}
void store(int &at, int value, int order) {
  Interleaving::pause();
  WeakMemory::store(&at, value, order);
}

// All that is seen, in every order.
template <typename... Story>
Seen seen_of(Story... stories) {
  Seen all;
  Interleaving order;
  while (order.another()) {
    WeakMemory::forget();
    Litmus litmus;
    order.run({[&] { stories(litmus); }...});
    all.insert(litmus.seen);
  }
  return all;
}

Seen message(int release, int acquire) {
  return seen_of(
      [=](Litmus &l) {
        store(l.x, 1, kRelaxed);
        store(l.y, 1, release);
      },
      [=](Litmus &l) {
        l.seen.first = load(l.y, acquire);
        l.seen.second = load(l.x, kRelaxed);
      });
}

Seen each_looks_for_the_other(int order) {
  return seen_of(
      [=](Litmus &l) {
        store(l.x, 1, order);
        l.seen.first = load(l.y, order);
      },
      [=](Litmus &l) {
        store(l.y, 1, order);
        l.seen.second = load(l.x, order);
      });
}

}  // namespace

TEST(WeakMemory, AMessageArrivesWithoutWhatItSpeaksOfUnlessReleasedAndAcquired) {
  EXPECT_EQ(message(kRelaxed, kRelaxed), (Seen{{0, 0}, {0, 1}, {1, 0}, {1, 1}}));
  EXPECT_EQ(message(kRelease, kRelaxed).count({1, 0}), 1u);
  EXPECT_EQ(message(kRelaxed, kAcquire).count({1, 0}), 1u);
  EXPECT_EQ(message(kRelease, kAcquire), (Seen{{0, 0}, {0, 1}, {1, 1}}));
}

TEST(WeakMemory, OfTwoWhoStoreAndLookBothMayMissTheOtherUnlessThereIsOneOrderOfAll) {
  EXPECT_EQ(each_looks_for_the_other(kRelaxed).count({0, 0}), 1u);
  EXPECT_EQ(each_looks_for_the_other(kSequential), (Seen{{0, 1}, {1, 0}, {1, 1}}));
}

TEST(WeakMemory, OnePlaceIsNeverSeenGoingBack) {
  const Seen seen = seen_of([](Litmus &l) { store(l.x, 1, kRelaxed); },
                            [](Litmus &l) {
                              l.seen.first = load(l.x, kRelaxed);
                              l.seen.second = load(l.x, kRelaxed);
                            });
  EXPECT_EQ(seen, (Seen{{0, 0}, {0, 1}, {1, 1}}));
}

TEST(WeakMemory, WhoChangesWhatWasReleasedPassesItOn) {
  const Seen seen = seen_of(
      [](Litmus &l) {
        store(l.x, 1, kRelaxed);
        store(l.y, 1, kRelease);
      },
      [](Litmus &l) {
        Interleaving::pause();
        WeakMemory::change(
            &l.y, [](int was) { return 2 * was; }, kRelaxed);
      },
      [](Litmus &l) {
        l.seen.first = load(l.y, kAcquire);
        l.seen.second = load(l.x, kRelaxed);
      });
  EXPECT_EQ(seen, (Seen{{0, 0}, {0, 1}, {1, 1}, {2, 1}}));
}

TEST(WeakMemory, AFenceAcquiresWhatWasLoadedBefore) {
  const auto fenced = [](int fence) {
    return seen_of(
        [](Litmus &l) {
          store(l.x, 1, kRelaxed);
          store(l.y, 1, kRelease);
        },
        [=](Litmus &l) {
          l.seen.first = load(l.y, kRelaxed);
          WeakMemory::fence(fence);
          l.seen.second = load(l.x, kRelaxed);
        });
  };
  EXPECT_EQ(fenced(kRelaxed).count({1, 0}), 1u);
  EXPECT_EQ(fenced(kAcquire).count({1, 0}), 0u);
}

TEST(WeakMemory, OfTwoThatChangeOneWordNoneIsLost) {
  Interleaving order;
  while (order.another()) {
    WeakMemory::forget();
    int x = 0;
    const auto twice = [&] {
      for (int i = 0; i < 2; ++i) {
        Interleaving::pause();
        int expected = WeakMemory::load(&x, kRelaxed);
        while (!WeakMemory::compare_and_change(&x, &expected, expected + 1, kRelaxed, kRelaxed)) {
        }
      }
    };
    order.run({twice, twice});
    ASSERT_EQ(x, 4);
  }
}
