// SPDX-License-Identifier: MIT
#include "sites/comparison.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "symbols/jit_name.h"

namespace heapmeter::cli::sites {
namespace {

using Chain = std::vector<std::uint32_t>;

// By the name of its file, which is what a frame tells.
std::map<std::string, std::set<std::string>> builds_of(const Profile &profile) {
  std::map<std::string, std::set<std::string>> builds;
  for (const symbols::Module &module : profile.modules)
    builds[std::filesystem::path(module.path).filename()].insert(module.build_id);
  return builds;
}

// Frames of both readings, each once.
class Frames {
 public:
  Frames(const Profile &before, const Profile &after)
      : before_(builds_of(before)), after_(builds_of(after)) {}

  std::uint32_t add(const symbols::Frame &frame) {
    const bool same = is_same_build(frame.module);
    Key key{frame.function, same || symbols::is_made(frame) ? frame.file : "", same ? frame.line : 0,
            same || frame.function.empty() ? frame.module : "",
            frame.function.empty() ? symbols::place_without_name(frame) : 0};
    const auto [known, is_new] = known_.try_emplace(std::move(key), static_cast<std::uint32_t>(all.size()));
    if (is_new) all.push_back(frame);
    return known->second;
  }

  std::vector<symbols::Frame> all;

 private:
  using Key = std::tuple<std::string, std::string, int, std::string, std::uint64_t>;

  bool is_same_build(const std::string &module) const {
    const auto one = before_.find(module), other = after_.find(module);
    return one != before_.end() && other != after_.end() && one->second == other->second;
  }

  std::map<std::string, std::set<std::string>> before_, after_;
  std::map<Key, std::uint32_t> known_;
};

class Comparer {
 public:
  Comparer(const Profile &before, const Profile &after) : frames_(before, after) {}

  // As `sign` says: added or taken away.
  void add(const Stacks &stacks, bool is_before) {
    std::vector<std::uint32_t> numbers;
    for (const symbols::Frame &frame : stacks.frames) numbers.push_back(frames_.add(frame));
    for (const Stacks::Stack &stack : stacks.stacks) {
      Chain chain;
      for (const std::uint32_t frame : stack.frames) chain.push_back(numbers[frame]);
      Both &both = all_[std::move(chain)];
      (is_before ? both.before : both.after) += stack.values;
      if (!is_before || both.name.empty()) both.name = stack.name;
      both.known_before |= is_before;
    }
  }

  // What the earlier reading had no room for: stacks that it does not know and that are no larger may be of
  // it.
  void set_aside(const Profile &before, Comparison &comparison) {
    comparison.rest_before += before.left_out;
    for (auto at = all_.begin(); at != all_.end();) {
      const bool may_be =
          !at->second.known_before && at->second.after.live_bytes <= before.left_out_most_bytes;
      if (may_be) comparison.rest_after += at->second.after;
      at = may_be ? all_.erase(at) : std::next(at);
    }
  }

  void finish(Comparison &comparison) {
    for (auto &[chain, both] : all_) {
      Values change = both.after;
      change -= both.before;
      comparison.stacks.stacks.push_back({chain, change, both.name, {}});
      comparison.before.push_back(both.before);
    }
    comparison.stacks.frames = std::move(frames_.all);
  }

 private:
  struct Both {
    Values before, after;
    std::string name;
    bool known_before = false;
  };
  Frames frames_;
  std::map<Chain, Both> all_;
};

bool tells(const std::optional<Profile> &profile) { return profile && profile->mode != Mode::kOff; }

}  // namespace

Common common_of(const std::optional<Profile> &before, const std::optional<Profile> &after,
                 bool same_process) {
  if (!tells(before) && !tells(after)) return Common::kNothing;
  if (!tells(after)) return Common::kOnlyBefore;
  if (!tells(before)) return same_process ? Common::kOnlyAfter : Common::kNothing;
  return same_process && before->since != after->since ? Common::kOnlyAfter : Common::kAll;
}

Common common_of(std::vector<KeptMember> &before, std::vector<KeptMember> &after) {
  bool same_processes = false;
  std::erase_if(before, [&](const KeptMember &then) {
    const auto now = std::find_if(after.begin(), after.end(), [&](const KeptMember &each) {
      return each.profile.pid == then.profile.pid && each.profile.start_time == then.profile.start_time;
    });
    if (now == after.end()) return false;
    same_processes = true;
    return now->profile.mode == Mode::kOff || now->profile.since != then.profile.since;
  });
  const auto tells_none = [](const KeptMember &each) { return each.profile.mode == Mode::kOff; };
  std::erase_if(before, tells_none);
  std::erase_if(after, tells_none);
  if (after.empty()) return before.empty() ? Common::kNothing : Common::kOnlyBefore;
  if (!before.empty()) return Common::kAll;
  return same_processes ? Common::kOnlyAfter : Common::kNothing;
}

Comparison compare(const Profile &before, const Stacks &before_stacks, const Profile &after,
                   const Stacks &after_stacks) {
  Comparison comparison;
  Comparer comparer(before, after);
  comparer.add(before_stacks, true);
  comparer.add(after_stacks, false);
  comparison.rest_before = before.other;
  comparison.rest_after = after.other;
  if (before.left_out_sites > 0) comparer.set_aside(before, comparison);
  comparison.rest_after += after.left_out;
  comparer.finish(comparison);
  return comparison;
}

}  // namespace heapmeter::cli::sites
