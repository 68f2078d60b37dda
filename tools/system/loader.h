// SPDX-License-Identifier: MIT
//
// What the dynamic linker would load for a program, asked of itself (as ldd does; nothing of the program
// runs): it alone knows its search rules, its cache and the versions it accepts.
#pragma once

#include <string>
#include <vector>

namespace heapmeter::cli {

struct Loaded {
  bool known = false;                   // false when it could not be asked, or did not answer
  bool refused = false;                 // to ask it: it is not known as a dynamic linker, or is not root's
  std::vector<std::string> files;       // in its order, with the preloaded ones
  std::vector<std::string> missing;     // names it did not find
  std::vector<std::string> complaints;  // its own lines
};

// `preload` as LD_PRELOAD would be.
Loaded ask_loader(const std::string &interpreter, const std::string &program, const std::string &preload);

}  // namespace heapmeter::cli
