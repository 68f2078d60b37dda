// SPDX-License-Identifier: MIT
#include "targets/group.h"

#include <gtest/gtest.h>

#include "readings/merged.h"
#include "tools/targets/members.h"

namespace heapmeter::cli {
namespace {

using heapmeter::testing::member;

std::vector<Member> prefork(int workers) {
  std::vector<Member> all;
  for (int at = 0; at < workers; ++at) all.push_back(member(100 + at, "prefork", 1000));
  return all;
}

TEST(Group, AddsUpWhatEachSays) {
  auto all = prefork(3);
  all.push_back(member(200, "prefork", 5000, 400));
  const GroupSum sum = sum_of(pointers_to(all));
  EXPECT_EQ(sum.processes, 4u);
  EXPECT_EQ(sum.live_bytes, 8000u);
  EXPECT_EQ(sum.live_blocks, 80u);
  EXPECT_EQ(sum.resident_bytes, 20'008'000u);
  ASSERT_TRUE(sum.rates);
  EXPECT_EQ(sum.rates->live_bytes, 400);
  EXPECT_EQ(sum.rates->allocations, 2000);
}

TEST(Group, ASumIsNeverLessThanWhatOneSays) {
  auto all = prefork(2);
  for (Member &each : all) {
    auto lies = std::make_shared<Reading>(*each.reading);
    lies->live_bytes = lies->peak_bytes = lies->mismatches = UINT64_MAX;
    lies->double_frees = 1;
    each.reading = lies;
  }
  const GroupSum sum = sum_of(pointers_to(all));
  EXPECT_EQ(sum.live_bytes, UINT64_MAX);
  EXPECT_EQ(sum.peak_bytes, UINT64_MAX);
  EXPECT_EQ(sum.wrong_calls, UINT64_MAX);
  const Reading together = merged({&*all[0].reading, &*all[1].reading}, "both");
  EXPECT_EQ(together.live_bytes, UINT64_MAX);
  EXPECT_EQ(together.peak_bytes, UINT64_MAX);
}

TEST(Group, NamesOneThatStandsOut) {
  auto all = prefork(20);
  EXPECT_EQ(largest_of(pointers_to(all)), nullptr);
  EXPECT_EQ(fastest_of(pointers_to(all)), nullptr);
  all.push_back(member(200, "prefork", 50'000, 400));
  EXPECT_EQ(largest_of(pointers_to(all))->local_pid, 200);
  EXPECT_EQ(fastest_of(pointers_to(all))->local_pid, 200);
  all.resize(1);
  EXPECT_EQ(largest_of(pointers_to(all)), nullptr) << "one alone";
}

TEST(Group, FoldsThoseThatAreAlike) {
  auto all = prefork(20);
  all.push_back(member(200, "prefork", 50'000, 400));
  all.push_back(member(201, "prefork", 1000, 300));
  Folded folded = fold(pointers_to(all), 8);
  ASSERT_EQ(folded.shown.size(), 2u);
  EXPECT_EQ(folded.shown[0]->local_pid, 200);
  EXPECT_EQ(folded.shown[1]->local_pid, 201) << "it grows";
  EXPECT_EQ(folded.folded.size(), 20u);
  all[7].complaint = "not answering";
  folded = fold(pointers_to(all), 8);
  EXPECT_EQ(folded.shown.size(), 3u);
  EXPECT_EQ(fold(pointers_to(all), 1).shown.size(), 1u);
}

TEST(Group, ShowsAFewAllOfThem) {
  EXPECT_EQ(fold(pointers_to(prefork(0)), 8).shown.size(), 0u);
  const auto four = prefork(4);
  EXPECT_TRUE(fold(pointers_to(four), 8).folded.empty());
  auto six = prefork(6);
  for (int at = 0; at < 5; ++at) six[static_cast<std::size_t>(at)].complaint = "not answering";
  EXPECT_EQ(fold(pointers_to(six), 8).shown.size(), 6u) << "one row says more than '1 other'";
}

TEST(Merged, IsWhatAllCountedAndAPeakThatLiesBetween) {
  const auto one = member(1, "a", 1000).reading, other = member(2, "a", 3000).reading;
  const Reading sum = merged({one.get(), other.get()}, "a");
  EXPECT_EQ(sum.live_bytes, 4000u);
  EXPECT_EQ(sum.allocations, 2'001'000u);
  EXPECT_EQ(sum.live_blocks, sum.allocations - sum.frees);
  EXPECT_EQ(sum.least_peak(), 4000u) << "what is live now";
  EXPECT_EQ(sum.most_peak(), 4200u) << "both at once";
  ASSERT_EQ(sum.allocations_by_kind.size(), 2u);
  EXPECT_EQ(sum.allocations_by_kind[0].count, 180u);
  EXPECT_EQ(sum.backend, "mimalloc");
  const Reading again = reading_of(sum.fields);
  EXPECT_EQ(again.live_bytes, 4000u);
  EXPECT_EQ(again.peak_bytes, sum.peak_bytes);
  EXPECT_EQ(merged(std::vector<const Reading *>{}, "none").live_bytes, 0u);
}

TEST(Merged, AddsUpUncountedBlocks) {
  auto one = *member(1, "a", 1000).reading, other = *member(2, "a", 3000).reading;
  one.uncounted_blocks = 3;
  other.uncounted_blocks = 4;
  const Reading sum = merged({&one, &other}, "a");
  EXPECT_EQ(sum.uncounted_blocks, 7u);
  EXPECT_EQ(sum.fields.at("uncounted_blocks"), boost::json::value(7u));
}

TEST(Merged, AddsUpClassesOfOneSize) {
  const std::vector<SizeClass> one = {{16, 2, 20, 32, 5, 3, 9}, {32, 1, 30, 32, 1, 0, 17}},
                               other = {{16, 1, 12, 16, 2, 1, 9}, {64, 1, 50, std::nullopt, 1, 0, 33}};
  const auto sum = merged(std::vector{&one, &other});
  ASSERT_EQ(sum.size(), 3u);
  EXPECT_EQ(sum[0].live_blocks, 3u);
  EXPECT_EQ(sum[0].usable_bytes, 48u);
  EXPECT_FALSE(sum[2].usable_bytes);
}

}  // namespace
}  // namespace heapmeter::cli
