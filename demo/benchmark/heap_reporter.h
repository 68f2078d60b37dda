// SPDX-License-Identifier: MIT
//
// The table of results: average, median, minimum and maximum over the repetitions, and what one iteration
// allocated.
#pragma once

#include <map>
#include <string>

#include <benchmark/benchmark.h>

namespace demo {

class HeapReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context &context) override;
  void ReportRuns(const std::vector<Run> &runs) override;

 private:
  struct Row {
    std::string name;
    std::map<std::string, double> nanoseconds;  // by the statistic's name
    std::int64_t repetitions = 0;
    std::int64_t iterations = 0;
    double allocations = 0;
    double bytes = 0;
    bool metered = false;
  };
  void print(const Row &row);

  Row row_;  // the repetitions come in one call, their statistics in the next
};

}  // namespace demo
