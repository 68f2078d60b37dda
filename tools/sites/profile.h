// SPDX-License-Identifier: MIT
//
// Which call stacks hold and allocate what, as a process tells it: addresses without names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "symbols/frame.h"

namespace heapmeter::cli::sites {

enum class Mode { kOff, kEvery, kSampled };

struct Values {
  std::uint64_t live_bytes = 0, live_blocks = 0, allocated_bytes = 0, allocations = 0, peak_bytes = 0,
                peak_blocks = 0, temporary = 0, live_samples = 0;
  double variance_bytes = 0;  // of live_bytes, where that is an estimate

  Values &operator+=(const Values &other);
  // Signed, from then on; the errors of both add up.
  Values &operator-=(const Values &other);
};

// A return address in one certain chain of callers.
struct Node {
  std::uint32_t parent = 0;  // 0: none; node k is the k-th, from 1 on
  int module = 0;
  std::uint64_t offset = 0;
};
inline constexpr int kNoModule = -1;  // the offset is the address
inline constexpr int kMark = -2;      // no address, but something to be said of the stack
inline constexpr std::uint64_t kCutShort = 1;

struct Site {
  std::uint32_t leaf = 0;
  Values values;
};

struct Profile {
  int pid = 0;
  std::uint64_t start_time = 0;
  std::string name;
  double time = 0;  // seconds since 1970, as the next two
  Mode mode = Mode::kOff;
  std::uint64_t mean_bytes = 0;
  double since = 0, until = 0;
  std::string instead;  // why the mode is not the one that was asked for
  // Of the whole process, exact.
  std::uint64_t live_bytes = 0, live_blocks = 0, allocations = 0, allocated_bytes = 0;
  Values before;  // live blocks that are older than attribution
  Values other;   // attributed to no site, for want of room
  // What a mark had no room for, and the largest site of it.
  Values left_out;
  std::uint64_t left_out_sites = 0, left_out_most_bytes = 0;
  std::uint64_t captures = 0, cut_short = 0, limit_bytes = 0, sites_bytes = 0;
  bool has_peaks = false, has_temporary = false;
  std::vector<symbols::Module> modules;
  std::vector<Node> nodes;
  std::vector<Site> sites;

  const Node &node(std::uint32_t number) const { return nodes[number - 1]; }
};

// Sixteen hexadecimal digits, the same for the same code in every run: of build-ids and offsets.
std::string site_name(const Profile &profile, const Site &site);

}  // namespace heapmeter::cli::sites
