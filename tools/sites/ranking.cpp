// SPDX-License-Identifier: MIT
#include "sites/ranking.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "text/expression.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::sites {
namespace {

// Which frames match; each is asked once, however many stacks it is in.
std::vector<bool> matches(const Stacks &stacks, const std::string &expression, const char *option) {
  const Expression wanted(expression);
  if (!wanted.good())
    throw UserError(
        fmt::format("{} '{}' is no regular expression, or too difficult a one; grep -E would take "
                    "such as 'parse|load'",
                    option, printable(expression)),
        kUsage);
  std::vector<bool> found;
  for (const symbols::Frame &frame : stacks.frames)
    found.push_back(wanted.is_in(frame.function) || wanted.is_in(frame.file) || wanted.is_in(frame.module));
  return found;
}

}  // namespace

double amount(const Values &values, By by) {
  switch (by) {
    case By::kLive:
      return static_cast<double>(values.live_bytes);
    case By::kBlocks:
      return static_cast<double>(values.live_blocks);
    case By::kAllocated:
    case By::kRate:
      return static_cast<double>(values.allocated_bytes);
    case By::kPeak:
      return static_cast<double>(values.peak_bytes);
    case By::kTemporary:
      return static_cast<double>(values.temporary);
    case By::kAge:
      return values.byte_ms;
    case By::kGrowth:
      return static_cast<double>(static_cast<std::int64_t>(values.live_bytes));
  }
  return 0;
}

double whole(const Profile &profile, By by) {
  const auto is_more = [by](const Values &values) { return std::max(0.0, amount(values, by)); };
  double together = is_more(profile.other);
  for (const Site &site : profile.sites) together += is_more(site.values);
  const double exact = by == By::kLive     ? static_cast<double>(profile.live_bytes)
                       : by == By::kPeak   ? static_cast<double>(profile.peak_live_bytes)
                       : by == By::kBlocks ? static_cast<double>(profile.live_blocks)
                                           : 0;
  if (exact > 0) together += is_more(profile.before);
  return std::max({exact, together, is_more(profile.of_all_threads)});
}

void tell_short_lived(Profile &profile, double milliseconds) {
  if (!profile.has_ages) throw UserError("its library does not note how long blocks live");
  unsigned doubling = 0;
  while (doubling + 1 < kMostDoublings && std::ldexp(1, static_cast<int>(doubling)) < milliseconds)
    ++doubling;
  std::vector<std::uint64_t> lived(profile.nodes.size() + 1);
  for (const Lived &each : profile.lifetimes) {
    if (each.leaf < lived.size() && each.doubling <= doubling) lived[each.leaf] += each.blocks;
  }
  for (Site &site : profile.sites) site.values.temporary = lived[site.leaf];
  profile.other.temporary = 0;
  profile.has_temporary = true;
  profile.temporary_ms = std::uint64_t{1} << doubling;
}

Profile change(const Profile &earlier, Profile later) {
  const bool goes_on = earlier.pid == later.pid && earlier.start_time == later.start_time &&
                       earlier.since == later.since && earlier.mode == later.mode;
  if (!goes_on)
    throw UserError("attribution began anew between the two readings, or the program did; try again");
  // By name: a mark numbers its nodes anew.
  std::unordered_map<std::string, Values> before;
  const SiteNames earlier_names(earlier), names(later);
  for (const Site &site : earlier.sites) before[earlier_names.of(site)] += site.values;
  later.other -= earlier.other;
  later.other -= earlier.left_out;
  std::erase_if(later.sites, [&](Site &site) {
    const auto known = before.find(names.of(site));
    if (known == before.end()) {
      const bool may_be_left_out =
          earlier.left_out_sites > 0 && site.values.live_bytes <= earlier.left_out_most_bytes;
      if (may_be_left_out) later.other += site.values;
      return may_be_left_out;
    }
    site.values -= std::exchange(known->second, {});
    return false;
  });
  return later;
}

std::vector<const Stacks::Stack *> selected(const Stacks &stacks, const Selection &selection) {
  const bool focused = !selection.focus.empty(), ignoring = !selection.ignore.empty();
  const auto wanted = focused ? matches(stacks, selection.focus, "--focus") : std::vector<bool>();
  const auto unwanted = ignoring ? matches(stacks, selection.ignore, "--ignore") : std::vector<bool>();
  const auto any = [](const Stacks::Stack &stack, const std::vector<bool> &of) {
    return std::any_of(stack.frames.begin(), stack.frames.end(),
                       [&](std::uint32_t frame) { return of[frame]; });
  };
  std::vector<const Stacks::Stack *> found;
  for (const Stacks::Stack &stack : stacks.stacks) {
    if (focused && !any(stack, wanted)) continue;
    if (ignoring && any(stack, unwanted)) continue;
    found.push_back(&stack);
  }
  return found;
}

std::vector<const Stacks::Stack *> ranked(const Stacks &stacks, By by, const Selection &selection,
                                          std::size_t of_nothing) {
  std::vector<const Stacks::Stack *> found = selected(stacks, selection);
  const auto is_something = [&](const Stacks::Stack *stack) { return amount(stack->values, by) != 0; };
  const auto order = [](auto first, auto last, By order) {
    std::stable_sort(first, last, [&](const Stacks::Stack *a, const Stacks::Stack *b) {
      return amount(a->values, order) > amount(b->values, order);
    });
  };
  const auto behind = std::stable_partition(found.begin(), found.end(), is_something);
  order(found.begin(), behind, by);
  order(behind, found.end(), By::kAllocated);
  const auto something = static_cast<std::size_t>(behind - found.begin());
  found.resize(something + std::min(of_nothing, found.size() - something));
  return found;
}

Values sum_of(const std::vector<const Stacks::Stack *> &stacks) {
  Values sum;
  for (const Stacks::Stack *stack : stacks) sum += stack->values;
  return sum;
}

}  // namespace heapmeter::cli::sites
