// SPDX-License-Identifier: MIT
//
// What glibc and libstdc++ promise, kept: the same program prints the same metered and unmetered, so the real
// libraries are the oracle. Where a victim checks itself, what it says is pinned down as well.
#include <gtest/gtest.h>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

struct Pair {
  Outcome plain, metered;
};

Pair both(const Command &command) {
  Meter meter;
  Command metered = command;
  metered.environment = meter.environment(command.environment);
  return {run(command), run(metered)};
}

void expect_same(const Pair &pair) {
  EXPECT_EQ(pair.metered.out, pair.plain.out);
  EXPECT_EQ(pair.metered.err, pair.plain.err);
  EXPECT_EQ(pair.metered.exit_code, pair.plain.exit_code);
  EXPECT_EQ(pair.metered.signal, pair.plain.signal);
  EXPECT_FALSE(pair.metered.timed_out);
}

class Contract : public ::testing::TestWithParam<const char *> {};

TEST_P(Contract, SameAsUnmetered) {
  const Pair pair = both({{victim(GetParam())}});
  EXPECT_TRUE(pair.plain.ok()) << pair.plain;
  EXPECT_FALSE(pair.plain.out.empty());
  expect_same(pair);
}

INSTANTIATE_TEST_SUITE_P(Victims, Contract,
                         ::testing::Values("contract", "alignment", "realloc_contents", "new_handler",
                                           "own_new", "own_malloc", "life_phases", "thread_limits",
                                           "seccomp_strict", "seccomp_filter", "own_malloc_partly",
                                           "exit_on_small_stack", "fork_under_fire", "function_pointers",
                                           "ifunc", "witness_c", "witness_cpp"),
                         [](const auto &info) { return std::string(info.param); });

TEST(Alignment, LooksAtEveryPairAndFindsNothing) {
  const Metered metered = run_metered({{victim("alignment")}});
  EXPECT_EQ(metered.outcome.out, "40202 blocks\n");
  EXPECT_EQ(metered.report["live_blocks"], 3) << "valloc's, pvalloc's and stdout's";
}

TEST(OperatorNew, HandlerIsCalledAndBadAllocIsCaught) {
  const Metered metered = run_metered({{victim("new_handler")}});
  EXPECT_NE(metered.outcome.out.find("\nnew with a handler: bad_alloc\nthe handler was called 3 times\n"),
            std::string::npos)
      << metered.outcome;
  EXPECT_NE(metered.outcome.out.find("\nnothrow new with a handler that throws: null\n"), std::string::npos);
}

// The first block is born before libc itself is set up, when there is no environment to read yet.
TEST(Counting, BlocksFromBeforeMainAndAfterAreInTheReport) {
  const Metered metered = run_metered({{victim("life_phases")}});
  EXPECT_EQ(metered.report.by_kind("allocations_by_kind", "malloc"), 5) << "four, and stdout's buffer";
  EXPECT_EQ(metered.report["live_blocks"], 1);
}

TEST(Counting, WorksInsideAnIfuncResolver) {
  const Metered metered = run_metered({{victim("ifunc")}});
  EXPECT_EQ(metered.outcome.out, "42 0\n");
  EXPECT_EQ(metered.report["foreign_frees"] + metered.report["double_frees"], 0);
}

TEST(Counting, AddressesOfTheCallsAreCountedToo) {
  const Metered metered = run_metered({{victim("function_pointers")}});
  EXPECT_EQ(metered.report.by_kind("allocations_by_kind", "calloc"), 1000);
  EXPECT_EQ(metered.report["reallocations"], 1000);
  EXPECT_EQ(metered.report["allocations"], 2001) << "and stdout's buffer";
}

class Plugin : public ::testing::TestWithParam<const char *> {};

TEST_P(Plugin, CppLibraryInACProgram) {
  const std::string plugin = build_root() / "tests" / "preload" / "libcpp_plugin.so";
  const Command command{{victim("c_host"), plugin, GetParam()}};
  expect_same(both(command));
  const Metered metered = run_metered(command);
  EXPECT_EQ(metered.outcome.out,
            "caught std::bad_alloc\nnothrow new gives null\n1000 words\na block made in the plugin\n");
  EXPECT_GE(metered.report.by_kind("allocations_by_kind", "new"), 1000) << "the plugin's own work is counted";
  EXPECT_EQ(metered.report["foreign_frees"], 0);
  EXPECT_EQ(metered.report["mismatches"], 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, Plugin, ::testing::Values("local", "global", "deepbind"),
                         [](const auto &info) { return std::string(info.param); });

TEST(Threads, FreesInLateDestructorsAreAllCounted) {
  const Metered metered = run_metered({{victim("late_frees")}});
  EXPECT_EQ(metered.outcome.out, "made 20000 freed 20000\nby malloc 20000\nkept by glibc: a few\n");
}

class Ending : public ::testing::TestWithParam<const char *> {};

TEST_P(Ending, IsTheSameAndReportedWhenLibcSaysGoodbye) {
  const std::string way = GetParam();
  const Command command{{victim("ending"), way}};
  expect_same(both(command));
  Meter meter;
  Command metered = command;
  metered.environment = meter.environment();
  const Outcome outcome = run(metered);
  const bool orderly = way == "return" || way == "exit" || way == "thread";
  EXPECT_EQ(meter.reported(outcome.pid), orderly);
  if (orderly) {
    EXPECT_GE(meter.report(outcome.pid)["live_bytes"], 12345);
  }
  EXPECT_TRUE(meter.sockets().empty()) << meter.sockets().front();
}

INSTANTIATE_TEST_SUITE_P(Ways, Ending,
                         ::testing::Values("return", "exit", "_exit", "quick_exit", "abort", "kill",
                                           "thread"),
                         [](const auto &info) { return std::string(info.param); });

}  // namespace
}  // namespace heapmeter::testing
