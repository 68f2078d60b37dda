// SPDX-License-Identifier: MIT
//
// Programs that make every call there is with known sizes and print what each step changed in the counters:
// the whole answer is compared with golden/NAME.txt, so a counter that moves and should not is seen too.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include <csignal>
#include <set>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

class KnownAnswers : public ::testing::TestWithParam<const char *> {};

std::string golden(const std::string &name) {
  return read_file(source_root() / "tests" / "preload" / "golden" / (name + ".txt"));
}

TEST_P(KnownAnswers, EveryStepChangesExactlyWhatItShould) {
  const std::string name = GetParam();
  const Metered metered = run_metered({{victim(name)}});
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_EQ(metered.outcome.out, golden(name));
}

TEST_P(KnownAnswers, ReportIsTheBooksBalanced) {
  const Reading report = run_metered({{victim(GetParam())}}).report;
  EXPECT_EQ(report["live_blocks"], report["allocations"] - report["frees"]);
  EXPECT_EQ(report["live_bytes"], report["allocated_bytes"] - report["freed_bytes"]);
  EXPECT_GE(report["usable_bytes"], report["live_bytes"]);
  EXPECT_GE(report["peak_bytes"], report["live_bytes"]);
  EXPECT_EQ(report["peak_error_bytes"], 0) << "one thread: the peak is exact";
  std::int64_t allocations = 0, frees = 0;
  for (const auto &kind : report.fields().at("allocations_by_kind").as_object()) {
    allocations += kind.value().to_number<std::int64_t>();
  }
  for (const auto &kind : report.fields().at("frees_by_kind").as_object())
    frees += kind.value().to_number<std::int64_t>();
  EXPECT_EQ(allocations, report["allocations"]);
  EXPECT_EQ(frees, report["frees"]);
}

// The steps are sound C and C++: glibc's own malloc takes the same ones.
TEST_P(KnownAnswers, ProgramRunsUnmeteredToo) {
  const Outcome outcome = run({{victim(GetParam())}});
  const bool aborts = std::set<std::string>{"double_free", "inner_free"}.contains(GetParam());
  EXPECT_EQ(outcome.signal, aborts ? SIGABRT : 0) << outcome;
  EXPECT_EQ(outcome.out.find('+'), std::string::npos) << "counted something unmetered:\n" << outcome.out;
}

INSTANTIATE_TEST_SUITE_P(Calls, KnownAnswers,
                         ::testing::Values("known_c", "known_extensions", "known_cpp", "mismatches",
                                           "double_free", "foreign_free", "inner_free"),
                         [](const auto &info) { return std::string(info.param); });

TEST(Faults, ReportNamesTheFirstOnesWithKindsAndSize) {
  const Metered metered = run_metered({{victim("mismatches")}});
  const auto &faults = metered.report.fields().at("faults").as_array();
  ASSERT_FALSE(faults.empty());
  const auto &first = faults.at(0).as_object();
  EXPECT_EQ(first.at("fault").as_string(), "mismatch");
  EXPECT_EQ(first.at("allocated_by").as_string(), "new_array");
  EXPECT_EQ(first.at("released_by").as_string(), "free");
  EXPECT_EQ(first.at("bytes").to_number<int>(), 40);
  EXPECT_EQ(first.at("count").to_number<int>(), 2) << "new int[10] and the one of 5,000,000 bytes";
  EXPECT_EQ(metered.report["mismatches"], 10);
  EXPECT_EQ(metered.report["size_mismatches"], 1);
}

TEST(Faults, DoubleFreesAreReportedAndSurvived) {
  const Metered metered = run_metered({{victim("double_free")}});
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_EQ(metered.report["double_frees"], 4);
  const auto &first = metered.report.fields().at("faults").as_array().at(0).as_object();
  EXPECT_EQ(first.at("fault").as_string(), "double_free");
  EXPECT_EQ(first.at("released_by").as_string(), "free");
}

TEST(Faults, FreesWithinBlocksAreReportedAndSurvived) {
  for (const char *backend : {"mimalloc", "next"}) {
    const Metered metered = run_metered({{victim("inner_free")}, {{"HEAPMETER_BACKEND", backend}}});
    EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
    EXPECT_GT(metered.report["inner_frees"], 1000);
    for (const char *other : {"double_frees", "mismatches", "foreign_frees"})
      EXPECT_EQ(metered.report[other], 0) << backend << " " << other;
    const auto &first = metered.report.fields().at("faults").as_array().at(0).as_object();
    EXPECT_EQ(first.at("fault").as_string(), "inner_free");
  }
}

}  // namespace
}  // namespace heapmeter::testing
