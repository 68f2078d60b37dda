// SPDX-License-Identifier: MIT
#include "benchmark/measurements.h"

int main(int argc, char **argv) { return demo::run_benchmarks(argc, argv); }
