// SPDX-License-Identifier: MIT
//
// Of all code of a process that a recording knows, what one taking leads to; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sites/profile.h"

namespace heapmeter::cli::record {

// The nodes that sites lead to, and no others, numbered anew.
class UsedNodes {
 public:
  // `numbers` is as long as all of them, and none but zeros, before and after.
  UsedNodes(const std::vector<sites::Node> &all, std::vector<std::uint32_t> &numbers,
            std::vector<sites::Node> &into)
      : all_(all), numbers_(numbers), into_(into) {}
  UsedNodes(const UsedNodes &) = delete;
  UsedNodes &operator=(const UsedNodes &) = delete;
  ~UsedNodes() {
    for (const std::uint32_t node : used_) numbers_[node - 1] = 0;
  }

  std::uint32_t number(std::uint32_t leaf);

 private:
  const std::vector<sites::Node> &all_;
  std::vector<std::uint32_t> &numbers_;
  std::vector<std::uint32_t> used_;
  std::vector<sites::Node> &into_;
};

// The modules and tags that its nodes are of, numbered anew: what a taking costs is in proportion to itself.
void keep_used(const std::vector<symbols::Module> &modules, const std::vector<std::string> &tags,
               sites::Profile &profile);

}  // namespace heapmeter::cli::record
