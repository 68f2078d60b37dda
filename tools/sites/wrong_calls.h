// SPDX-License-Identifier: MIT
//
// Whose code a process's wrong calls are.
#pragma once

#include <string_view>
#include <vector>

#include "sites/page_lists.h"

namespace heapmeter::cli::sites {

// Of the page that parse_profile() reads, with its stacks as sites of nothing else, to be named; each leaf
// once. Throws as that does.
struct WrongCalls {
  std::vector<WrongCall> all;
  Profile code;
};
WrongCalls parse_wrong_calls(std::string_view json);

}  // namespace heapmeter::cli::sites
