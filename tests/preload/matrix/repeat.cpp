// SPDX-License-Identifier: MIT
#include "repeat.h"

#include <algorithm>
#include <iostream>

#include "runner.h"

namespace heapmeter::testing::matrix {
namespace {

struct Tally {
  long runs = 0, hangs = 0, differences = 0;
  double slowest = 0;
};

constexpr long kRunsALine = 100;

void note(Tally &tally, const Outcome &plain, const Trial &trial) {
  ++tally.runs;
  tally.slowest = std::max(tally.slowest, trial.seconds);
  const std::string differs = difference(plain, trial.run.outcome);
  if (differs.empty()) return;
  (trial.run.outcome.timed_out ? tally.hangs : tally.differences) += 1;
  std::cout << "run " << tally.runs << ": " << differs << ": " << trial.run.outcome << std::endl;
}

void print(const std::string &row, Mode mode, const Tally &tally) {
  std::cout << row << ' ' << name(mode) << ": " << tally.runs << " runs, " << tally.hangs << " hangs, "
            << tally.differences << " different, slowest " << tally.slowest << " s" << std::endl;
}

// A line now and then, so that the runs of one that is ended early count.
Tally repeat_row(const std::string &called, const Row &row, Mode mode, long times) {
  const Trial plain = run_row(row, Mode::kPlain, nullptr);
  Tally tally;
  while (tally.runs < times) {
    const Meter meter;
    note(tally, plain.run.outcome, run_row(row, mode, &meter));
    if (tally.runs % kRunsALine == 0 && tally.runs < times) print(called, mode, tally);
  }
  print(called, mode, tally);
  return tally;
}

bool wanted(const Row &row, const std::vector<std::string> &names) {
  if (names.empty()) return row.repeated;
  return std::find(names.begin(), names.end(), row.name) != names.end();
}

}  // namespace

int repeat(const Group &group, long times, const std::vector<std::string> &rows) {
  int lines = 0, faults = 0;
  for (const Row &row : group.rows) {
    if (!wanted(row, rows)) continue;
    const std::string called = group.name + "." + row.name;
    const std::string reason = row.skip ? row.skip() : "";
    ++lines;
    if (!reason.empty()) {
      std::cout << called << ": skipped: " << reason << std::endl;
      continue;
    }
    for (const Mode mode : {Mode::kMimalloc, Mode::kNext}) {
      const Tally tally = repeat_row(called, row, mode, times);
      if (tally.hangs + tally.differences > 0 || tally.runs == 0) ++faults;
    }
  }
  if (lines == 0) std::cout << group.name << ": no such row\n";
  return faults == 0 && lines > 0 ? 0 : 1;
}

}  // namespace heapmeter::testing::matrix
