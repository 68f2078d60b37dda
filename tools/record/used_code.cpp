// SPDX-License-Identifier: MIT
#include "record/used_code.h"

#include <algorithm>
#include <unordered_map>

namespace heapmeter::cli::record {

std::uint32_t UsedNodes::number(std::uint32_t leaf) {
  const std::size_t before = used_.size();
  for (std::uint32_t node = leaf; node != 0 && numbers_[node - 1] == 0; node = all_[node - 1].parent)
    used_.push_back(node);
  // A caller comes before what it calls.
  std::reverse(used_.begin() + static_cast<std::ptrdiff_t>(before), used_.end());
  for (std::size_t at = before; at < used_.size(); ++at) {
    sites::Node node = all_[used_[at] - 1];
    if (node.parent != 0) node.parent = numbers_[node.parent - 1];
    into_.push_back(node);
    numbers_[used_[at] - 1] = static_cast<std::uint32_t>(into_.size());
  }
  return numbers_[leaf - 1];
}

void keep_used(const std::vector<symbols::Module> &modules, const std::vector<std::string> &tags,
               sites::Profile &profile) {
  std::unordered_map<int, int> numbers;
  std::unordered_map<std::uint64_t, std::uint64_t> tag_numbers;
  for (sites::Node &node : profile.nodes) {
    if (node.module == sites::kMark) {
      if (node.offset <= sites::kFirstTag) continue;
      const std::uint64_t tag = node.offset - sites::kFirstTag;  // from 1 on
      if (tag > tags.size()) {
        node.offset = sites::kFirstTag;  // one without a name
        continue;
      }
      const auto [place, is_new] = tag_numbers.try_emplace(tag, tag_numbers.size() + 1);
      if (is_new) profile.tags.push_back(tags[tag - 1]);
      node.offset = sites::kFirstTag + place->second;
    }
    if (node.module < 0) continue;
    const auto [place, is_new] = numbers.try_emplace(node.module, static_cast<int>(numbers.size()));
    if (is_new) profile.modules.push_back(modules[static_cast<std::size_t>(node.module)]);
    node.module = place->second;
  }
}

}  // namespace heapmeter::cli::record
