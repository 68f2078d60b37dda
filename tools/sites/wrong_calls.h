// SPDX-License-Identifier: MIT
//
// Whose code a process's wrong calls are: where the block was made, and who called.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sites/profile.h"

namespace heapmeter::cli::sites {

// Of the record in that place of the snapshot's list: leaves of the page, 0 where that is not known.
struct Origin {
  std::uint32_t record = 0, made = 0, called = 0;
};

// From the page that the profile was parsed from: read once more, since hardly any page has one. Throws
// NoAnswer (kStrange) where they are none, or lead to a node that is not there.
std::vector<Origin> wrong_calls(std::string_view json, const Profile &profile);

// Their stacks as sites of nothing else, to be named; each leaf once.
Profile only_these(const std::vector<Origin> &calls, const Profile &profile);

}  // namespace heapmeter::cli::sites
