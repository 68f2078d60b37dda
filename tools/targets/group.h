// SPDX-License-Identifier: MIT
//
// Readings of several processes together: their sums, the one that has most of it, and which of them are
// worth a row of their own; pure. Sums are of what each says of itself: blocks that a fork left in both are
// in both, and so are resident pages that they share.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/json/object.hpp>

#include "readings/census.h"

namespace heapmeter::cli {

struct GroupSum {
  std::size_t processes = 0, answering = 0;
  std::uint64_t live_bytes = 0, live_blocks = 0, peak_bytes = 0, peak_error_bytes = 0, wrong_calls = 0;
  std::uint64_t resident_bytes = 0;
  // A second, of those that were read twice; empty when none was.
  std::optional<Rates> rates;
};

GroupSum sum_of(const std::vector<const Member *> &members);

// The one that holds most, or grows most, where that is at least half of what two or more have together;
// null when none stands out.
const Member *largest_of(const std::vector<const Member *> &members);
const Member *fastest_of(const std::vector<const Member *> &members);

struct Folded {
  std::vector<const Member *> shown;   // what holds most first
  std::vector<const Member *> folded;  // not one alone
};
// Shown are those that hold or grow by a part of it that matters, call wrongly or give no answer; at most so
// many, one at least.
Folded fold(const std::vector<const Member *> &members, std::size_t most);

std::vector<const Member *> pointers_to(const std::vector<Member> &members);

boost::json::object to_json(const GroupSum &sum);

}  // namespace heapmeter::cli
