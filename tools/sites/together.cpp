// SPDX-License-Identifier: MIT
#include "sites/together.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace heapmeter::cli::sites {
namespace {

class Gatherer {
 public:
  Gatherer(const std::string &name, const Files &files) : files_(files) { sum_.profile.name = name; }

  void add(const Profile &member) {
    add_head(member);
    map_modules(member);
    map_nodes(member);
    for (const Site &site : member.sites) values_[nodes_[site.leaf]] += site.values;
    for (const Lived &each : member.lifetimes) lived_[{nodes_[each.leaf], each.doubling}] += each.blocks;
    ++member_;
  }

  Together take() {
    for (const auto &[leaf, values] : values_) sum_.profile.sites.push_back({leaf, values});
    for (const auto &[at, blocks] : lived_) sum_.profile.lifetimes.push_back({at.first, at.second, blocks});
    return std::move(sum_);
  }

 private:
  void add_head(const Profile &member) {
    Profile &sum = sum_.profile;
    const bool first = member_ == 0;
    sum.time = std::max(sum.time, member.time);
    sum.since = first ? member.since : std::min(sum.since, member.since);
    sum.until = std::max(sum.until, member.until);
    sum.mode = std::max(sum.mode, member.mode);
    sum.mean_bytes = std::max(sum.mean_bytes, member.mean_bytes);
    if (sum.instead.empty()) sum.instead = member.instead;
    for (const auto field :
         {&Profile::live_bytes, &Profile::live_blocks, &Profile::allocations, &Profile::allocated_bytes,
          &Profile::peak_bytes, &Profile::peak_error_bytes, &Profile::peak_live_bytes, &Profile::captures,
          &Profile::cut_short, &Profile::limit_bytes, &Profile::sites_bytes})
      sum.*field += member.*field;
    sum.before += member.before;
    sum.other += member.other;
    sum.of_all_threads += member.of_all_threads;
    sum.has_peaks = (first || sum.has_peaks) && member.has_peaks;
    sum.has_temporary = (first || sum.has_temporary) && member.has_temporary;
    sum.has_ages = (first || sum.has_ages) && member.has_ages;
    sum.of_threads |= member.of_threads;
    sum.threads.insert(sum.threads.end(), member.threads.begin(), member.threads.end());
    sum.temporary_ms = std::max(sum.temporary_ms, member.temporary_ms);
  }

  void map_modules(const Profile &member) {
    module_numbers_.clear();
    sum_.of_members.push_back(member.modules);
    for (const symbols::Module &module : member.modules) {
      const std::string key = module.build_id.empty()
                                  ? file(member, module_numbers_.size()) + " " + module.path
                                  : module.build_id;
      const auto [known, is_new] = modules_.try_emplace(key, static_cast<int>(sum_.profile.modules.size()));
      if (is_new) {
        sum_.profile.modules.push_back(module);
        sum_.modules.push_back({member_, static_cast<int>(module_numbers_.size())});
      }
      module_numbers_.push_back(known->second);
    }
  }

  // "" where it is not known.
  std::string file(const Profile &member, std::size_t module) const {
    const auto known = files_.find({member.pid, member.start_time});
    return known == files_.end() || module >= known->second.size() ? "" : known->second[module];
  }

  void map_nodes(const Profile &member) {
    nodes_.assign(1, 0);
    for (const Node &from : member.nodes) {
      Node node{nodes_[from.parent], from.module, from.offset};
      if (from.module >= 0) node.module = module_numbers_[static_cast<std::size_t>(from.module)];
      if (from.module == kNoModule) sum_.members_of_made_code.try_emplace(from.offset, member_);
      if (from.module == kMark && from.offset > kFirstTag) node.offset = tag(member, from.offset);
      const auto [known, is_new] = known_.try_emplace(
          {node.parent, node.module, node.offset}, static_cast<std::uint32_t>(sum_.profile.nodes.size() + 1));
      if (is_new) sum_.profile.nodes.push_back(node);
      nodes_.push_back(known->second);
    }
  }

  // The mark of the same tag in the sum.
  std::uint64_t tag(const Profile &member, std::uint64_t mark) {
    const std::uint64_t number = mark - kFirstTag - 1;
    std::vector<std::string> &tags = sum_.profile.tags;
    const std::string name = number < member.tags.size() ? member.tags[number] : "?";
    const auto [known, is_new] = tags_.try_emplace(name, tags.size());
    if (is_new) tags.push_back(name);
    return kFirstTag + 1 + known->second;
  }

  const Files &files_;
  Together sum_;
  std::size_t member_ = 0;
  std::map<std::string, int> modules_;
  std::map<std::string, std::uint64_t> tags_;
  std::map<std::tuple<std::uint32_t, int, std::uint64_t>, std::uint32_t> known_;
  std::map<std::uint32_t, Values> values_;
  std::map<std::pair<std::uint32_t, unsigned>, std::uint64_t> lived_;
  // Of the member at hand: its numbers in the sum.
  std::vector<int> module_numbers_;
  std::vector<std::uint32_t> nodes_;
};

}  // namespace

Together::Origin Together::origin(int module, std::uint64_t offset) const {
  if (module >= 0) return modules[static_cast<std::size_t>(module)];
  const auto made = members_of_made_code.find(offset);
  return {made == members_of_made_code.end() ? 0 : made->second, module};
}

Together together(const std::vector<Profile> &members, const std::string &name, const Files &files) {
  Gatherer gatherer(name, files);
  for (const Profile &member : members) gatherer.add(member);
  return gatherer.take();
}

const Profile *largest_of(const std::vector<Profile> &members) {
  std::uint64_t all = 0;
  const Profile *largest = nullptr;
  for (const Profile &member : members) {
    all += member.live_bytes;
    if (largest == nullptr || member.live_bytes > largest->live_bytes) largest = &member;
  }
  return members.size() > 1 && largest->live_bytes > all - largest->live_bytes ? largest : nullptr;
}

}  // namespace heapmeter::cli::sites
