// SPDX-License-Identifier: MIT
//
// A group's rows as tests: the unmetered run is the oracle, bare mimalloc is a fact to be recorded, and both
// backends must be the same as the oracle and know what they counted.
//
//   matrix_GROUP_test [gtest options]
//   matrix_GROUP_test --repeat N [ROW...]   the repeated rows, or those named, N times on both backends
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>

#include "published.h"
#include "record.h"
#include "repeat.h"
#include "runner.h"

namespace heapmeter::testing::matrix {
namespace {

void expect_oracle(const Row &row, const Outcome &plain) {
  EXPECT_FALSE(plain.timed_out) << plain;
  EXPECT_EQ(plain.exit_code, row.signal == 0 ? row.exit_code : -1) << plain;
  EXPECT_EQ(plain.signal, row.signal) << plain;
  EXPECT_FALSE(plain.out.empty() && plain.err.empty()) << "a row that says nothing shows nothing";
}

void expect_look_at_exit(const Row &row, const Reading &report) {
  const auto &leaks = report.fields().at("leaks").as_object();
  const auto *failure = leaks.if_contains("failure");
  EXPECT_EQ(failure == nullptr ? "" : std::string(failure->as_string()), row.no_look);
}

void expect_counted(const Row &row, const Run &run) {
  if (row.refused) return;
  if (row.counted == Counted::kNothing) {
    EXPECT_FALSE(run.report.has_value()) << "metered after all";
    return;
  }
  if (row.counted == Counted::kUnreported) {
    EXPECT_FALSE(run.report.has_value()) << "a report after all";
    return;
  }
  if (row.counted == Counted::kNoMatter) return;
  ASSERT_TRUE(run.report.has_value()) << "no report: " << run.outcome;
  const Reading &report = *run.report;
  EXPECT_EQ(report.fields().at("backend").as_string(),
            row.on_next || !is_on_mimalloc() ? "next" : name(run.mode));
  EXPECT_GT(report["allocations"], 0);
  EXPECT_EQ(report["live_blocks"], report["allocations"] - report["frees"]);
  EXPECT_EQ(report["live_bytes"], report["allocated_bytes"] - report["freed_bytes"]);
  if (row.looked_at) expect_look_at_exit(row, report);
  if (row.counted == Counted::kFaults) return;
  for (const char *fault :
       {"mismatches", "size_mismatches", "double_frees", "foreign_frees", "inner_frees"}) {
    EXPECT_EQ(report[fault], 0) << fault;
  }
}

int failures_so_far() {
  return ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
}

Result result_of(const Row &row, Mode mode, const std::string &differs, const Trial &trial) {
  const char *result = "same";
  std::string detail = differs;
  if (row.refused && metered(mode)) {
    result = "refused";
  } else if (!differs.empty()) {
    result = "differs";
  } else if (row.counted == Counted::kNothing && metered(mode)) {
    result = "unmetered";
  }
  return {name(mode), result, detail, trial.seconds, trial.run.looks};
}

class RowTest : public ::testing::Test {
 public:
  RowTest(const Group &group, const Row &row) : group_(group), row_(row) {}

  void TestBody() override {
    const std::string reason = row_.skip ? row_.skip() : "";
    if (!reason.empty()) {
      record(group_, row_, {{"all", "skipped", reason, 0}});
      GTEST_SKIP() << reason;
    }
    EXPECT_TRUE(!row_.because.empty() || (!row_.refused && row_.counted != Counted::kNothing))
        << "a row that is not metered says why";
    std::vector<Result> results;
    const Trial plain = run_row(row_, Mode::kPlain, nullptr);
    expect_oracle(row_, plain.run.outcome);
    results.push_back(result_of(row_, Mode::kPlain, "", plain));
    for (const Mode mode : {Mode::kBareMimalloc, Mode::kMimalloc, Mode::kNext}) {
      if (row_.looked_at && !metered(mode)) continue;
      results.push_back(try_mode(mode, plain.run.outcome));
    }
    record(group_, row_, results);
  }

 private:
  Result try_mode(Mode mode, const Outcome &plain) {
    SCOPED_TRACE(name(mode));
    const Meter meter;
    const int failures_before = failures_so_far();
    try {
      const Trial trial = run_row(row_, mode, metered(mode) ? &meter : nullptr);
      const Outcome &outcome = trial.run.outcome;
      const std::string differs = difference(plain, outcome);
      if (outcome.timed_out && !metered(mode)) {
        std::cout << name(mode) << " hangs, and is recorded so: ended after " << trial.seconds << " s\n";
      }
      if (metered(mode)) {
        EXPECT_TRUE(row_.refused || differs.empty())
            << differs << ": " << outcome << "\nunmetered: " << plain;
        expect_counted(row_, trial.run);
        const bool reported = row_.counted == Counted::kReport || row_.counted == Counted::kFaults;
        if (row_.check && (!reported || row_.refused || trial.run.report)) row_.check(trial.run);
      }
      if (failures_so_far() > failures_before && differs.empty()) {
        return {name(mode), "differs", "in its own assertions", trial.seconds, trial.run.looks};
      }
      return result_of(row_, mode, differs, trial);
    } catch (const std::exception &error) {  // of a visit: the process never came to what it waits for
      if (metered(mode)) ADD_FAILURE() << error.what();
      return {name(mode), "differs", "stuck"};
    }
  }

  const Group &group_;
  const Row &row_;
};

class PublishedTest : public ::testing::Test {
 public:
  explicit PublishedTest(const Group &group) : group_(group) {}
  void TestBody() override { EXPECT_EQ(fault_of_published(group_), ""); }

 private:
  const Group &group_;
};

int test(const Group &group) {
  forget_strangers(group);
  ::testing::RegisterTest(group.name.c_str(), "Published", nullptr, nullptr, __FILE__, __LINE__,
                          [&group]() -> ::testing::Test * { return new PublishedTest(group); });
  for (const Row &row : group.rows) {
    ::testing::RegisterTest(group.name.c_str(), row.name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [&group, &row]() -> ::testing::Test * { return new RowTest(group, row); });
  }
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace heapmeter::testing::matrix

int main(int argc, char **argv) {
  namespace matrix = heapmeter::testing::matrix;
  const matrix::Group group = matrix::group();
  if (argc >= 3 && std::strcmp(argv[1], "--repeat") == 0) {
    return matrix::repeat(group, std::stol(argv[2]), {argv + 3, argv + argc});
  }
  ::testing::InitGoogleTest(&argc, argv);
  return matrix::test(group);
}
