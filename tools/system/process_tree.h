// SPDX-License-Identifier: MIT
//
// Processes under their parents: the order to print them in and the branches before their names; pure.
#pragma once

#include <string>
#include <vector>

namespace heapmeter::cli {

struct TreeNode {
  int pid = 0;
  int parent = 0;
};

struct TreeLine {
  std::size_t node = 0;  // place in the list given
  std::string branch;    // "", or such as "│  └─ "
};

// Roots and siblings in the order given. Parents not in the list, and circles, make roots.
std::vector<TreeLine> arrange_tree(const std::vector<TreeNode> &nodes, bool utf8);

}  // namespace heapmeter::cli
