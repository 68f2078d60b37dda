// SPDX-License-Identifier: MIT
//
// How long stacks are. Their nodes share what they have in common, so that a page of a few MiB may speak of
// more frames than there is time or memory to name.
#pragma once

#include <cstdint>
#include <vector>

#include "sites/profile.h"

namespace heapmeter::cli::sites {

// Of all that one command walks.
inline constexpr std::uint64_t kMostFrames = 64u << 20;

class Depths {
 public:
  explicit Depths(const Profile &profile) : depths_(profile.nodes.size() + 1) {
    for (std::uint32_t node = 1; node < depths_.size(); ++node)
      depths_[node] = depths_[profile.node(node).parent] + 1;
  }
  // None where there is no such node.
  std::uint64_t of(std::uint32_t leaf) const { return leaf < depths_.size() ? depths_[leaf] : 0; }

 private:
  std::vector<std::uint32_t> depths_;
};

}  // namespace heapmeter::cli::sites
