// SPDX-License-Identifier: MIT
//
// The JSON of /v1/sites read in one pass: no tree of values is made of it, which would be twelve times as
// large as the text. The rows are kept as they come; what they refer to is for who has all of them to check.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "sites/profile.h"

namespace heapmeter::cli::sites {

struct Page {
  boost::json::object head;  // all that is neither list nor object
  Profile profile;           // its lists, and which columns there were
};

inline constexpr const char *kPageName = "a list of sites";

// Throws NoAnswer (kStrange).
Page parse_lists(std::string_view json);

}  // namespace heapmeter::cli::sites
