// SPDX-License-Identifier: MIT
//
// Which global or static variable is at an address of a living process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "symbols/namer.h"

namespace heapmeter::cli::lost {

class DataNames {
 public:
  // The addresses that are to be named.
  DataNames(int pid, const std::vector<std::uint64_t> &addresses);

  // "the_cache (server)", "server+0x4010" without a name, "" of no file's.
  std::string name(std::uint64_t address);

 private:
  struct At {
    int module;
    std::uint64_t offset;  // one behind: a namer looks at the byte before
  };
  At place(std::uint64_t address) const;

  std::vector<symbols::Module> modules_;
  symbols::Namer namer_;
};

}  // namespace heapmeter::cli::lost
