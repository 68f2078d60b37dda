// SPDX-License-Identifier: MIT
#include "lost/named.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "sites/depths.h"
#include "text/user_error.h"

namespace heapmeter::cli::lost {
namespace {

using ByLeaf = std::unordered_map<std::uint32_t, sites::Values>;

sites::Profile only(const ByLeaf &by_leaf, sites::Profile profile) {
  profile.sites.clear();
  for (const auto &[leaf, values] : by_leaf) {
    if (leaf != 0 && leaf <= profile.nodes.size()) profile.sites.push_back({leaf, values});
  }
  std::sort(profile.sites.begin(), profile.sites.end(),
            [](const sites::Site &a, const sites::Site &b) { return a.leaf < b.leaf; });
  return profile;
}

// One leaf stands for all stacks that are told as one.
class Told {
 public:
  Told(const sites::Profile &lost, const sites::Naming &naming) : stacks_(sites::name_stacks(lost, naming)) {
    for (const sites::Stacks::Stack &stack : stacks_.stacks) {
      const std::uint32_t first = lost.sites.at(stack.sites.at(0)).leaf;
      stack_of_[first] = &stack;
      for (const std::uint32_t site : stack.sites) first_of_[lost.sites.at(site).leaf] = first;
    }
  }
  std::uint32_t leaf(std::uint32_t leaf) const {
    const auto found = first_of_.find(leaf);
    return found == first_of_.end() ? 0 : found->second;
  }
  NamedRow named(const Row &row) const {
    NamedRow one{row, {}};
    if (const auto stack = stack_of_.find(row.leaf); stack != stack_of_.end()) {
      for (auto frame = stack->second->frames.rbegin(); frame != stack->second->frames.rend(); ++frame)
        one.frames.push_back(stacks_.frames.at(*frame));
    }
    return one;
  }

 private:
  sites::Stacks stacks_;
  std::unordered_map<std::uint32_t, std::uint32_t> first_of_;
  std::unordered_map<std::uint32_t, const sites::Stacks::Stack *> stack_of_;
};

}  // namespace

sites::Profile only_lost(const Look &look, sites::Profile profile) {
  ByLeaf by_leaf;
  for (const Block &block : look.blocks) {
    sites::Values &values = by_leaf[block.leaf];
    ++values.live_blocks;
    values.live_bytes += block.bytes;
  }
  // The blocks are of another page than the stacks.
  const sites::Depths depths(profile);
  std::uint64_t frames = 0;
  for (const auto &[leaf, values] : by_leaf) frames += depths.of(leaf);
  if (frames > sites::kMostFrames)
    throw UserError("the call stacks of what is lost are too long to be named");
  return only(by_leaf, std::move(profile));
}

sites::Profile only_lost(const std::vector<Row> &rows, sites::Profile profile) {
  ByLeaf by_leaf;
  for (const Row &row : rows) {
    by_leaf[row.leaf].live_blocks += row.sum.blocks;
    by_leaf[row.leaf].live_bytes += row.sum.bytes;
  }
  return only(by_leaf, std::move(profile));
}

std::vector<NamedRow> named(const Look &look, sites::Profile profile, const sites::Naming &naming) {
  const Told stacks(only_lost(look, std::move(profile)), naming);
  Look told = look;
  for (Block &block : told.blocks) block.leaf = stacks.leaf(block.leaf);
  std::vector<NamedRow> all;
  for (const Row &row : rows(told)) all.push_back(stacks.named(row));
  return all;
}

std::vector<NamedRow> named(const std::vector<Row> &rows, sites::Profile profile,
                            const sites::Naming &naming) {
  const Told stacks(only_lost(rows, std::move(profile)), naming);
  std::map<std::tuple<std::uint32_t, std::string, std::uint64_t>, Row> alike;
  for (Row row : rows) {
    row.leaf = stacks.leaf(row.leaf);
    const bool known = row.leaf != 0;
    const auto [at, is_new] =
        alike.try_emplace({row.leaf, known ? "" : row.family, known ? 0 : row.block_bytes}, row);
    if (!is_new) at->second.sum += row.sum;
  }
  std::vector<NamedRow> all;
  for (const auto &[key, row] : alike) all.push_back(stacks.named(row));
  std::stable_sort(all.begin(), all.end(),
                   [](const NamedRow &a, const NamedRow &b) { return a.row.sum.bytes > b.row.sum.bytes; });
  return all;
}

}  // namespace heapmeter::cli::lost
