// SPDX-License-Identifier: MIT
//
// Recordings of whole days, made up: a shop with one process for each kind of life, a crowd, and one whose
// code is told apart.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "tools/record/recordings.h"

namespace heapmeter::testing {

inline constexpr std::uint64_t kMiB = 1u << 20;

inline record::Row full_row(std::uint32_t process, std::uint64_t live, std::int64_t seconds,
                            std::uint64_t rss) {
  record::Row each = row(process, live);
  auto &values = each.values;
  values[record::k_live_blocks] = live / 100;
  values[record::k_usable_bytes] = live + live / 8;
  values[record::k_rss_bytes] = rss >> 10 << 10;
  values[record::k_allocations] = static_cast<std::uint64_t>(seconds) * 1000 + live / 100;
  values[record::k_allocated_bytes] = static_cast<std::uint64_t>(seconds) * 100'000 + live;
  values[record::k_peak_bytes] = live;
  values[record::k_threads] = 1;
  values[record::k_peak_error_bytes] = 1;
  return each;
}

// Noise that is the same everywhere.
inline std::uint64_t noise(std::uint64_t seed) {
  seed = (seed + 1) * 0x9e3779b97f4a7c15;
  return seed ^ seed >> 29;
}

inline cli::sites::Profile code_at(std::int64_t seconds, std::uint64_t kept) {
  namespace sites = cli::sites;
  sites::Profile profile;
  profile.mode = sites::Mode::kEvery;
  profile.time = static_cast<double>(kStartMs) / 1000 + static_cast<double>(seconds);
  profile.modules = {{"/opt/shop/bin/checkout", "0123456789abcdef", 0x1000, 0x90000, 0x1000},
                     {"/usr/lib/libcart.so.1", "fedcba9876543210", 0x100000, 0x110000, 0x100000}};
  profile.nodes = {{0, 0, 0x1100}, {1, 0, 0x2200}, {2, 1, 0x330}, {1, 1, 0x440}};
  profile.sites = {{3, {}}, {4, {}}};
  profile.sites[0].values.live_bytes = kept;
  profile.sites[0].values.live_blocks = kept / 1000;
  profile.sites[1].values.live_bytes = 2 * kMiB;
  profile.sites[1].values.live_blocks = 77;
  profile.live_bytes = kept + 3 * kMiB;
  return profile;
}

// Four hours: checkout grows from the third hour on, worker runs into its group's limit and is killed, search
// goes up and down, catalogue is flat, one with a hostile name frees wrongly, and 14 preforked ones idle.
inline Made shop() {
  Made made;
  const auto name = [&](std::uint32_t number, const char *what, const char *command) {
    made.process(number) = {.pid = 4000 + static_cast<int>(number),
                            .inner_pid = 4000 + static_cast<int>(number),
                            .start_time = 77,
                            .name = what,
                            .command = command,
                            .backend = "mimalloc",
                            .group = {}};
  };
  name(0, "checkout", "/opt/shop/bin/checkout --port 80");
  name(1, "worker", "/opt/shop/bin/worker 3");
  name(2, "search", "java-like search --index /var/lib/index");
  name(3, "catalogue", "catalogue");
  name(4, "</script>\x1b[31m", "<img src=x onerror=alert(1)> --password");
  for (std::uint32_t number = 5; number < 19; ++number) name(number, "prefork", "prefork --worker");
  for (std::int64_t seconds = 0; seconds <= 4 * 3600; seconds += 10) {
    const auto at = static_cast<std::uint64_t>(seconds);
    const std::uint64_t kept = seconds < 7200 ? 0 : (at - 7200) * 60'000;
    std::vector<record::Row> rows;
    rows.push_back(full_row(0, 4 * kMiB + kept + noise(at) % 200'000, seconds, 60 * kMiB + kept));
    if (seconds <= 9000) {
      const std::uint64_t held = 100 * kMiB + at * 44'000;
      record::Row worker = full_row(1, held, seconds, held + 20 * kMiB);
      worker.values[record::k_limit_kind] = record::kGroup;
      worker.values[record::k_limit_bytes] = 512 * kMiB;
      worker.values[record::k_limit_used_bytes] = (held + 22 * kMiB) >> 20 << 20;
      if (seconds == 9000) worker.values[record::k_state] = record::kEnded;
      rows.push_back(worker);
    }
    rows.push_back(full_row(2, 30 * kMiB + at % 590 * 50'000, seconds, 90 * kMiB));
    rows.push_back(full_row(3, 50 * kMiB, seconds, 61 * kMiB));
    rows.push_back(full_row(4, kMiB + noise(at) % 50'000, seconds, 9 * kMiB));
    rows.back().values[record::k_double_frees] = 3;
    for (std::uint32_t number = 5; number < 19; ++number)
      rows.push_back(full_row(number, 131'072, seconds, 5 * kMiB));
    const bool killed = seconds == 9000;
    record::Round round{kStartMs + 1000 * seconds, false, seconds == 0, killed ? 1u : 0u, rows};
    made.add({.segment = {}, .round = round, .takings = {}});
    if (seconds % 600 == 0) made.add({.segment = {}, .round = {}, .takings = {{0, code_at(seconds, kept)}}});
  }
  return made;
}

// So many processes for so long, all of them busy.
inline Made crowd(std::uint32_t processes, std::int64_t seconds) {
  Made made;
  std::vector<std::uint64_t> live(processes, 50 * kMiB), allocations(processes), bytes(processes),
      peak(processes);
  for (std::int64_t now = 0; now < seconds; now += 10) {
    std::vector<record::Row> rows;
    for (std::uint32_t process = 0; process < processes; ++process) {
      const std::uint64_t random = noise(static_cast<std::uint64_t>(now) * 1000 + process);
      live[process] = 50 * kMiB + random % (4 * kMiB);
      const std::uint64_t done = 50'000 + random % 10'000;
      allocations[process] += done;
      bytes[process] += done * 123;
      peak[process] = std::max(peak[process], live[process]);
      record::Row each = row(process, live[process]);
      auto &values = each.values;
      values[record::k_live_blocks] = live[process] / 90;
      values[record::k_usable_bytes] = live[process] * 9 / 8;
      values[record::k_allocations] = allocations[process];
      values[record::k_allocated_bytes] = bytes[process];
      values[record::k_reallocations] = allocations[process] / 50;
      values[record::k_peak_bytes] = peak[process];
      values[record::k_rss_bytes] = (80 * kMiB + random % (2 * kMiB)) >> 12 << 12;
      values[record::k_meter_bytes] = 5 * kMiB;
      values[record::k_threads] = 4;
      rows.push_back(each);
    }
    if (now % 14'400 == 0) made.segment();
    made.round(now, rows);
  }
  return made;
}

inline constexpr std::uint64_t kSites = 40, kDepth = 24,
                               kModules = 8;  // as many sites as are recorded of each

// Stacks that part in their inner halves, of other code in each process; each time other amounts.
inline cli::sites::Profile many_sites(std::uint64_t process, std::uint64_t seconds) {
  namespace sites = cli::sites;
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
inline Made with_sites(std::uint32_t processes, std::int64_t seconds) {
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

}  // namespace heapmeter::testing
