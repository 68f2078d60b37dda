// SPDX-License-Identifier: MIT
#include "lost/whole_stack.h"

namespace heapmeter::cli::lost {

suppressions::Stack whole_stack(const sites::Profile &profile, std::uint32_t leaf, const std::string &family,
                                const sites::Naming &naming) {
  suppressions::Stack stack;
  stack.family = family;
  for (std::uint32_t at = leaf; at != 0 && at <= profile.nodes.size(); at = profile.node(at).parent) {
    const sites::Node &node = profile.node(at);
    if (node.module == sites::kMark) continue;
    const bool known = node.module >= 0 && static_cast<std::size_t>(node.module) < profile.modules.size();
    const std::string path = known ? profile.modules[static_cast<std::size_t>(node.module)].path : "";
    for (symbols::Frame &frame : naming(node.module, node.offset)) {
      stack.frames.push_back(std::move(frame));
      stack.paths.push_back(path);
    }
  }
  return stack;
}

}  // namespace heapmeter::cli::lost
