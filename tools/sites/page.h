// SPDX-License-Identifier: MIT
//
// A profile from the JSON of /v1/sites. What comes of it is checked: indices lie inside, parents come before
// their children, so that every chain ends.
#pragma once

#include <string_view>

#include "sites/profile.h"

namespace heapmeter::cli::sites {

// Throws NoAnswer (kStrange) when the text is not that. Takes memory in proportion to the text, a few times
// it at most.
Profile parse_profile(std::string_view json);

}  // namespace heapmeter::cli::sites
