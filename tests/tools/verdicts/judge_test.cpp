// SPDX-License-Identifier: MIT
//
// What is said of processes whose figures are known.
#include "verdicts/judge.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <set>

#include "tools/golden.h"
#include "tools/snapshot_text.h"
#include "tools/verdicts/simulated.h"
#include "verdicts/trend.h"
#include "views/verdicts.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::verdicts;
using namespace heapmeter::testing;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

heapmeter::cli::Reading reading(std::uint64_t live, std::uint64_t peak) {
  heapmeter::cli::Reading found = parse_reading(snapshot_text());
  found.live_bytes = live;
  found.peak_bytes = peak;
  return found;
}

Observed of_heap(std::uint64_t live, std::uint64_t peak, std::uint64_t resident) {
  Observed observed;
  observed.reading = reading(live, peak);
  Account account;
  account.backend = "mimalloc";
  account.live_bytes = account.usable_bytes = live;
  account.committed_bytes = account.of(Holder::kHeap).resident_bytes = resident;
  account.resident_bytes = account.explained_bytes();
  observed.account = account;
  return observed;
}

void hold(Observed &observed, Holder holder, std::uint64_t bytes, std::vector<Piece> pieces = {}) {
  Account &account = *observed.account;
  account.of(holder) = {bytes, 0, std::max<std::size_t>(pieces.size(), 1)};
  account.pieces.insert(account.pieces.end(), pieces.begin(), pieces.end());
  account.resident_bytes = account.explained_bytes();
}

Series rising(int readings, double mib_a_second) {
  return watched(
      [&](Simulated &p, double at, double) { p.live = 1000 + 1024 * mib_a_second * at * readings; }, readings,
      1);
}
Series flat(int readings) {
  return watched([](Simulated &, double, double) {}, readings, 1);
}

const Verdict *find(const std::vector<Verdict> &all, Kind kind) {
  for (const Verdict &each : all) {
    if (each.kind == kind) return &each;
  }
  return nullptr;
}

std::string told(const std::vector<Verdict> &all) { return verdicts_text(all, Paint(false), 0); }
bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

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

TEST(Judge, NamesWhatHadMostBesideMallocInWhatHasEnded) {
  Observed observed;
  observed.ended = true;
  observed.reading = reading(0, 8 * kMiB);
  observed.beyond_malloc = BeyondMalloc{"cc1plus", 190 * kMiB, 202 * kMiB, {}};
  EXPECT_TRUE(
      has(told(judge(observed)), "190 MiB of the 202 MiB that cc1plus had resident at most are no blocks"))
      << told(judge(observed));
  observed.beyond_malloc->owner = OwnMemory{"GCC's own heap", "read it with -fmem-report"};
  EXPECT_TRUE(has(told(judge(observed)), "resident at most are not malloc's: GCC's own heap\n"))
      << told(judge(observed));
  EXPECT_TRUE(has(told(judge(observed)), "no meter of malloc sees: read it with -fmem-report"));
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

TEST(Judge, TellsThatResidentMemoryGrowsAndLiveDoesNot) {
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
  ended.grower = Grower{"python3.11", "", observed.series, OwnMemory{"Python's arenas", "read them"}};
  ended.series = flat(60);
  all = judge(ended);
  ASSERT_NE(beside = find(all, Kind::k_growth_beside), nullptr) << told(all);
  EXPECT_EQ(beside->words,
            "resident memory of python3.11 grew by 1.00 MiB/s, steadily, to the end; live did not");
  EXPECT_TRUE(has(beside->evidence, "; Python's arenas")) << told(all);
  EXPECT_FALSE(beside->alarm()) << "a compiler is no leak";
}

TEST(Judge, TellsWhoseResidentMemoryGrowsInAGroup) {
  Observed group;
  group.series = flat(60);
  group.grower =
      Grower{"python3 (4711)", "", resident(60, five, rises), OwnMemory{"Python's arenas", "read"}};
  EXPECT_EQ(judge(group).front().words,
            "resident memory of python3 (4711) grows by 1.00 MiB/s, steadily, and live does not");
  EXPECT_TRUE(judge(group).front().alarm());
  EXPECT_TRUE(has(judge(group).front().evidence, "; Python's arenas")) << told(judge(group));
}

TEST(Judge, TellsThatResidentMemoryRoseWhereItCannotTellMore) {
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

TEST(Judge, LeavesAloneResidentMemoryThatLiveOrTheAllocatorExplains) {
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

TEST(Judge, DoesNotCallUsualWhatWasTooShort) {
  Observed observed;
  observed.ended = true;
  observed.series = flat(3);
  EXPECT_EQ(judge(observed).front().words,
            "it was too short to tell whether live grew; nothing else is unusual");
}

TEST(Judge, NamesWhoseMemoryIsNotMallocs) {
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
  EXPECT_EQ(codes.size(), 14u);
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
