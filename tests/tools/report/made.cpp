// SPDX-License-Identifier: MIT
//
// A recording of made.h, as a file: made_recording shop|crowd|sites [PROCESSES [SECONDS]] > FILE
#include "tools/report/made.h"

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace heapmeter::testing;

namespace {

constexpr std::uint64_t kSites = 40, kDepth = 24, kModules = 8;  // as many sites as are recorded of each

// Stacks that part in their inner halves, of other code in each process; each time other amounts.
heapmeter::cli::sites::Profile many_sites(std::uint64_t process, std::uint64_t seconds) {
  namespace sites = heapmeter::cli::sites;
  sites::Profile profile;
  profile.mode = sites::Mode::kEvery;
  profile.time = static_cast<double>(kStartMs) / 1000 + static_cast<double>(seconds);
  for (std::uint64_t module = 0; module < kModules; ++module) {
    profile.modules.push_back(
        {"/usr/lib/program" + std::to_string(process) + "/lib" + std::to_string(module) + ".so",
         std::to_string(noise(100 * process + module)), 0x1000, 0x900'000, 0x1000});
  }
  const auto add = [&](std::uint32_t parent, std::uint64_t seed) {
    const std::uint64_t random = noise(seed);
    profile.nodes.push_back({parent, static_cast<int>(random % kModules), (random >> 8) % 0x900'000});
    return static_cast<std::uint32_t>(profile.nodes.size());
  };
  std::uint32_t outer = 0;
  for (std::uint64_t depth = 0; depth < kDepth / 2; ++depth) outer = add(outer, process * 1'000'000 + depth);
  for (std::uint64_t site = 0; site < kSites; ++site) {
    std::uint32_t leaf = outer;
    for (std::uint64_t depth = 0; depth < kDepth / 2; ++depth)
      leaf = add(leaf, process * 1'000'000 + 1000 * (site + 1) + depth);
    const std::uint64_t bytes = kMiB + noise(seconds * 10'000 + process * 100 + site) % kMiB;
    profile.sites.push_back({leaf, {}});
    profile.sites.back().values.live_bytes = bytes;
    profile.sites.back().values.live_blocks = bytes / 90;
    profile.live_bytes += bytes;
  }
  return profile;
}

// Of each process which code holds what, as often as the recorder asks where nothing happens: every five
// minutes.
Made with_sites(std::uint32_t processes, std::int64_t seconds) {
  Made made;
  for (std::int64_t now = 0; now < seconds; now += 10) {
    std::vector<record::Row> rows;
    for (std::uint32_t process = 0; process < processes; ++process) {
      const std::uint64_t random = noise(static_cast<std::uint64_t>(now) * 1000 + process);
      rows.push_back(
          full_row(process, 50 * kMiB + random % (4 * kMiB), now, 80 * kMiB + random % (2 * kMiB)));
    }
    if (now % 14'400 == 0) made.segment();
    made.round(now, rows);
    if (now % 300 != 0) continue;
    for (std::uint32_t process = 0; process < processes; ++process)
      made.add({.segment = {},
                .round = {},
                .takings = {{process, many_sites(process, static_cast<std::uint64_t>(now))}}});
  }
  return made;
}

}  // namespace

int main(int count, char **words) {
  if (count < 2) return 2;
  const std::string kind = words[1];
  const auto processes = static_cast<std::uint32_t>(count > 2 ? atoi(words[2]) : 50);
  const std::int64_t seconds = count > 3 ? atoll(words[3]) : 86'400;
  const Made made = kind == "shop"    ? shop()
                    : kind == "sites" ? with_sites(processes, seconds)
                                      : crowd(processes, seconds);
  return fwrite(made.text().data(), 1, made.text().size(), stdout) == made.text().size() ? 0 : 1;
}
