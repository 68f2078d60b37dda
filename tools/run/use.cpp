// SPDX-License-Identifier: MIT
#include "run/use.h"

#include <algorithm>

namespace heapmeter::cli {
namespace {

// Between a report and the end of its process.
constexpr double kNoise = 0.005;

double seconds(const timeval &time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double told_seconds(const Tree &tree) {
  double sum = 0;
  for (const ProgramRow &row : tree.programs) sum += row.cpu_seconds.value_or(0);
  return sum;
}

}  // namespace

Use use_of(const rusage &kernels, const Tree &tree, bool told) {
  Use use{seconds(kernels.ru_utime), seconds(kernels.ru_stime), 0,
          static_cast<std::uint64_t>(kernels.ru_maxrss) * 1024};
  const double unwaited = told_seconds(tree) - use.cpu_seconds();
  if (unwaited > kNoise) use.unwaited_seconds = unwaited;
  use.rss_peak_bytes = told && tree.rss_peak_bytes > 0 ? tree.rss_peak_bytes
                                                       : std::max(use.rss_peak_bytes, tree.rss_peak_bytes);
  return use;
}

}  // namespace heapmeter::cli
