// SPDX-License-Identifier: MIT
//
// What glibc and libstdc++ promise, kept: the same program prints the same metered and unmetered, so the real
// libraries are the oracle. Where a victim checks itself, what it says is pinned down as well. How programs
// start and end, and what else must be the same, are rows of the matrix.
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
                                           "thread_limits", "seccomp_strict", "seccomp_filter",
                                           "fork_under_fire", "witness_c", "witness_cpp"),
                         [](const auto &info) { return std::string(info.param); });

TEST(Alignment, LooksAtEveryPairAndFindsNothing) {
  const Metered metered = run_metered({{victim("alignment")}});
  EXPECT_EQ(metered.outcome.out, "63002 blocks\n");
  EXPECT_EQ(metered.report["live_blocks"], 3) << "valloc's, pvalloc's and stdout's";
}

TEST(OperatorNew, HandlerIsCalledAndBadAllocIsCaught) {
  const Metered metered = run_metered({{victim("new_handler")}});
  EXPECT_NE(metered.outcome.out.find("\nnew with a handler: bad_alloc\nthe handler was called 3 times\n"),
            std::string::npos)
      << metered.outcome;
  EXPECT_NE(metered.outcome.out.find("\nnothrow new with a handler that throws: null\n"), std::string::npos);
}

TEST(Threads, FreesInLateDestructorsAreAllCounted) {
  const Metered metered = run_metered({{victim("late_frees")}});
  EXPECT_EQ(metered.outcome.out, "made 20000 freed 20000\nby malloc 20000\nkept by glibc: a few\n");
}

}  // namespace
}  // namespace heapmeter::testing
