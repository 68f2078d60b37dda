// SPDX-License-Identifier: MIT
#include "support/patience.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

namespace heapmeter::testing {
namespace {

constexpr double kMost = 10;

// The last minute's.
double runners_for_a_processor() {
  double runners = 1;
  if (getloadavg(&runners, 1) != 1) return 1;
  return std::clamp(runners / static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)), 1.0, kMost);
}

}  // namespace

int Patience::left_ms() const {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const double passed = Milliseconds(std::chrono::steady_clock::now() - start_).count();
  const double most = static_cast<double>(deadline_.count()) * runners_for_a_processor();
  return passed >= most ? 0 : static_cast<int>(most - passed) + 1;
}

}  // namespace heapmeter::testing
