// SPDX-License-Identifier: MIT
#include "lost/rows.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace heapmeter::cli::lost {
namespace {

using Blocks = std::vector<const Block *>;

struct Group {
  std::uint64_t blocks = 0, bytes = 0;
};

Sum sum(const Blocks &blocks, std::uint64_t registers) {
  Sum all;
  std::unordered_map<std::uint32_t, Group> by_group;
  for (const Block *block : blocks) {
    ++all.blocks;
    all.bytes += block->bytes;
    if (block->indirectly) ++all.indirectly_blocks, all.indirectly_bytes += block->bytes;
    if (block->held) continue;
    ++all.least_blocks;
    all.least_bytes += block->bytes;
    Group &group = by_group[block->group];
    ++group.blocks;
    group.bytes += block->bytes;
  }
  std::vector<Group> groups;
  for (const auto &[number, group] : by_group) groups.push_back(group);
  const auto hidden = std::min<std::uint64_t>(registers, groups.size());
  const auto end = groups.begin() + static_cast<std::ptrdiff_t>(hidden);
  // Those that hide most of each, which need not be the same.
  std::partial_sort(groups.begin(), end, groups.end(),
                    [](const Group &a, const Group &b) { return a.blocks > b.blocks; });
  std::for_each(groups.begin(), end, [&](const Group &group) { all.least_blocks -= group.blocks; });
  std::partial_sort(groups.begin(), end, groups.end(),
                    [](const Group &a, const Group &b) { return a.bytes > b.bytes; });
  std::for_each(groups.begin(), end, [&](const Group &group) { all.least_bytes -= group.bytes; });
  return all;
}

}  // namespace

Sum &Sum::operator+=(const Sum &more) {
  blocks += more.blocks;
  bytes += more.bytes;
  least_blocks += more.least_blocks;
  least_bytes += more.least_bytes;
  indirectly_blocks += more.indirectly_blocks;
  indirectly_bytes += more.indirectly_bytes;
  return *this;
}

Sum sum(const Look &look) {
  Blocks all;
  for (const Block &block : look.blocks) all.push_back(&block);
  return sum(all, look.registers);
}

std::vector<Row> rows(const Look &look) {
  std::map<std::tuple<std::uint32_t, std::string, std::uint64_t>, Blocks> alike;
  for (const Block &block : look.blocks) {
    const bool known = block.leaf != 0;
    alike[{block.leaf, known ? "" : block.family, known ? 0 : block.bytes}].push_back(&block);
  }
  std::vector<Row> rows;
  for (const auto &[key, blocks] : alike) {
    // The one that the others follow from, where there is one.
    const auto first =
        std::find_if(blocks.begin(), blocks.end(), [](const Block *block) { return !block->indirectly; });
    const Block &example = **(first == blocks.end() ? blocks.begin() : first);
    rows.push_back(
        {std::get<0>(key), example.family, example.bytes, example.address, sum(blocks, look.registers)});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row &a, const Row &b) { return a.sum.bytes > b.sum.bytes; });
  return rows;
}

}  // namespace heapmeter::cli::lost
