// SPDX-License-Identifier: MIT
#include "system/process_tree.h"

#include <algorithm>
#include <functional>
#include <map>

namespace heapmeter::cli {

std::vector<TreeLine> arrange_tree(const std::vector<TreeNode> &nodes, bool utf8) {
  std::map<int, std::vector<std::size_t>> children;
  std::vector<std::size_t> roots;
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    const bool has_parent = nodes[node].parent != nodes[node].pid &&
                            std::any_of(nodes.begin(), nodes.end(),
                                        [&](const TreeNode &each) { return each.pid == nodes[node].parent; });
    if (has_parent) {
      children[nodes[node].parent].push_back(node);
    } else {
      roots.push_back(node);
    }
  }
  std::vector<TreeLine> lines;
  std::vector<bool> placed(nodes.size());
  const std::function<void(std::size_t, std::string, std::string)> place =
      [&](std::size_t node, std::string branch, std::string below) {
        if (placed[node]) return;
        placed[node] = true;
        lines.push_back({node, branch});
        const auto &own = children[nodes[node].pid];
        for (std::size_t child : own) {
          const bool last = child == own.back();
          place(child, below + (utf8 ? (last ? "└─ " : "├─ ") : (last ? "`- " : "|- ")),
                below + (last   ? "   "
                         : utf8 ? "│  "
                                : "|  "));
        }
      };
  for (std::size_t root : roots) place(root, "", "");
  for (std::size_t node = 0; node < nodes.size(); ++node) place(node, "", "");  // circles
  return lines;
}

}  // namespace heapmeter::cli
