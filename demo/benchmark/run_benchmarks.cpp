// SPDX-License-Identifier: MIT
//
// The table of HeapReporter, unless the user asks Google Benchmark for one of its own formats.
#include <algorithm>
#include <string_view>

#include "benchmark/heap_reporter.h"
#include "benchmark/measurements.h"
#include "benchmark/metered_loop.h"
#include "support/program.h"

namespace demo {
namespace {

bool wants_other_format(int argc, char **argv) {
  return std::any_of(argv + 1, argv + argc,
                     [](std::string_view word) { return word.starts_with("--benchmark_format"); });
}

}  // namespace

int run_benchmarks(int argc, char **argv) {
  const bool other_format = wants_other_format(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return static_cast<int>(ExitCode::kUsage);
  register_measurements();
  if (heapmeter::metered()) benchmark::RegisterMemoryManager(&heap_manager());

  HeapReporter reporter;
  const auto run =
      other_format ? benchmark::RunSpecifiedBenchmarks() : benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::RegisterMemoryManager(nullptr);
  benchmark::Shutdown();
  return static_cast<int>(run == 0 ? ExitCode::kFailed : ExitCode::kOk);
}

}  // namespace demo
