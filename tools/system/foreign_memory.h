// SPDX-License-Identifier: MIT
//
// Memory of another process, under the kernel's own rules: its user's and root's, and with Yama only a
// parent's or root's.
#pragma once

#include <cstdint>
#include <string>

namespace heapmeter::cli {

struct ForeignMemory {
  std::string bytes;  // as many as could be read
  int error = 0;      // of none: an errno
};

ForeignMemory foreign_memory(int pid, std::uint64_t address, std::size_t most);

}  // namespace heapmeter::cli
