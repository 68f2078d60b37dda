// SPDX-License-Identifier: MIT
#include "readings/class_changes.h"

#include <algorithm>
#include <map>

namespace heapmeter::cli {

std::vector<ClassChange> changes(const std::vector<SizeClass> &earlier, const std::vector<SizeClass> &later) {
  std::map<std::uint64_t, ClassChange> all;
  for (const SizeClass &each : later) {
    all[each.class_bytes] = {each, static_cast<std::int64_t>(each.live_blocks),
                             static_cast<std::int64_t>(each.live_bytes),
                             static_cast<std::int64_t>(each.allocations)};
  }
  for (const SizeClass &each : earlier) {
    ClassChange &change = all[each.class_bytes];
    change.now.class_bytes = each.class_bytes;
    if (!change.now.least_bytes) change.now.least_bytes = each.least_bytes;
    change.live_blocks -= static_cast<std::int64_t>(each.live_blocks);
    change.live_bytes -= static_cast<std::int64_t>(each.live_bytes);
    change.allocations -= static_cast<std::int64_t>(each.allocations);
  }
  std::vector<ClassChange> list;
  for (const auto &[bytes, change] : all) list.push_back(change);
  return list;
}

bool goes_on(const std::vector<SizeClass> &earlier, const std::vector<SizeClass> &later) {
  return std::all_of(earlier.begin(), earlier.end(), [&](const SizeClass &then) {
    const auto now = std::find_if(later.begin(), later.end(), [&](const SizeClass &each) {
      return each.class_bytes == then.class_bytes;
    });
    return now != later.end() && now->allocations >= then.allocations && now->frees >= then.frees;
  });
}

ClassChange sum_of(std::span<const ClassChange> classes) {
  ClassChange sum;
  sum.now.usable_bytes = 0;
  for (const ClassChange &each : classes) {
    sum.now.live_blocks += each.now.live_blocks;
    sum.now.live_bytes += each.now.live_bytes;
    if (each.now.live_blocks > 0 && !each.now.usable_bytes) sum.now.usable_bytes.reset();
    if (sum.now.usable_bytes) *sum.now.usable_bytes += each.now.usable_bytes.value_or(0);
    sum.live_blocks += each.live_blocks;
    sum.live_bytes += each.live_bytes;
    sum.allocations += each.allocations;
  }
  return sum;
}

}  // namespace heapmeter::cli
