// SPDX-License-Identifier: MIT
//
// From return addresses to functions, files and lines. Whoever names many of them prepares them all at once:
// a file is then taken apart once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "symbols/frame.h"

namespace heapmeter::cli::symbols {

struct Options {
  bool cache = true;  // names kept under the user's cache directory
};

class Namer {
 public:
  // Of a living process, or with pid 0 of one that is elsewhere, or no more: by path and build-id then.
  Namer(int pid, std::vector<Module> modules, Options options = {});

  void prepare(std::vector<Place> places);
  // Innermost first, the inlined ones before the one they are inlined into; never empty.
  std::vector<Frame> name(int module, std::uint64_t return_address_offset);
  // What keeps names from being found, and what would help: a line each.
  std::vector<std::string> advice() const;

 private:
  int pid_;
  std::vector<Module> modules_;
  Options options_;
  std::map<Place, std::vector<Frame>> named_;
  std::vector<std::string> advice_;
};

}  // namespace heapmeter::cli::symbols
