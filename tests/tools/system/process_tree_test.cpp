// SPDX-License-Identifier: MIT
#include "system/process_tree.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

namespace {

std::vector<std::pair<std::size_t, std::string>> plain(const std::vector<TreeNode> &nodes, bool utf8 = true) {
  std::vector<std::pair<std::size_t, std::string>> lines;
  for (const TreeLine &line : arrange_tree(nodes, utf8)) lines.emplace_back(line.node, line.branch);
  return lines;
}

using Lines = std::vector<std::pair<std::size_t, std::string>>;

TEST(ProcessTree, PutsChildrenUnderTheirParents) {
  const std::vector<TreeNode> nodes = {{10, 1}, {20, 1}, {30, 10}, {40, 30}, {50, 10}};
  EXPECT_EQ(plain(nodes), (Lines{{0, ""}, {2, "├─ "}, {3, "│  └─ "}, {4, "└─ "}, {1, ""}}));
  EXPECT_EQ(plain(nodes, false), (Lines{{0, ""}, {2, "|- "}, {3, "|  `- "}, {4, "`- "}, {1, ""}}));
}

TEST(ProcessTree, LosesNoneInACircle) { EXPECT_EQ(plain({{1, 1}, {2, 3}, {3, 2}}).size(), 3u); }

TEST(ProcessTree, IsEmptyWithoutProcesses) { EXPECT_TRUE(plain({}).empty()); }

}  // namespace
