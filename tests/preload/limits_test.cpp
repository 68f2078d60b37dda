// SPDX-License-Identifier: MIT
//
// Programs that check what they are given, under limits of memory from where hardly anything of them starts
// to where all of it runs: refused they may be, by the meter's part of it as well, but nothing ends them.
#include <gtest/gtest.h>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

struct Checks {
  const char *name;
  std::vector<std::string> argv;
  std::string out;  // of one that is refused nothing
  // What it says of a refusal that it may then not survive by its own fault.
  std::string refused_to_death = "";
};

std::vector<Checks> programs_that_check() {
  return {
      {"true", {program("true")}, ""},
      {"perl",
       {program("perl"), "-e", "my @all = map { { of => $_ } } 1..2000; print scalar(@all)"},
       "2000",
       // With glibc's malloc alone, too: 5.36 and 5.40 where every block from the 966th on is refused.
       "Out of memory"},
      {"sqlite3",
       {program("sqlite3"), ":memory:",
        "create table t(a); with recursive c(x) as (select 1 union all select x + 1 from c where x < 5000) "
        "insert into t select x from c; select sum(a) from t"},
       "12502500\n"},
      {"threads_that_check", {victim("threads_that_check")}, ""}};
}

class UnderLimits : public ::testing::TestWithParam<std::tuple<const char *, const char *>> {
 protected:
  static Outcome run_under(const Checks &what, int mib) {
    const auto &[limit, sample] = GetParam();
    Command command{{program("prlimit"), std::string(limit) + "=" + std::to_string(mib << 20), program("env"),
                     "LD_PRELOAD=" + library().string()}};
    command.argv.insert(command.argv.end(), what.argv.begin(), what.argv.end());
    command.environment = meter_->environment();
    command.environment.erase("LD_PRELOAD");
    command.environment["HEAPMETER_SAMPLE"] = sample;
    return run(command);
  }
  void SetUp() override { meter_ = std::make_unique<Meter>(); }
  void TearDown() override { meter_.reset(); }

  static inline std::unique_ptr<Meter> meter_;
};

TEST_P(UnderLimits, WhoChecksIsRefusedAtMost) {
  for (const Checks &what : programs_that_check()) {
    int served = 0;
    for (int mib = 10; mib <= 120; mib += mib < 40 ? 1 : 8) {
      const Outcome outcome = run_under(what, mib);
      const bool own_fault =
          !what.refused_to_death.empty() && outcome.err.find(what.refused_to_death) != std::string::npos;
      EXPECT_TRUE(outcome.signal == 0 || own_fault) << what.name << " in " << mib << " MiB: " << outcome;
      if (outcome.exit_code != 0) continue;
      EXPECT_EQ(outcome.out, what.out) << what.name << " in " << mib << " MiB: " << outcome;
      ++served;
    }
    EXPECT_GE(served, 5) << what.name;
    const std::size_t reports = meter_->reports().size();
    EXPECT_EQ(run_under(what, 400).exit_code, 0) << what.name;
    EXPECT_GT(meter_->reports().size(), reports) << what.name << " was not metered";
  }
}

INSTANTIATE_TEST_SUITE_P(Of, UnderLimits,
                         ::testing::Combine(::testing::Values("--as", "--data"),
                                            ::testing::Values("off", "every")),
                         [](const auto &info) {
                           return std::string(std::get<0>(info.param)).substr(2) + "_" +
                                  std::get<1>(info.param);
                         });

}  // namespace
}  // namespace heapmeter::testing
