// SPDX-License-Identifier: MIT
#include "sites/of_threads.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fnmatch.h>

#include <fmt/format.h>

#include "text/format.h"
#include "text/terminal.h"

namespace heapmeter::cli::sites {
namespace {

bool is_called(const ThreadEntry &thread, const std::string &word) {
  return word == std::to_string(thread.local_tid != 0 ? thread.local_tid : thread.tid) ||
         word == thread.name || fnmatch(word.c_str(), thread.name.c_str(), 0) == 0;
}

}  // namespace

Profile of_threads(Profile profile, const ThreadList &list, const std::string &word) {
  std::unordered_set<std::uint32_t> tids;
  profile.of_threads = true;
  for (const ThreadEntry &thread : list.threads) {
    if (!is_called(thread, word)) continue;
    tids.insert(static_cast<std::uint32_t>(thread.tid));
    profile.threads.push_back(
        fmt::format("{} ({})", thread.name, thread.local_tid != 0 ? thread.local_tid : thread.tid));
  }
  if (word == kExited) {
    tids.insert(0);
    profile.threads.push_back("threads that have ended");
  }
  std::unordered_map<std::uint32_t, Values> held;
  for (const HeldByThread &each : profile.held_by_threads) {
    Values values;
    values.live_blocks = each.blocks;
    values.live_bytes = each.bytes;
    values.live_samples = each.samples;
    values.variance_bytes = each.variance_bytes;
    profile.of_all_threads += values;
    if (tids.contains(each.tid)) held[each.leaf] += values;
  }
  std::erase_if(profile.sites, [&](Site &site) {
    const auto of_them = held.find(site.leaf);
    if (of_them != held.end()) site.values = of_them->second;
    return of_them == held.end();
  });
  profile.before = profile.other = profile.left_out = {};
  profile.lifetimes.clear();
  profile.has_peaks = profile.has_temporary = profile.has_ages = false;
  return profile;
}

std::string threads_text(const Profile &profile) {
  return profile.threads.size() == 1 ? printable(profile.threads.front())
                                     : format::counted(profile.threads.size(), "thread");
}

}  // namespace heapmeter::cli::sites
