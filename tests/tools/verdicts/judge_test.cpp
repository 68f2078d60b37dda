// SPDX-License-Identifier: MIT
//
// What is said of processes whose figures are known.
#include "verdicts/judge.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <set>

#include "tools/golden.h"
#include "tools/verdicts/observing.h"
#include "verdicts/trend.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::verdicts;
using namespace heapmeter::testing;

namespace {

TEST(Judge, OfNothingReadSaysHowLongToWatch) {
  const auto all = judge({});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].kind, Kind::k_nothing_unusual);
  EXPECT_EQ(all[1].kind, Kind::k_watch_longer);
  EXPECT_TRUE(has(all[1].limit, "24 readings")) << all[1].limit;
}

TEST(Judge, OfFewReadingsSaysNothingAboutGrowth) {
  for (int readings = 1; readings < static_cast<int>(kLeastReadings); ++readings) {
    Observed observed;
    observed.series = rising(readings, 1);
    EXPECT_EQ(find(judge(observed), Kind::k_growth), nullptr) << readings;
    EXPECT_NE(find(judge(observed), Kind::k_watch_longer), nullptr) << readings;
  }
}

TEST(Judge, TellsHowFastItGrowsSinceWhenAndWhere) {
  Observed observed;
  observed.series = rising(60, 1);
  observed.classes_before = {{48, 10, 480, 480, 10, 0, 33}, {64, 10, 640, 640, 10, 0, 49}};
  observed.classes = {{48, 10, 480, 480, 10, 0, 33}, {64, 1010, 64640, 64640, 1010, 0, 49}};
  const auto all = judge(observed);
  const Verdict *growth = find(all, Kind::k_growth);
  ASSERT_NE(growth, nullptr) << told(all);
  EXPECT_EQ(growth->words, "live grows by 1.00 MiB/s, steadily, for 59.0 s at least");
  EXPECT_TRUE(has(growth->evidence, "blocks of 49-64 B, +62.5 KiB")) << growth->evidence;
  EXPECT_TRUE(has(growth->limit, "looks the same"));
  EXPECT_TRUE(growth->alarm());
  EXPECT_EQ(find(all, Kind::k_watch_longer), nullptr);
  EXPECT_EQ(find(all, Kind::k_nothing_unusual), nullptr);
  observed.ended = true;
  const Verdict grew = judge(observed).front();
  EXPECT_EQ(grew.words, "live grew by 1.00 MiB/s, steadily, to the end");
  EXPECT_FALSE(grew.alarm()) << "a compiler is no leak";
}

TEST(Judge, NamesTheCodeThatGrows) {
  Observed observed;
  observed.series = rising(60, 1);
  observed.growing = {
      {"fill shop.cpp:41 < main", 50.0 * kMiB, 50}, {"log", 8.0 * kMiB, 8}, {"other", kMiB, 1}};
  EXPECT_TRUE(has(told(judge(observed)), "; by fill shop.cpp:41 < main +50.0 MiB\n"))
      << told(judge(observed));
  observed.growing[1].bytes = 40.0 * kMiB;
  EXPECT_TRUE(has(told(judge(observed)), "main +50.0 MiB, and log +40.0 MiB\n")) << told(judge(observed));
  observed.ended = true;
  EXPECT_FALSE(has(told(judge(observed)), "log"));
  observed.at_peak = {{"parse < main", 30.0 * kMiB, 50}};
  EXPECT_TRUE(has(told(judge(observed)), "held at the peak by parse < main 30.0 MiB"))
      << told(judge(observed));
  observed.at_peak.clear();
  observed.classes = {{48, 10, 480, 480, 10, 0, 33}, {64, 900'000, 57 * kMiB, 57 * kMiB, 900'000, 0, 49}};
  EXPECT_TRUE(has(told(judge(observed)), "at the exit most of it in blocks of 49-64 B, 57.0 MiB"))
      << told(judge(observed));
  observed.classes[1].live_bytes = kMiB;
  EXPECT_FALSE(has(told(judge(observed)), "at the exit")) << "most had been released by then";
}

