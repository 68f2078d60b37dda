// SPDX-License-Identifier: MIT
//
// Which files a process has mapped, as the kernel tells them apart: a path may be another in each process.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace heapmeter::cli {

class MappedFiles {
 public:
  explicit MappedFiles(int pid);
  // Device and inode of what is mapped there; "" for nothing, or when it may not be known.
  std::string at(std::uint64_t address) const;

 private:
  struct Mapping {
    std::uint64_t end;
    std::string file;
  };
  std::map<std::uint64_t, Mapping> mappings_;  // by start
};

}  // namespace heapmeter::cli
