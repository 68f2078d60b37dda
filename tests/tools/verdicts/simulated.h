// SPDX-License-Identifier: MIT
//
// Programs whose live bytes over time are known, with readings of them: `at` goes from 0 to 1 over the time
// watched.
#pragma once

#include <cmath>
#include <functional>
#include <random>

#include "verdicts/series.h"

namespace heapmeter::testing {

class Simulated {
 public:
  explicit Simulated(unsigned seed) : random(seed), phase(uniform()), a(uniform()), b(uniform()) {}

  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random); }
  double noise(double spread) {
    return spread <= 0 ? 0 : std::normal_distribution<double>(0, spread)(random);
  }
  double poisson(double mean) {
    return mean <= 0 ? 0 : static_cast<double>(std::poisson_distribution<std::uint64_t>(mean)(random));
  }

  std::mt19937 random;
  double phase, a, b;  // of this run, each from 0 to 1
  double live = 1000;  // KiB
};

using Behaviour = std::function<void(Simulated &, double at, double step)>;

inline heapmeter::cli::verdicts::Series watched(const Behaviour &behaviour, int readings, unsigned seed,
                                                double interval = 1) {
  constexpr int kSteps = 5;  // between two readings
  Simulated program(seed);
  heapmeter::cli::verdicts::Series series;
  const double step = 1.0 / (readings * kSteps);
  for (int reading = 0; reading < readings; ++reading) {
    for (int part = 0; part < kSteps; ++part) behaviour(program, (reading * kSteps + part + 1) * step, step);
    const double live = std::max(0.0, program.live) * 1024;
    series.push_back(heapmeter::cli::verdicts::moment(reading * interval, static_cast<std::uint64_t>(live)));
  }
  return series;
}

// From 0 to 1 and back to 0, again and again.
inline double tooth(double at) { return at - std::floor(at); }
inline double wave(double at) { return std::sin(2 * M_PI * at); }

}  // namespace heapmeter::testing
