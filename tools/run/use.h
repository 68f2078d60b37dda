// SPDX-License-Identifier: MIT
//
// What all processes of a run took of the machine. The kernel's sum leaves out children that nobody waited
// for, and has in its highest resident memory what started the program, and the image that a look was taken
// of; their own reports have neither. Pure.
#pragma once

#include <cstdint>

#include <sys/resource.h>

#include "run/tree.h"

namespace heapmeter::cli {

struct Use {
  double user_seconds = 0, system_seconds = 0;  // as the kernel summed them
  double unwaited_seconds = 0;                  // at least, of both, of others
  std::uint64_t rss_peak_bytes = 0;             // of one process

  double cpu_seconds() const { return user_seconds + system_seconds + unwaited_seconds; }
};

// `told`: the reports have the resident memory of all, or the kernel's has an image in it.
Use use_of(const rusage &kernels, const Tree &tree, bool told);

}  // namespace heapmeter::cli
