// SPDX-License-Identifier: MIT
#include "benchmark/heap_reporter.h"

#include <algorithm>
#include <iostream>
#include <vector>

#include <fmt/format.h>

namespace demo {
namespace {

std::string duration(double nanoseconds) {
  if (nanoseconds >= 1e6) return fmt::format("{:.2f} ms", nanoseconds / 1e6);
  if (nanoseconds >= 1e3) return fmt::format("{:.2f} us", nanoseconds / 1e3);
  return fmt::format("{:.2f} ns", nanoseconds);
}

// Empty when the run went well. Google Benchmark 1.8 gave the fields other names.
template <typename Run>
std::string error_of(const Run &run) {
  if constexpr (requires { run.error_occurred; }) {
    return run.error_occurred ? run.error_message : "";
  } else {
    return run.skipped ? run.skip_message : "";
  }
}

// Google Benchmark runs at most this many iterations for the memory figures, and does not say how many.
std::int64_t memory_iterations(const benchmark::BenchmarkReporter::Run &run) {
  constexpr std::int64_t kMost = 16;
  return std::min<std::int64_t>(kMost, run.iterations);
}

}  // namespace

bool HeapReporter::ReportContext(const Context &context) {
  // The processors, the caches, and a warning when the clock speed changes during the run.
  PrintBasicContext(&GetErrorStream(), context);
  GetOutputStream() << fmt::format("{:<28} {:>10} {:>10} {:>10} {:>10} {:>18} {:>14} {:>14}\n", "", "average",
                                   "median", "minimum", "maximum", "repeated", "allocations", "bytes");
  return true;
}

void HeapReporter::ReportRuns(const std::vector<Run> &runs) {
  for (const Run &run : runs) {
    if (row_.name != run.run_name.function_name) {
      row_ = Row();
      row_.name = run.run_name.function_name;
    }
    if (const std::string error = error_of(run); !error.empty()) {
      GetErrorStream() << fmt::format("{}: {}\n", row_.name, error);
      return;
    }
    if (run.run_type == Run::RT_Aggregate) {
      row_.nanoseconds[run.aggregate_name] =
          run.GetAdjustedRealTime() / benchmark::GetTimeUnitMultiplier(run.time_unit) * 1e9;
      continue;
    }
    row_.repetitions = run.repetitions;
    row_.iterations = run.iterations;
    if (run.memory_result == nullptr) continue;
    row_.metered = true;
    row_.allocations = run.allocs_per_iter;
    row_.bytes = static_cast<double>(run.memory_result->total_allocated_bytes) /
                 static_cast<double>(memory_iterations(run));
  }
  if (!row_.nanoseconds.empty()) print(row_);
}

void HeapReporter::print(const Row &row) {
  const auto count = [&](double value) { return row.metered ? fmt::format("{:.2f}", value) : "not metered"; };
  const auto time = [&](const char *statistic) { return duration(row.nanoseconds.at(statistic)); };
  GetOutputStream() << fmt::format("{:<28} {:>10} {:>10} {:>10} {:>10} {:>18} {:>14} {:>14}\n", row.name,
                                   time("mean"), time("median"), time("min"), time("max"),
                                   fmt::format("{} x {}", row.repetitions, row.iterations),
                                   count(row.allocations), count(row.bytes))
                    << std::flush;
}

}  // namespace demo