TEST(Judge, TellsAStepFromWhatDoesNotRise) {
  Observed observed;
  observed.series = watched([](Simulated &p, double at, double) { p.live = at < 0.5 ? 1024 : 3072; }, 60, 1);
  EXPECT_TRUE(has(told(judge(observed)), "live rose from 1.00 MiB to 3.00 MiB, and does not go on"))
      << told(judge(observed));
}

TEST(Judge, TellsStepsAndWavesFromWhatIsSteady) {
  Observed observed;
  observed.series =
      watched([](Simulated &p, double at, double) { p.live = 1000 + 2000 * std::floor(16 * at); }, 240, 1);
  EXPECT_TRUE(has(told(judge(observed)), ", in steps,")) << told(judge(observed));
  observed.series = watched(
      [](Simulated &p, double at, double) { p.live = 1000 + 9000 * at + 4000 * tooth(at * 20); }, 240, 1);
  EXPECT_TRUE(has(told(judge(observed)), "in waves over a rising floor")) << told(judge(observed));
}

TEST(Judge, LeavesAloneWhatGrowsByNothingToSpeakOf) {
  Observed observed;
  observed.series = watched([](Simulated &p, double at, double) { p.live = 50'000 + 0.2 * at; }, 60, 1);
  EXPECT_EQ(judge(observed).front().kind, Kind::k_nothing_unusual) << "200 bytes in a minute of 50 MiB";
}

// As on a kernel with pages of 16 KiB, whose huge ones are as large as mimalloc's segments.
TEST(Judge, TakesAHugePageForNoFragmentation) {
  Observed small = of_heap(kMiB, 2 * kMiB, 32 * kMiB);
  small.classes = {{320, 3000, kMiB, kMiB, 3000, 0, 289}};
  small.reading->allocated_bytes = 3 * kMiB;
  EXPECT_EQ(judge(small).front().kind, Kind::k_fragmentation) << "by small pages";
  small.account->heap_huge_bytes = 32 * kMiB;
  auto all = judge(small);
  EXPECT_EQ(all.front().kind, Kind::k_huge_pages) << told(all);
  EXPECT_TRUE(has(told(all), "huge pages: of 32.0 MiB resident heap 1.00 MiB is in use")) << told(all);
  EXPECT_TRUE(has(told(all), "32.0 MiB of it came in huge pages")) << told(all);
  EXPECT_FALSE(all.front().alarm());

  small.reading->allocated_bytes = 3000 * kMiB;
  EXPECT_EQ(judge(small).front().kind, Kind::k_fragmentation) << "its many blocks may have touched all of it";
  small.classes = {{320, 30, kMiB, kMiB, 3000, 0, 289}};
  EXPECT_EQ(judge(small).front().kind, Kind::k_huge_pages) << "too few to keep it";
  EXPECT_TRUE(has(judge(small).front().limit, "transparent_hugepage=madvise"));
  small.reading->fields["huge_pages"] = "on";
  EXPECT_TRUE(has(judge(small).front().limit, "without HEAPMETER_HUGE_PAGES"));
  Observed unread = small;
  unread.classes.clear();
  EXPECT_EQ(judge(unread).front().kind, Kind::k_fragmentation) << "small blocks may keep it: not known yet";
  small.reading->peak_bytes = 30 * kMiB;
  EXPECT_EQ(judge(small).front().kind, Kind::k_peak_kept);
}

TEST(Judge, TellsFragmentationFromWhatAPeakLeftBehind) {
  Observed fragmented = of_heap(kMiB, 300 * kMiB, 385 * kMiB);
  fragmented.classes = {{320, 6680, kMiB, kMiB, 9999999, 9000000, 289}};
  fragmented.series = flat(30);
  auto all = judge(fragmented);
  EXPECT_EQ(all.front().kind, Kind::k_fragmentation) << told(all);
  EXPECT_TRUE(has(told(all), "of 385 MiB resident heap 1.00 MiB is in use (0.3 %)")) << told(all);
  EXPECT_TRUE(has(told(all), "6,680 live blocks of 289-320 B can keep 6,144 pages of 64 KiB")) << told(all);
  EXPECT_TRUE(has(told(all), "--backend next")) << told(all);
  EXPECT_TRUE(has(told(all), "live is flat for 29.0 s")) << told(all);
  fragmented.holding = {{"keep < main", kMiB, 6000}, {"log", 1000, 10}};
  all = judge(fragmented);
  EXPECT_TRUE(has(told(all), "pages of 64 KiB, most of them made by keep < main (6,000 blocks)"))
      << told(all);

  Observed left = of_heap(kMiB, 300 * kMiB, 300 * kMiB);
  left.classes = {{320, 10, kMiB, kMiB, 9999999, 9000000, 289}};
  all = judge(left);
  EXPECT_EQ(all.front().kind, Kind::k_peak_kept) << told(all);
  EXPECT_TRUE(has(told(all), "a peak of 300 MiB is over, and the heap keeps 299 MiB that nobody uses"))
      << told(all);
  EXPECT_FALSE(all.front().alarm());

  all = judge(of_heap(100 * kMiB, 110 * kMiB, 130 * kMiB));
  EXPECT_EQ(all.front().kind, Kind::k_nothing_unusual) << told(all);

  Observed next = of_heap(kMiB, 3 * kMiB, 50 * kMiB);
  next.account->backend = "glibc";
  EXPECT_TRUE(has(told(judge(next)), "live was never more than 3.00 MiB")) << told(judge(next));
  EXPECT_TRUE(has(told(judge(next)), "on mimalloc")) << told(judge(next));
}

TEST(Judge, TellsThatAPeakWasGivenBack) {
  const auto all = judge(of_heap(kMiB, 300 * kMiB, 2 * kMiB));
  EXPECT_EQ(all.front().kind, Kind::k_peak_over) << told(all);
  EXPECT_TRUE(has(told(all), "a peak of 300 MiB is over, and its memory given back")) << told(all);
  Observed without;
  without.reading = reading(kMiB, 300 * kMiB);
  without.series = {moment(0, kMiB, 310 * kMiB)};
  EXPECT_TRUE(has(told(judge(without)), "whether its memory was given back, heapmeter account tells"));
  without.ended = true;
  EXPECT_EQ(find(judge(without), Kind::k_peak_over), nullptr) << "at an exit every peak is over";
}

// With 1,000 threads that each may have had 32 KiB more: whether there was a peak at all is not known.
TEST(Judge, TellsOfNoPeakThatMayNotHaveBeen) {
  const auto uncertain = [](std::uint64_t resident) {
    Observed observed = of_heap(6 * kMiB, 21 * kMiB, resident);
    observed.reading->peak_error_bytes = 15 * kMiB;
    return judge(observed);
  };
  EXPECT_EQ(find(uncertain(20 * kMiB), Kind::k_peak_over), nullptr) << told(uncertain(20 * kMiB));
  EXPECT_EQ(find(uncertain(30 * kMiB), Kind::k_peak_kept), nullptr) << told(uncertain(30 * kMiB));
  EXPECT_FALSE(has(told(uncertain(30 * kMiB)), "a peak of")) << told(uncertain(30 * kMiB));
}

TEST(Judge, TellsWhenALimitIsReached) {
  Observed observed = of_heap(10 * kMiB, 10 * kMiB, 10 * kMiB);
  observed.account->cgroup = Cgroup{2, "/service", 400 * kMiB, 512 * kMiB, 0};
  EXPECT_EQ(find(judge(observed), Kind::k_near_limit), nullptr);
  observed.series = rising(60, 1);
  const Verdict *near = nullptr;
  auto all = judge(observed);
  ASSERT_NE(near = find(all, Kind::k_near_limit), nullptr) << told(all);
  EXPECT_EQ(near->words, "the memory limit of its control group comes near: at the present rate in 1m 52s");
  EXPECT_TRUE(has(near->evidence, "400 MiB of 512 MiB used (78.1 %)"));

  observed.series = flat(60);
  observed.account->cgroup = Cgroup{2, "/service", 500 * kMiB, 512 * kMiB, 400 * kMiB};
  EXPECT_EQ(find(judge(observed), Kind::k_near_limit), nullptr) << "files go first";
  observed.limits = {{"the limit of its address space (ulimit -v)", 95, 100}};
  all = judge(observed);
  ASSERT_NE(near = find(all, Kind::k_near_limit), nullptr);
  EXPECT_EQ(near->words, "the limit of its address space (ulimit -v) is near");
  EXPECT_EQ(near->limit, "live does not grow now");
}

TEST(Judge, TellsOfSwapAndOfWrongCalls) {
  Observed observed = of_heap(100 * kMiB, 100 * kMiB, 50 * kMiB);
  observed.account->of(Holder::kHeap).swap_bytes = 40 * kMiB;
  observed.reading->mismatches = 3;
  observed.reading->double_frees = 1;
  observed.reading->faults = {{"mismatch", "new_array", "free", 4096, 3}, {"double_free", "", "free", 0, 1}};
  const auto all = judge(observed);
  EXPECT_EQ(all.front().kind, Kind::k_wrong_calls);
  EXPECT_TRUE(has(told(all), "4 wrong calls")) << told(all);
  EXPECT_TRUE(has(told(all),
                  "3 released by the wrong call, 1 released twice: 3x new[] released by free "
                  "(the first 4.00 KiB), 1x released again by free"))
      << told(all);
  EXPECT_TRUE(has(told(all), "40.0 MiB of the heap are swapped out")) << told(all);
}

TEST(Judge, TellsOfWhatIsLost) {
  Observed observed;
  observed.ended = true;
  observed.reading = reading(4 * kMiB, 4 * kMiB);
  observed.lost = {443, kMiB};
  const auto all = judge(observed);
  EXPECT_EQ(all.front().kind, Kind::k_lost);
  EXPECT_TRUE(all.front().alarm());
  EXPECT_TRUE(has(told(all), "443 blocks are lost")) << told(all);
  EXPECT_TRUE(
      has(told(all), "1.00 MiB that nothing pointed at any more at the exit, 25.0 % of what was live"))
      << told(all);
  EXPECT_FALSE(has(told(all), "nothing unusual")) << told(all);
}

// Kinds are asked for by name in scripts.
TEST(Judge, HasFiguresOfItsOwnForEachKind) {
  std::set<std::string> codes;
  for (int kind = 0; kind <= static_cast<int>(Kind::k_watch_longer); ++kind)
    codes.insert(code(static_cast<Kind>(kind)));
  EXPECT_EQ(codes.size(), 15u);
  const std::string verbs = read_file(source_root() / "tools/VERBS.md"),
                    formats = read_file(source_root() / "tools/FORMATS.md");
  for (const std::string &each : codes) {
    EXPECT_TRUE(has(verbs, "| `" + each + "` |")) << each;
    EXPECT_TRUE(has(formats, "`" + each + "`")) << each;
  }
  Observed observed;
  observed.series = rising(60, 1);
  const auto json = to_json(judge(observed));
  EXPECT_EQ(json.at(0).at("kind"), "growth");
  EXPECT_NEAR(json.at(0).at("figures").at("bytes_per_second").as_double(), 1 << 20, 1000);
}

std::vector<Verdict> several() {
  Observed observed = of_heap(kMiB, 300 * kMiB, 385 * kMiB);
  observed.classes = {{320, 6680, kMiB, kMiB, 9999999, 9000000, 289}};
  observed.series = rising(60, 1);
  observed.reading->mismatches = 3;
  observed.account->cgroup = Cgroup{2, "/service", 400 * kMiB, 512 * kMiB, 0};
  hold(observed, Holder::kOther, 800 * kMiB, {{Holder::kOther, "", 64 * kMiB, 60 * kMiB, false}});
  observed.owners = {{"Python's arenas", "set PYTHONMALLOC=malloc to have every object counted"}};
  return judge(observed);
}

TEST(VerdictsText, IsAsAPersonHasLookedAtIt) {
  for (const int columns : {80, 120, 200}) {
    const std::string text = verdicts_text(several(), Paint(false), columns);
    expect_golden("verdicts_" + std::to_string(columns) + ".txt", text);
    for (const char letter : text) EXPECT_GT(letter, 0) << "is ASCII";
  }
  expect_golden("verdicts_one_reading_80.txt", verdicts_text(judge({}), Paint(false), 80));
}

}  // namespace
