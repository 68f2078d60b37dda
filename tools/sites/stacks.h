// SPDX-License-Identifier: MIT
//
// The call stacks of a profile with their names, and without what says nothing of who holds memory. Sites
// that differ only in that are one stack.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sites/profile.h"
#include "symbols/frame.h"

namespace heapmeter::cli::sites {

struct Stacks {
  struct Stack {
    std::vector<std::uint32_t> frames;  // outermost first; indices
    Values values;
    std::string name;                  // of its frames, whichever sites it is of; the same in every run
    std::vector<std::uint32_t> sites;  // of the profile, the one that holds most first
  };

  std::vector<symbols::Frame> frames;  // each but once
  std::vector<Stack> stacks;           // what holds most first
};

enum class Folding { kFolded, kWhole };

// All that names are needed for, each once: what a site leads to.
std::vector<symbols::Place> places(const Profile &profile);

// As Namer::name().
using Naming = std::function<std::vector<symbols::Frame>(int module, std::uint64_t offset)>;

Stacks name_stacks(const Profile &profile, const Naming &naming, Folding folding = Folding::kFolded);

}  // namespace heapmeter::cli::sites
