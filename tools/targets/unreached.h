// SPDX-License-Identifier: MIT
//
// Who is meant by the user's words and cannot be asked, and what to do about it.
#pragma once

#include <string>
#include <vector>

#include "targets/chosen.h"

namespace heapmeter::cli {

struct Unreached {
  int pid = 0;      // 0: not known, or several
  std::string why;  // a sentence
};

// Processes of other users, and those that have the library and no socket. What is known not to be metered is
// none of them, nor is anybody where a pid or a path was given.
std::vector<Unreached> unreached(const Chosen &chosen);
// As choose(); where nobody can be asked, says first of whom that is meant.
Chosen choose_saying_whom_not(const Wanted &wanted);

}  // namespace heapmeter::cli
