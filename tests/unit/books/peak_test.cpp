// SPDX-License-Identifier: MIT
#include "books/peak.h"

#include <gtest/gtest.h>

#include <random>

using namespace heapmeter;

namespace {

int64_t all_live = 0;
int64_t highest = 0;

// What tracked_heap does, on a slot of the test's own.
struct Owner {
  Slot *slot;

  explicit Owner(int tid) : slot(slots::acquire(tid)) { peak::join(*slot); }

  static void now_live(int64_t change) {
    all_live += change;
    highest = std::max(highest, all_live);
  }
  void allocate(uint16_t bytes) {
    bump(slot->counters.allocated_bytes, bytes);
    if (peak::take(*slot, bytes)) peak::settle_under(*slot);
    now_live(bytes);
  }
  void free(uint16_t bytes) {
    bump(slot->counters.freed_bytes, bytes);
    if (peak::give(*slot, bytes)) peak::settle_over(*slot);
    now_live(-bytes);
  }
  void change(int64_t bytes) {
    bump(bytes > 0 ? slot->counters.allocated_bytes : slot->counters.freed_bytes,
         static_cast<uint64_t>(bytes > 0 ? bytes : -bytes));
    peak::change(*slot, bytes);
    now_live(bytes);
  }
};

}  // namespace

// One process, one order: the first owner is alone, then others join.
TEST(Peak, IsExactWhileThereIsOneThreadThenWithinItsBound) {
  std::mt19937 random(1);
  Owner first(1);
  std::vector<uint16_t> blocks;
  for (int i = 0; i < 300'000; ++i) {
    // Long rises and falls, so that headroom runs over and under its 16 bits.
    const bool rising = (i / 20'000) % 2 == 0;
    if (blocks.empty() || random() % 100 < (rising ? 60u : 40u)) {
      blocks.push_back(static_cast<uint16_t>(random() % 4097));
      first.allocate(blocks.back());
    } else {
      first.free(blocks.back());
      blocks.pop_back();
    }
    if (i % 1000 == 0) first.change(1'000'000);
    if (i % 1000 == 1) first.change(-1'000'000);
    ASSERT_EQ(peak::bytes(), static_cast<uint64_t>(highest)) << i;
  }
  EXPECT_EQ(peak::error_bytes(), 0u);

  Owner second(2);
  Owner third(3);
  Owner *owners[] = {&first, &second, &third};
  for (int i = 0; i < 1'000'000; ++i) {
    Owner &owner = *owners[random() % 3];
    const auto bytes = static_cast<uint16_t>(random() % 4097);
    // One owner allocates what another frees.
    if (random() % 100 < ((i / 50'000) % 2 == 0 ? 55u : 45u)) {
      owner.allocate(bytes);
    } else {
      owner.free(bytes);
    }
    const int64_t off = static_cast<int64_t>(peak::bytes()) - highest;
    ASSERT_LE(std::abs(off), static_cast<int64_t>(peak::error_bytes())) << i;
  }
  EXPECT_GT(peak::error_bytes(), 0u);
  EXPECT_LE(peak::error_bytes(), 4u * 32 * 1024);

  peak::leave(*third.slot);
  slots::release(third.slot);
  peak::rebase();
  first.change(100'000'000);
  EXPECT_LE(std::abs(static_cast<int64_t>(peak::bytes()) - highest),
            static_cast<int64_t>(peak::error_bytes()));
}
