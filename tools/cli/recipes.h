// SPDX-License-Identifier: MIT
//
// What people ask, and the commands that answer it: for the man page.
#pragma once

#include <span>
#include <string_view>

namespace heapmeter::cli {

struct Recipe {
  const char *question;
  std::string_view commands;  // a line each
};

std::span<const Recipe> recipes();

}  // namespace heapmeter::cli
