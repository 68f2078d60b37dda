// SPDX-License-Identifier: MIT
#include "flame/layout.h"

#include <algorithm>
#include <cmath>

namespace heapmeter::cli::flame {
namespace {

struct Total {
  double width = 0, after = 0, before = 0, larger = 0;
};

std::vector<Total> totals_of(const Tree &tree, const Measure &measure) {
  std::vector<Total> totals(tree.nodes.size());
  for (const Tree::End &end : tree.ends) {
    const auto after = static_cast<double>(end.after.*measure.field);
    const auto before = static_cast<double>(end.before.*measure.field);
    Total &total = totals[end.node];
    total.width += tree.compared ? std::fabs(after - before) : after;
    total.larger += std::max(after, before);
    total.after += after;
    total.before += before;
  }
  for (std::size_t node = tree.nodes.size() - 1; node > 0; --node) {
    Total &above = totals[tree.nodes[node].parent];
    above.width += totals[node].width;
    above.after += totals[node].after;
    above.before += totals[node].before;
    above.larger += totals[node].larger;
  }
  return totals;
}

}  // namespace

std::vector<Box> layout(const Tree &tree, const Measure &measure, double narrowest) {
  const std::vector<Total> totals = totals_of(tree, measure);
  const double whole = totals[0].width;
  std::vector<Box> boxes = {{0, 0, 0, 1, totals[0].after, totals[0].before, totals[0].larger}};
  if (whole <= 0) return boxes;
  std::vector<std::vector<std::uint32_t>> children(tree.nodes.size());
  for (std::uint32_t node = 1; node < tree.nodes.size(); ++node) {
    if (totals[node].width / whole >= narrowest) children[tree.nodes[node].parent].push_back(node);
  }
  for (std::size_t at = 0; at < boxes.size(); ++at) {
    const Box above = boxes[at];
    auto &inside = children[above.node];
    std::stable_sort(inside.begin(), inside.end(), [&](std::uint32_t one, std::uint32_t other) {
      return totals[one].width > totals[other].width;
    });
    double left = above.left;
    for (const std::uint32_t node : inside) {
      const double width = totals[node].width / whole;
      boxes.push_back(
          {node, above.depth + 1, left, width, totals[node].after, totals[node].before, totals[node].larger});
      left += width;
    }
  }
  return boxes;
}

}  // namespace heapmeter::cli::flame
