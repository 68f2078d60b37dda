// SPDX-License-Identifier: MIT
//
// Which sites are to be shown, and on what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sites/ranking.h"
#include "views/reading.h"

namespace heapmeter::cli {

// What is to be shown. The references must outlive it.
struct SiteView {
  const sites::Profile &profile;
  const sites::Stacks &stacks;
  std::vector<const sites::Stacks::Stack *> chosen;  // in their order
  sites::By by = sites::By::kLive;
  double seconds = 0;      // between the readings of a change
  std::string label = {};  // of the process
  std::vector<std::string> advice = {};
  std::int64_t rows = 0;   // at most
  std::int64_t depth = 0;  // callers of each, at most
  bool only_some = false;  // --focus or --ignore was given
  double least = 0;        // share of a row, but for the first
};

struct Look {
  Units units;
  Paint paint{false};
  bool utf8 = true;
  int width = 0;  // 0: as wide as it comes
};

}  // namespace heapmeter::cli
