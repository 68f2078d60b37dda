// SPDX-License-Identifier: MIT
//
// What several threads do to the counts of one site while the process holds more than ever, in every order of
// their steps.
#include "books/total.h"
#include "sites/high_water.cpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "../books/interleavings.h"
#include "books/peak.h"

using namespace heapmeter;
using heapmeter::testing::Interleaving;
using sites::Counts;

namespace {

using HighWater = sites::HighWaterWith<Interleaving>;

constexpr int64_t kMiB = 1 << 20;

// Three threads that count already.
struct Process {
  Peak peak;
  Slot *slots;
  Counts own[3] = {}, shared = {};

  explicit Process(Slot *emptied) : slots(emptied) {
    for (size_t at = 0; at < 3; ++at) {
      Slot &slot = slots[at];
      slot.headroom = 0;
      slot.own = true;
      slot.alone = false;
      slot.reserve = slot.mark = slot.flushed = 0;
      peak.join(slots[at], at + 1);
    }
    peak.total().watch(true);
    for (size_t at = 0; at < 3; ++at) {
      change(at, own[at], 100 * kMiB, false);
      change(at, shared, 100 * kMiB, true);
    }
  }
  // As sites and the way of one call do it.
  void change(size_t at, Counts &counts, int64_t bytes, bool is_shared) {
    Slot &slot = slots[at];
    slot.moment = peak.total().moment();
    Interleaving::pause();
    if (is_shared)
      HighWater::before_change_of_shared(counts, slot.moment, 0);
    else
      HighWater::before_change(counts, slot.moment);
    bump_shared(bytes > 0 ? counts.bytes_in : counts.bytes_out, static_cast<uint64_t>(std::abs(bytes)));
    Interleaving::pause();
    peak.change(slot, bytes);
  }
  void of_its_own(size_t at, int64_t bytes) { change(at, own[at], bytes, false); }
  void of_all(size_t at, int64_t bytes) { change(at, shared, bytes, true); }

  ::testing::AssertionResult hold() {
    const Total::Highest highest = peak.total().highest();
    uint64_t held = HighWater::held(shared, highest.moment, 0).bytes;
    for (const Counts &counts : own) held += HighWater::held(counts, highest.moment, 0).bytes;
    const int64_t off = static_cast<int64_t>(held) - static_cast<int64_t>(highest.bytes);
    const auto error = static_cast<int64_t>(peak.hidden() + highest.doubtful_bytes);
    if (std::abs(off) <= error) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "off by " << off << ", said to be within " << error;
  }
};

template <typename Tell>
void in_every_order(Tell tell) {
  const auto slots = std::make_unique<Slot[]>(3);  // large: emptied, not made anew
  Interleaving order;
  for (bool right = true; right && order.another();) {
    Process process(slots.get());
    tell(process, order);
    const auto held = process.hold();
    right = static_cast<bool>(held);
    EXPECT_TRUE(held) << "in order " << order.orders();
  }
  EXPECT_GT(order.orders(), 100u);
}

}  // namespace

TEST(AtPeakOrders, WhoKeepsLateKeepsNothingOfALaterMoment) {
  in_every_order([](Process &process, Interleaving &order) {
    order.run({[&] { process.of_all(0, -kMiB); },
               [&] {
                 process.of_all(1, 8 * kMiB);
                 process.of_all(1, 8 * kMiB);
                 process.of_all(1, -8 * kMiB);
               }});
  });
}

TEST(AtPeakOrders, WhatIsUnderWayIsDoubtful) {
  in_every_order([](Process &process, Interleaving &order) {
    order.run({[&] { process.of_its_own(0, -64 * kMiB); },
               [&] {
                 process.of_its_own(1, 8 * kMiB);
                 process.of_its_own(1, -8 * kMiB);
               },
               [&] { process.of_its_own(2, 16 * kMiB); }});
  });
}

TEST(AtPeakOrders, CountsOfAllAreAsNearAsThoseOfOne) {
  in_every_order([](Process &process, Interleaving &order) {
    order.run({[&] { process.of_all(0, -4 * kMiB); }, [&] { process.of_all(1, 8 * kMiB); },
               [&] { process.of_its_own(2, 16 * kMiB); }});
  });
}

TEST(AtPeakOrders, WhatNobodyInterruptsIsExact) {
  const auto slots = std::make_unique<Slot[]>(3);
  Process process(slots.get());
  process.of_its_own(0, 8 * kMiB);
  process.of_all(1, 8 * kMiB);
  process.of_its_own(0, -8 * kMiB);
  EXPECT_EQ(process.peak.total().highest().doubtful_bytes, 0u);
  EXPECT_EQ(process.peak.total().highest().bytes, 616u * kMiB);
}
