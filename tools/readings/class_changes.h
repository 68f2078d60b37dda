// SPDX-License-Identifier: MIT
//
// How the size classes of a process differ from an earlier reading; pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "readings/size_classes.h"

namespace heapmeter::cli {

// Growth since an earlier reading; what is in one of the two only counts as 0 in the other.
struct ClassChange {
  SizeClass now;
  std::int64_t live_blocks = 0, live_bytes = 0, allocations = 0;
};
std::vector<ClassChange> changes(const std::vector<SizeClass> &earlier, const std::vector<SizeClass> &later);

// Of what is not known of one class, the sum is not known either.
ClassChange sum_of(std::span<const ClassChange> classes);

// Whether every class's totals are at least what they were: else it is another program that counts.
bool goes_on(const std::vector<SizeClass> &earlier, const std::vector<SizeClass> &later);

}  // namespace heapmeter::cli
