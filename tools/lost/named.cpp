// SPDX-License-Identifier: MIT
#include "lost/named.h"

#include <algorithm>
#include <unordered_map>

namespace heapmeter::cli::lost {

sites::Profile only_lost(const Look &look, sites::Profile profile) {
  std::unordered_map<std::uint32_t, sites::Values> by_leaf;
  for (const Block &block : look.blocks) {
    if (block.leaf == 0 || block.leaf > profile.nodes.size()) continue;
    sites::Values &values = by_leaf[block.leaf];
    ++values.live_blocks;
    values.live_bytes += block.bytes;
  }
  profile.sites.clear();
  for (const auto &[leaf, values] : by_leaf) profile.sites.push_back({leaf, values});
  std::sort(profile.sites.begin(), profile.sites.end(),
            [](const sites::Site &a, const sites::Site &b) { return a.leaf < b.leaf; });
  return profile;
}

std::vector<NamedRow> named(const Look &look, sites::Profile profile, const sites::Naming &naming) {
  const sites::Profile lost = only_lost(look, std::move(profile));
  const sites::Stacks stacks = sites::name_stacks(lost, naming);
  // One leaf stands for all stacks that are told as one.
  std::unordered_map<std::uint32_t, std::uint32_t> first_leaf;
  std::unordered_map<std::uint32_t, const sites::Stacks::Stack *> stack_of;
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    const std::uint32_t first = lost.sites.at(stack.sites.at(0)).leaf;
    stack_of[first] = &stack;
    for (const std::uint32_t site : stack.sites) first_leaf[lost.sites.at(site).leaf] = first;
  }
  Look told = look;
  for (Block &block : told.blocks) {
    const auto found = first_leaf.find(block.leaf);
    block.leaf = found == first_leaf.end() ? 0 : found->second;
  }
  std::vector<NamedRow> all;
  for (const Row &row : rows(told)) {
    NamedRow one{row, {}};
    if (const auto stack = stack_of.find(row.leaf); stack != stack_of.end()) {
      for (auto frame = stack->second->frames.rbegin(); frame != stack->second->frames.rend(); ++frame)
        one.frames.push_back(stacks.frames.at(*frame));
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace heapmeter::cli::lost
