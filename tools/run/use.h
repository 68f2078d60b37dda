// SPDX-License-Identifier: MIT
//
// What all processes of a run took of the machine. The kernel's sum leaves out children that nobody waited
// for, and has in its highest resident memory what started the program, and the image that a look was taken
// of; their own reports have neither. Pure.
#pragma once

#include <cstdint>

#include "run/summary.h"

namespace heapmeter::cli {

struct Use {
  double user_seconds = 0, system_seconds = 0;  // as the kernel summed them
  double unwaited_seconds = 0;                  // at least, of both, of others
  std::uint64_t rss_peak_bytes = 0;             // of one process

  double cpu_seconds() const { return user_seconds + system_seconds + unwaited_seconds; }
};

Use use_of(const RunResult &result, const Tree &tree);

}  // namespace heapmeter::cli
