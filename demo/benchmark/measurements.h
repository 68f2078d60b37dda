// SPDX-License-Identifier: MIT
//
// The program `benchmark`: what it measures, and how it is run. Options are Google Benchmark's.
#pragma once

namespace demo {

void register_measurements();

// Exit code.
int run_benchmarks(int argc, char **argv);

}  // namespace demo
