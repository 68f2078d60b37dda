// SPDX-License-Identifier: MIT
//
// By what sites are ordered, and which of them are asked for; pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sites/stacks.h"

namespace heapmeter::cli::sites {

// The last two compare two readings.
enum class By { kLive, kBlocks, kAllocated, kPeak, kTemporary, kAge, kRate, kGrowth };

inline constexpr const char *kByNames[] = {"live",      "blocks", "allocated", "peak",
                                           "temporary", "age",    "rate",      "growth"};
inline bool is_change(By by) { return by == By::kRate || by == By::kGrowth; }

// Negative only for growth.
double amount(const Values &values, By by);
// What a share is of: of the whole process, as far as that is known exactly; of the sites together where it
// is not, or where these, as estimates or for what went while they were read, come to more.
double whole(const Profile &profile, By by);

// From now on blocks that lived less than so many milliseconds, or a little more, are its temporary ones: by
// samples. Throws UserError where the process does not tell.
void tell_short_lived(Profile &profile, double milliseconds);

// What a site did between two readings of one process: differences, which growth reads as signed. Throws
// UserError when the second does not go on from the first.
Profile change(const Profile &earlier, Profile later);

struct Selection {
  std::string focus, ignore;  // regular expressions of function, file or module; empty: none
};

// The stacks in which a frame is what focus asks for and none is what ignore says. Throws UserError for what
// is no regular expression.
std::vector<const Stacks::Stack *> selected(const Stacks &stacks, const Selection &selection);
// Those in order of their amount; those of nothing are left out, or so many of them come behind the others,
// what allocated most first.
std::vector<const Stacks::Stack *> ranked(const Stacks &stacks, By by, const Selection &selection,
                                          std::size_t of_nothing = 0);

Values sum_of(const std::vector<const Stacks::Stack *> &stacks);

}  // namespace heapmeter::cli::sites
