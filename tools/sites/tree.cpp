// SPDX-License-Identifier: MIT
#include "sites/tree.h"

#include <algorithm>
#include <unordered_map>

namespace heapmeter::cli::sites {

Tree tree_of(const std::vector<const Stacks::Stack *> &stacks, Direction direction, By by) {
  Tree tree;
  tree.all.emplace_back();
  std::unordered_map<std::uint64_t, std::uint32_t> known;  // by branch and frame
  const auto step = [&](std::uint32_t from, std::uint32_t frame) {
    const std::uint64_t key = std::uint64_t{from} << 32 | frame;
    const auto [place, is_new] = known.try_emplace(key, static_cast<std::uint32_t>(tree.all.size()));
    if (is_new) {
      tree.all[from].branches.push_back(place->second);
      tree.all.push_back({frame, {}, {}});
    }
    return place->second;
  };
  for (const Stacks::Stack *stack : stacks) {
    std::uint32_t at = 0;
    const auto go = [&](std::uint32_t frame) {
      tree.all[at].values += stack->values;
      at = step(at, frame);
    };
    if (direction == Direction::kCallees)
      std::for_each(stack->frames.begin(), stack->frames.end(), go);
    else
      std::for_each(stack->frames.rbegin(), stack->frames.rend(), go);
    tree.all[at].values += stack->values;
  }
  for (Branch &branch : tree.all) {
    std::stable_sort(branch.branches.begin(), branch.branches.end(), [&](std::uint32_t a, std::uint32_t b) {
      return amount(tree.all[a].values, by) > amount(tree.all[b].values, by);
    });
  }
  return tree;
}

}  // namespace heapmeter::cli::sites
