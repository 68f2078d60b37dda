// SPDX-License-Identifier: MIT
//
// What the keys do, in words: for the help screen and the man page.
#pragma once

#include <span>

namespace heapmeter::cli::tui {

struct KeyMeaning {
  const char *key, *meaning;
};

struct KeyGroup {
  const char *where;
  std::span<const KeyMeaning> keys;
};

std::span<const KeyGroup> key_groups();

}  // namespace heapmeter::cli::tui
