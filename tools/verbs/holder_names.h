// SPDX-License-Identifier: MIT
//
// What holders are called: blocks by the code they are from, data by variables, stacks by threads.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lost/data_names.h"
#include "lost/holding.h"
#include "sites/stacks.h"
#include "views/reading.h"

namespace heapmeter::cli {

class HolderNames {
 public:
  struct Known {
    std::string text;
    std::uint64_t mean_bytes = 0;  // of its live blocks; 0: not known
  };
  using Code = std::map<std::uint32_t, Known>;  // of leaves
  static Code code_of(const sites::Profile &profile, const sites::Stacks &stacks);

  // Of all holders in there, in a process that lives; nothing but sizes of blocks where no code is known.
  HolderNames(int pid, const lost::Holding &holding, Code code, const Units &units);

  std::string name(const lost::Holder &holder);

 private:
  const Code code_;
  const Units units_;
  const std::map<int, int> threads_;
  lost::DataNames variables_;
};

}  // namespace heapmeter::cli
