// SPDX-License-Identifier: MIT
#include "sites/profile.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "sites/name_hash.h"
#include "text/sample_word.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::sites {

Values &Values::operator+=(const Values &other) {
  live_bytes += other.live_bytes;
  live_blocks += other.live_blocks;
  allocated_bytes += other.allocated_bytes;
  allocations += other.allocations;
  reallocations += other.reallocations;
  peak_bytes += other.peak_bytes;
  peak_blocks += other.peak_blocks;
  temporary += other.temporary;
  live_samples += other.live_samples;
  byte_ms += other.byte_ms;
  oldest_ms = std::max(oldest_ms, other.oldest_ms);
  variance_bytes += other.variance_bytes;
  return *this;
}

Values &Values::operator-=(const Values &other) {
  live_bytes -= other.live_bytes;
  live_blocks -= other.live_blocks;
  allocated_bytes -= std::min(other.allocated_bytes, allocated_bytes);
  allocations -= std::min(other.allocations, allocations);
  reallocations -= std::min(other.reallocations, reallocations);
  variance_bytes += other.variance_bytes;
  return *this;
}

std::string mark_text(const Profile &profile, const Node &mark) {
  if (mark.offset == kCutShort) return kCutShortName;
  constexpr std::uint64_t kInHandler = 2;
  if (mark.offset == kInHandler) return "(in a signal handler that interrupted the allocator)";
  if (mark.offset == kFirstTag) return "[a tag for whose name there was no room]";
  const std::uint64_t tag = mark.offset - kFirstTag - 1;
  return mark.offset > kFirstTag && tag < profile.tags.size() ? fmt::format("[{}]", profile.tags[tag])
                                                              : "(mark)";
}

std::span<const Lived> lived_by(const Profile &profile, std::uint32_t leaf) {
  const auto [first, last] =
      std::equal_range(profile.lifetimes.begin(), profile.lifetimes.end(), Lived{leaf, 0, 0},
                       [](const Lived &a, const Lived &b) { return a.leaf < b.leaf; });
  return {first, last};
}

SiteNames::SiteNames(const Profile &profile) : profile_(profile) {
  std::map<std::string, std::vector<std::size_t>> without;  // by name
  for (std::size_t at = 0; at < profile.modules.size(); ++at) {
    const symbols::Module &module = profile.modules[at];
    files_.push_back(module.build_id);
    if (module.build_id.empty()) without[std::filesystem::path(module.path).filename()].push_back(at);
  }
  for (auto &[name, modules] : without) {
    std::stable_sort(modules.begin(), modules.end(), [&](std::size_t a, std::size_t b) {
      return profile.modules[a].path < profile.modules[b].path;
    });
    std::string path;
    for (std::size_t at = 0, of_path = 0; at < modules.size(); ++at) {
      of_path = profile.modules[modules[at]].path == path ? of_path + 1 : 0;
      path = profile.modules[modules[at]].path;
      files_[modules[at]] = at == 0 ? name : of_path == 0 ? path : fmt::format("{} {}", path, of_path);
    }
  }
}

std::string SiteNames::of(const Site &site) const {
  const Profile &profile = profile_;
  std::vector<std::uint32_t> chain;
  for (std::uint32_t node = site.leaf; node != 0; node = profile.node(node).parent) chain.push_back(node);
  NameHash hash;
  for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
    const Node &node = profile.node(*at);
    if (node.module >= 0) {
      hash.add(files_[static_cast<std::size_t>(node.module)]);
    } else {
      hash.add(node.module == kMark ? "mark" : "address");
    }
    // A tag's number is another in every run.
    if (node.module == kMark && node.offset >= kFirstTag) {
      hash.add(mark_text(profile, node));
      continue;
    }
    hash.add(node.offset);
  }
  return hash.text();
}

std::string site_name(const Profile &profile, const Site &site) { return SiteNames(profile).of(site); }

void refuse_if_it_cannot(const std::string &who, const Profile &profile) {
  if (profile.instead.empty()) return;
  throw UserError(fmt::format("{} {}: {}; {}", who,
                              profile.mode == Mode::kOff ? "does not note which code allocates"
                                                         : "notes only samples of which code allocates",
                              printable(profile.instead), what_helps_sampling(profile.instead)));
}

}  // namespace heapmeter::cli::sites
