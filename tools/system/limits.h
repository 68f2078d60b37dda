// SPDX-License-Identifier: MIT
//
// What the kernel lets one process have, and how much of it is used: setrlimit(2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heapmeter::cli {

struct MemoryLimit {
  std::string name;  // as in "the limit of its address space (ulimit -v)"
  std::uint64_t used_bytes = 0, limit_bytes = 0;
};

// Those there are; none where they may not be read.
std::vector<MemoryLimit> memory_limits(int pid);

}  // namespace heapmeter::cli
