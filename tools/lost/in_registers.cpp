// SPDX-License-Identifier: MIT
#include "lost/in_registers.h"

#include <algorithm>
#include <set>

namespace heapmeter::cli::lost {
namespace {

// As the image does it, on x86-64: programs keep tags in the bits that no address has, and a pointer may
// stand at the end of a granule.
constexpr std::uint64_t kAddress = (std::uint64_t{1} << 47) - 1, kGranule = 16;
// That a call keeps for its caller; what it was called with, the image knows.
constexpr std::uint64_t kKept = 6, kAll = 15;

bool is_held(const Block &block, const std::vector<std::uint64_t> &addresses) {
  const auto first = std::lower_bound(addresses.begin(), addresses.end(), block.address);
  const std::uint64_t granules = std::max<std::uint64_t>(1, (block.bytes + kGranule - 1) / kGranule);
  return first != addresses.end() && *first - block.address < granules * kGranule;
}

}  // namespace

void doubt_held(Look &look, const std::vector<std::uint64_t> &words, std::size_t unknown_asleep,
                std::size_t unknown_awake, bool others_came) {
  std::vector<std::uint64_t> addresses;
  for (const std::uint64_t word : words) addresses.push_back(word & kAddress);
  std::sort(addresses.begin(), addresses.end());
  std::set<std::uint32_t> groups;
  for (const Block &block : look.blocks) {
    if (is_held(block, addresses)) groups.insert(block.group);
  }
  for (Block &block : look.blocks) block.held = groups.contains(block.group);
  look.registers = (others_came ? look.registers : 0) + unknown_asleep * kKept + unknown_awake * kAll;
}

}  // namespace heapmeter::cli::lost
