// SPDX-License-Identifier: MIT
#include "report/code.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "sites/comparison.h"
#include "sites/depths.h"
#include "sites/naming.h"
#include "views/code_places.h"

namespace heapmeter::cli::report {
namespace {

constexpr std::size_t kLines = 3, kCallers = 2;

std::int64_t amount(const sites::Stacks::Stack *stack) {
  return static_cast<std::int64_t>(stack->values.live_bytes);
}

std::uint64_t frames_of(const sites::Profile &profile) {
  const sites::Depths depths(profile);
  std::uint64_t frames = 0;
  for (const sites::Site &site : profile.sites) frames += depths.of(site.leaf);
  return frames;
}

std::vector<CodeLine> largest(const sites::Stacks &stacks, bool utf8) {
  std::vector<const sites::Stacks::Stack *> order;
  for (const auto &stack : stacks.stacks) order.push_back(&stack);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto *a, const auto *b) { return amount(a) > amount(b); });
  std::vector<CodeLine> lines;
  for (const auto *stack : order) {
    if (lines.size() == kLines || amount(stack) <= 0) break;
    lines.push_back({static_cast<double>(amount(stack)), code_place(stacks, *stack, kCallers, utf8)});
  }
  return lines;
}

// The code of all takings of a life as one profile, so that each call is named once.
class AllCode {
 public:
  void add(const sites::Profile &taking) {
    std::vector<int> modules;
    for (const symbols::Module &module : taking.modules) modules.push_back(number(module));
    std::vector<std::uint32_t> nodes = {0};
    for (sites::Node node : taking.nodes) {
      node.parent = nodes[node.parent];
      if (node.module >= 0) node.module = modules[static_cast<std::size_t>(node.module)];
      if (node.module == sites::kMark) node.offset = mark(taking, node.offset);
      nodes.push_back(number(node));
    }
    std::vector<std::uint32_t> &sites = sites_.emplace_back();
    for (const sites::Site &site : taking.sites) {
      const std::uint32_t leaf = nodes[site.leaf];
      const auto [known, is_new] =
          leaves_.try_emplace(leaf, static_cast<std::uint32_t>(profile_.sites.size()));
      if (is_new) profile_.sites.push_back({leaf, {}});
      sites.push_back(known->second);
    }
  }

  const sites::Profile &profile() const { return profile_; }
  // In the profile: those of that taking's sites.
  const std::vector<std::uint32_t> &sites_of(std::size_t taking) const { return sites_[taking]; }

 private:
  // Numbers of what is known, or new.
  int number(const symbols::Module &module) {
    const auto [known, is_new] = modules_.try_emplace(
        {module.path, module.build_id, module.start, module.bias}, static_cast<int>(profile_.modules.size()));
    if (is_new) profile_.modules.push_back(module);
    return known->second;
  }
  std::uint32_t number(const sites::Node &node) {
    const auto [known, is_new] = nodes_.try_emplace({node.parent, node.module, node.offset},
                                                    static_cast<std::uint32_t>(profile_.nodes.size() + 1));
    if (is_new) profile_.nodes.push_back(node);
    return known->second;
  }
  std::uint64_t mark(const sites::Profile &taking, std::uint64_t offset) {
    const std::uint64_t tag = offset - sites::kFirstTag - 1;
    if (offset <= sites::kFirstTag || tag >= taking.tags.size()) return offset;
    const auto [known, is_new] = tags_.try_emplace(taking.tags[tag], profile_.tags.size() + 1);
    if (is_new) profile_.tags.push_back(taking.tags[tag]);
    return sites::kFirstTag + known->second;
  }

  struct Hash {
    std::size_t operator()(const std::tuple<std::uint32_t, int, std::uint64_t> &node) const {
      const auto &[parent, module, offset] = node;
      const std::uint64_t mixed = (offset ^ std::uint64_t{parent} << 32) * 0x9e3779b97f4a7c15;
      return (mixed ^ mixed >> 32) + static_cast<unsigned>(module);
    }
  };

  sites::Profile profile_;
  std::vector<std::vector<std::uint32_t>> sites_;
  std::map<std::tuple<std::string, std::string, std::uint64_t, std::uint64_t>, int> modules_;
  std::unordered_map<std::tuple<std::uint32_t, int, std::uint64_t>, std::uint32_t, Hash> nodes_;
  std::unordered_map<std::uint32_t, std::uint32_t> leaves_;
  std::map<std::string, std::uint64_t> tags_;
};

}  // namespace

CodeOfLife named_code(const Life &life, const Course &course, bool utf8, std::uint64_t &room) {
  const auto code = code_of_growth(life, course);
  if (!code) return {};
  const std::uint64_t frames = frames_of(code->earlier) + frames_of(code->later);
  if (frames > room) {
    CodeOfLife untold;
    untold.too_long = true;
    return untold;
  }
  room -= frames;
  CodeOfLife found{!code->earlier.sites.empty(), code->earlier.time, code->later.time, {}, false};
  const auto later = sites::named(0, code->later, sites::Progress::kSilent);
  if (!found.is_change) {
    found.lines = largest(later.stacks, utf8);
    return found;
  }
  const auto earlier = sites::named(0, code->earlier, sites::Progress::kSilent);
  found.lines =
      largest(sites::compare(code->earlier, earlier.stacks, code->later, later.stacks).stacks, utf8);
  return found;
}

CodeOverTime code_over_time(const Life &life, std::size_t most_names, bool utf8, std::uint64_t &room) {
  AllCode code;
  for (const sites::Profile &taking : life.takings) code.add(taking);
  CodeOverTime course;
  const std::uint64_t frames = frames_of(code.profile());
  course.too_long = frames > room;
  if (course.too_long) return course;
  room -= frames;
  const sites::Stacks stacks = sites::named(0, code.profile(), sites::Progress::kSilent).stacks;
  const std::size_t moments = life.takings.size();
  std::map<std::string, std::vector<std::uint64_t>> all;
  std::vector<std::vector<std::uint64_t> *> row_of(code.profile().sites.size());
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    auto &row = all[code_place(stacks, stack, kCallers, utf8)];
    row.resize(moments);
    for (const std::uint32_t site : stack.sites) row_of[site] = &row;
  }
  for (std::size_t at = 0; at < moments; ++at) {
    const sites::Profile &taking = life.takings[at];
    course.times_ms.push_back(static_cast<std::int64_t>(1000 * taking.time));
    course.others.push_back(taking.live_bytes);
    for (std::size_t site = 0; site < taking.sites.size(); ++site)
      (*row_of[code.sites_of(at)[site]])[at] += taking.sites[site].values.live_bytes;
  }
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto &[name, row] : all) order.emplace_back(*std::max_element(row.begin(), row.end()), name);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  if (order.size() > most_names) order.resize(most_names);
  for (const auto &[most, name] : order) {
    course.names.push_back(name);
    course.live_bytes.push_back(all[name]);
    for (std::size_t at = 0; at < moments; ++at)
      course.others[at] -= std::min(course.others[at], all[name][at]);
  }
  return course;
}

}  // namespace heapmeter::cli::report
