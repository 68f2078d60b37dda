// SPDX-License-Identifier: MIT
#include "sites/page.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/page.h"
#include "sites/depths.h"
#include "sites/page_lists.h"

namespace heapmeter::cli::sites {
namespace {

namespace json = boost::json;

std::uint64_t number(const json::object &head, const char *name) {
  return page::number(head, name, kPageName);
}

// Of any clock: further away is no time.
constexpr double kMostSeconds = 1e12;

double seconds(const json::object &head, const char *name) {
  const json::value *value = head.if_contains(name);
  if (value == nullptr) return 0;
  const double time = value->is_number() ? value->to_number<double>() : -1;
  if (!(time >= 0 && time <= kMostSeconds)) page::refuse(fmt::format("'{}' is no time", name), kPageName);
  return time;
}

std::string sentence(const json::object &head, const char *name) {
  const json::value *value = head.if_contains(name);
  if (value == nullptr) return "";
  if (!value->is_string()) page::refuse(fmt::format("'{}' is no text", name), kPageName);
  return std::string(value->get_string());
}

Mode mode(const json::object &head) {
  const std::string name = page::text(head, "mode", kPageName);
  if (name == "off") return Mode::kOff;
  if (name == "every") return Mode::kEvery;
  if (name == "sampled") return Mode::kSampled;
  page::refuse(fmt::format("'mode' is '{}'", name), kPageName);
}

void check(const Profile &profile, const std::vector<WrongCall> &wrong_calls) {
  const auto modules = static_cast<int>(profile.modules.size());
  for (const Node &node : profile.nodes) {
    if (node.module >= modules) page::refuse("a node is in a module that is not there", kPageName);
  }
  const Depths depths(profile);
  std::uint64_t frames = 0;
  for (const Site &site : profile.sites) {
    if (site.leaf == 0 || site.leaf > profile.nodes.size())
      page::refuse("a site leads to a node that is not there", kPageName);
    frames += depths.of(site.leaf);
  }
  const auto leads_on = [&](std::uint32_t leaf) {
    if (leaf > profile.nodes.size()) page::refuse("it leads to a node that is not there", kPageName);
  };
  for (const Lived &each : profile.lifetimes) leads_on(each.leaf);
  for (const HeldByThread &each : profile.held_by_threads) {
    leads_on(each.leaf);
    frames += depths.of(each.leaf);
  }
  for (const WrongCall &each : wrong_calls) {
    leads_on(std::max(each.made, each.called));
    frames += depths.of(each.made) + depths.of(each.called);
  }
  if (frames > kMostFrames) page::refuse("its stacks are too long", kPageName);
}

// What the sites do not explain of the peak. Samples explain a part of everything.
std::uint64_t older_at_peak(const Profile &profile) {
  if (profile.mode != Mode::kEvery) return 0;
  Values known = profile.other;
  for (const Site &site : profile.sites) known += site.values;
  return profile.peak_live_bytes - std::min(known.peak_bytes, profile.peak_live_bytes);
}

}  // namespace

Profile parse_profile(std::string_view text) { return checked(parse_lists(text)); }

Profile checked(Page parsed) {
  const json::object &head = parsed.head;
  Profile profile = std::move(parsed.profile);
  profile.pid = static_cast<int>(number(head, "pid"));
  profile.start_time = number(head, "start_time");
  profile.name = page::text(head, "name", kPageName);
  profile.time = seconds(head, "time");
  profile.mode = mode(head);
  profile.mean_bytes = number(head, "mean_bytes");
  profile.since = seconds(head, "since");
  profile.until = seconds(head, "until");
  profile.instead = sentence(head, "instead");
  profile.live_bytes = number(head, "live_bytes");
  profile.live_blocks = number(head, "live_blocks");
  profile.allocations = number(head, "allocations");
  profile.allocated_bytes = number(head, "allocated_bytes");
  profile.before.live_bytes = number(head, "before_live_bytes");
  profile.before.live_blocks = number(head, "before_live_blocks");
  profile.peak_bytes = number(head, "peak_bytes");
  profile.peak_error_bytes = number(head, "peak_error_bytes");
  profile.peak_live_bytes = number(head, "peak_live_bytes");
  profile.peak_live_time = seconds(head, "peak_live_time");
  profile.other.peak_bytes = number(head, "other_peak_bytes");
  profile.other.peak_blocks = number(head, "other_peak_blocks");
  profile.before.peak_bytes = older_at_peak(profile);
  profile.other.live_bytes = number(head, "other_live_bytes");
  profile.other.live_blocks = number(head, "other_live_blocks");
  profile.other.allocations = number(head, "other_allocations");
  profile.other.allocated_bytes = number(head, "other_allocated_bytes");
  profile.captures = number(head, "captures");
  profile.cut_short = number(head, "cut_short");
  profile.limit_bytes = number(head, "limit_bytes");
  profile.sites_bytes = number(head, "sites_bytes");
  profile.has_temporary &= profile.mode != Mode::kSampled;
  std::sort(profile.lifetimes.begin(), profile.lifetimes.end(), [](const Lived &a, const Lived &b) {
    return a.leaf != b.leaf ? a.leaf < b.leaf : a.doubling < b.doubling;
  });
  check(profile, parsed.wrong_calls);
  return profile;
}

}  // namespace heapmeter::cli::sites
