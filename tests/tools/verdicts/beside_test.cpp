// SPDX-License-Identifier: MIT
//
// What is said of memory that is not malloc's, and of resident memory that grows when live does not.
#include <gtest/gtest.h>

#include "tools/verdicts/observing.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::verdicts;
using namespace heapmeter::testing;

namespace {

TEST(Beside, NamesWhatHadMostBesideMallocInWhatHasEnded) {
  Observed observed;
  observed.ended = true;
  observed.reading = reading(0, 8 * kMiB);
  observed.beyond_malloc = BeyondMalloc{"cc1plus", 190 * kMiB, 202 * kMiB, {}};
  EXPECT_TRUE(
      has(told(judge(observed)), "190 MiB of the 202 MiB that cc1plus had resident at most are no blocks"))
      << told(judge(observed));
  observed.beyond_malloc->owners = {{"GCC's own heap", "read it with -fmem-report"}};
  EXPECT_TRUE(has(told(judge(observed)), "resident at most are not malloc's: GCC's own heap\n"))
      << told(judge(observed));
  EXPECT_TRUE(has(told(judge(observed)), "no meter of malloc sees: read it with -fmem-report"));
}

// Readings of a process, each with so much live and so much anonymous memory, of their number.
template <typename Live, typename Anonymous>
Series resident(int readings, Live live, Anonymous anonymous) {
  Series series;
  for (int at = 0; at < readings; ++at) {
    heapmeter::cli::Reading each = reading(live(at), live(at));
    each.usable_bytes = each.live_bytes;
    each.meter_bytes = 0;
    series.push_back(moment(at, each, anonymous(at), anonymous(at)));
  }
  return series;
}
std::uint64_t five(int) { return 5 * kMiB; }
std::uint64_t rises(int at) { return 20 * kMiB + static_cast<std::uint64_t>(at) * kMiB; }

TEST(Beside, TellsThatResidentMemoryGrowsAndLiveDoesNot) {
  Observed observed;
  observed.series = resident(60, five, rises);
  auto all = judge(observed);
  EXPECT_EQ(all.front().kind, Kind::k_growth_beside) << told(all);
  EXPECT_TRUE(all.front().alarm());
  EXPECT_EQ(find(all, Kind::k_nothing_unusual), nullptr) << told(all);
  EXPECT_EQ(all.front().words, "resident memory grows by 1.00 MiB/s, steadily, and live does not");
  EXPECT_TRUE(has(all.front().evidence, "live from 5.00 MiB to 5.00 MiB; 60 readings")) << told(all);
  EXPECT_TRUE(has(all.front().limit, "heapmeter account tells")) << told(all);

  Observed arenas = of_heap(5 * kMiB, 5 * kMiB, 6 * kMiB);
  hold(arenas, Holder::kOther, 70 * kMiB, {{Holder::kOther, "", 70 * kMiB, 70 * kMiB, false}});
  arenas.owners = {{"Python's arenas", "set PYTHONMALLOC=malloc"}};
  arenas.series = observed.series;
  const Verdict *beside = nullptr;
  all = judge(arenas);
  ASSERT_NE(beside = find(all, Kind::k_growth_beside), nullptr) << told(all);
  EXPECT_TRUE(has(beside->evidence, "70.0 MiB in anonymous mappings that are not malloc's: Python's arenas"));
  EXPECT_TRUE(has(beside->limit, "set PYTHONMALLOC=malloc"));

  Observed held = of_heap(5 * kMiB, 5 * kMiB, 79 * kMiB);
  held.series = observed.series;
  all = judge(held);
  ASSERT_NE(beside = find(all, Kind::k_growth_beside), nullptr) << told(all);
  EXPECT_TRUE(has(beside->evidence, "the heap holds 74.0 MiB that no block is in")) << told(all);

  Observed ended;
  ended.ended = true;
  ended.grower = Grower{"python3.11", "", observed.series, {{"Python's arenas", "read them"}}};
  ended.series = flat(60);
  all = judge(ended);
  ASSERT_NE(beside = find(all, Kind::k_growth_beside), nullptr) << told(all);
  EXPECT_EQ(beside->words,
            "resident memory of python3.11 grew by 1.00 MiB/s, steadily, to the end; live did not");
  EXPECT_TRUE(has(beside->evidence, "; Python's arenas")) << told(all);
  EXPECT_FALSE(beside->alarm()) << "a compiler is no leak";
}

TEST(Beside, TellsWhoseResidentMemoryGrowsInAGroup) {
  Observed group;
  group.series = flat(60);
  group.grower = Grower{"python3 (4711)", "", resident(60, five, rises), {{"Python's arenas", "read"}}};
  EXPECT_EQ(judge(group).front().words,
            "resident memory of python3 (4711) grows by 1.00 MiB/s, steadily, and live does not");
  EXPECT_TRUE(judge(group).front().alarm());
  EXPECT_TRUE(has(judge(group).front().evidence, "; Python's arenas")) << told(judge(group));
}

TEST(Beside, TellsThatResidentMemoryRoseWhereItCannotTellMore) {
  Observed observed;
  observed.series = resident(5, five, [](int at) { return rises(10 * at); });
  auto all = judge(observed);
  EXPECT_EQ(all.front().kind, Kind::k_growth_beside) << told(all);
  EXPECT_FALSE(all.front().alarm());
  EXPECT_EQ(all.front().words, "resident memory rose by 40.0 MiB in 4.00 s, live did not");
  EXPECT_NE(find(all, Kind::k_watch_longer), nullptr) << told(all);
  observed.series = resident(60, five, [](int at) { return at < 30 ? 20 * kMiB : 90 * kMiB; });
  EXPECT_TRUE(has(told(judge(observed)), "resident memory rose by 70.0 MiB in 59.0 s, live did not\n"))
      << told(judge(observed));
}

TEST(Beside, LeavesAloneResidentMemoryThatLiveOrTheAllocatorExplains) {
  const auto is_told = [](const Series &series) {
    Observed observed;
    observed.series = series;
    return find(judge(observed), Kind::k_growth_beside) != nullptr;
  };
  EXPECT_FALSE(is_told(resident(60, rises, [](int at) { return 12 * kMiB + rises(at); })))
      << "a leak of malloc's";
  EXPECT_FALSE(is_told(resident(
      60, [](int at) { return 100 * kMiB - rises(at); }, [](int) { return 90 * kMiB; })))
      << "what is freed stays resident";
  EXPECT_FALSE(is_told(resident(
      60, [](int) { return 200 * kMiB; }, rises)))
      << "blocks are used bit by bit";
  EXPECT_FALSE(is_told(resident(60, five, five)));
  EXPECT_FALSE(is_told(resident(60, five, [](int at) { return 20 * kMiB + 4096u * at; })))
      << "a page a second";
  int wrong = 0;
  constexpr int kRuns = 500;
  for (unsigned seed = 1; seed <= kRuns; ++seed) {
    Simulated random(seed);
    double live = 5e6, most = 0;
    wrong += is_told(resident(
        48,
        [&](int) {
          live = std::max(1e6, live + random.noise(4e5));
          return static_cast<std::uint64_t>(live);
        },
        // Once resident, it stays so; and now and then a page is given back.
        [&](int) {
          most = std::max(most, live * 1.1 + 3e6) - 1e5 * random.uniform();
          return static_cast<std::uint64_t>(most);
        }));
  }
  EXPECT_LE(wrong, kRuns / 100);
}

TEST(Beside, DoesNotCallUsualWhatWasTooShort) {
  Observed observed;
  observed.ended = true;
  observed.series = flat(3);
  EXPECT_EQ(judge(observed).front().words,
            "it was too short to tell whether live grew; nothing else is unusual");
}

TEST(Beside, NamesWhoseMemoryIsNotMallocs) {
  Observed observed = of_heap(10 * kMiB, 10 * kMiB, 10 * kMiB);
  hold(observed, Holder::kOther, 170 * kMiB,
       {{Holder::kOther, "", 64 * kMiB, 60 * kMiB, false},
        {Holder::kOther, "", 64 * kMiB, 60 * kMiB, false},
        {Holder::kOther, "", 128 * kMiB, 50 * kMiB, false}});
  EXPECT_TRUE(has(told(judge(observed)), "not malloc's: anonymous mappings (mmap)")) << told(judge(observed));
  observed.owners = {{"Python's arenas", "set PYTHONMALLOC=malloc"}};
  EXPECT_TRUE(has(told(judge(observed)), "170 MiB of 180 MiB resident are not malloc's: Python's arenas"))
      << told(judge(observed));
  EXPECT_TRUE(has(told(judge(observed)), "170 MiB in 3 mappings, most of it in those of 64.0 MiB"))
      << told(judge(observed));
  EXPECT_TRUE(has(told(judge(observed)), "no meter of malloc sees: set PYTHONMALLOC=malloc"));
  observed.owners.push_back({"V8's heap", "read it"});
  EXPECT_TRUE(has(told(judge(observed)), "Python's arenas and V8's heap"));

  Observed files = of_heap(10 * kMiB, 10 * kMiB, 10 * kMiB);
  hold(files, Holder::kFiles, 50 * kMiB, {{Holder::kFiles, "/var/db", 80 * kMiB, 50 * kMiB, false}});
  EXPECT_TRUE(has(told(judge(files)), "not malloc's: mapped files")) << told(judge(files));
  EXPECT_TRUE(has(told(judge(files)), "the largest /var/db 50.0 MiB")) << told(judge(files));

  Observed stacks = of_heap(10 * kMiB, 10 * kMiB, 10 * kMiB);
  hold(stacks, Holder::kStacks, 50 * kMiB);
  EXPECT_TRUE(has(told(judge(stacks)), "not malloc's: stacks of threads"));

  Observed little = of_heap(100 * kMiB, 100 * kMiB, 100 * kMiB);
  hold(little, Holder::kOther, 20 * kMiB);
  EXPECT_EQ(judge(little).front().kind, Kind::k_nothing_unusual);
}

}  // namespace
