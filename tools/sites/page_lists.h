// SPDX-License-Identifier: MIT
//
// The JSON of /v1/sites read in one pass: no tree of values is made of it, which would be twelve times as
// large as the text. The rows are kept as they come; what they refer to is for who has all of them to check.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "sites/profile.h"

namespace heapmeter::cli::sites {

// A wrong call: its place in the snapshot's list, where the block was made, and who called; leaves, 0 where
// that is not known.
struct WrongCall {
  std::uint32_t record = 0, made = 0, called = 0;
};

struct Page {
  boost::json::object head;  // all that is neither list nor object
  Profile profile;           // its lists, and which columns there were
  std::vector<WrongCall> wrong_calls;
};

inline constexpr const char *kPageName = "a list of sites";

// Throws NoAnswer (kStrange).
Page parse_lists(std::string_view json);
// With what its head says; all that one row says of others holds. Throws likewise.
Profile checked(Page page);

}  // namespace heapmeter::cli::sites
