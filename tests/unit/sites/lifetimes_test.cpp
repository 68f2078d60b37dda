// SPDX-License-Identifier: MIT
#include "base/coarse_clock.h"

#include "sites_fixture.h"

using namespace heapmeter;
using namespace heapmeter::testing;

TEST(Sites, SamplesTellHowLongBlocksLived) {
  coarse_clock::find();
  SitesFixture f;
  f.sites->set_mean(1);
  Slot &slot = f.new_slot();
  const auto born = [&](uintptr_t number) {
    f.sites->born(slot, block_at(number), 100, false, called_from(0));
    return f.sites->born_sampled(slot, {block_at(number), 100, 0, Family::kMalloc, false}, false,
                                 called_from(0));
  };
  const auto lived = [&] {
    uint64_t blocks = 0;
    if (const uint64_t *all = f.sites->lifetimes().of(Table::kFirst))
      for (unsigned i = 0; i < Lifetimes::kDoublings; ++i) blocks += all[i];
    return blocks >> 16;
  };
  ASSERT_TRUE(born(1) && born(2) && born(3));
  EXPECT_EQ(f.sites->sum(Table::kFirst).allocations, 3u) << "each counted once";
  EXPECT_EQ(lived(), 0u);
  Sample sample;
  ASSERT_TRUE(f.sites->released(block_at(1), sample));
  f.sites->went(slot, sample, Sites::Going::kDied);
  EXPECT_EQ(lived(), 1u);
  ASSERT_TRUE(f.sites->released(block_at(2), sample));
  sample.born_ns -= 20'000'000'000;
  f.sites->went(slot, sample, Sites::Going::kDied);
  EXPECT_EQ(f.sites->lifetimes().of(Table::kFirst)[15], 1u << 16) << "16 to 32 seconds";
  ASSERT_TRUE(f.sites->released(block_at(3), sample));
  f.sites->went(slot, sample, Sites::Going::kMoved);
  EXPECT_EQ(lived(), 2u) << "it lives on, elsewhere";
  f.sites->set(Mode::kOff);
  ASSERT_TRUE(f.sites->clear());
  EXPECT_EQ(f.sites->lifetimes().of(Table::kFirst), nullptr);
}

TEST(Sites, LifetimesAreInDoublings) {
  EXPECT_EQ(Lifetimes::doubling(999'999), 0u);
  EXPECT_EQ(Lifetimes::doubling(1'000'000), 1u);
  EXPECT_EQ(Lifetimes::doubling(1'999'999), 1u);
  EXPECT_EQ(Lifetimes::doubling(2'000'000), 2u);
  EXPECT_EQ(Lifetimes::doubling(~uint64_t{0}), Lifetimes::kDoublings - 1);
}
