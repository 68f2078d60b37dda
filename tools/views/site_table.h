// SPDX-License-Identifier: MIT
//
// Sites as a table, as a tree, one in full, and as JSON; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "sites/ranking.h"
#include "sites/tree.h"
#include "views/reading.h"

namespace heapmeter::cli {

// What is to be shown. The references must outlive it.
struct SiteView {
  const sites::Profile &profile;
  const sites::Stacks &stacks;
  std::vector<const sites::Stacks::Stack *> chosen;  // in their order
  sites::By by = sites::By::kLive;
  double seconds = 0;  // between the readings of a change
  std::string label;   // of the process
  std::vector<std::string> advice;
  std::int64_t rows = 0;   // at most
  std::int64_t depth = 0;  // callers of each, at most
};

struct Look {
  Units units;
  Paint paint{false};
  bool utf8 = true;
  int width = 0;  // 0: as wide as it comes
};

// "every allocation attributed for 3m 12s": how, and since when. `now` in seconds since 1970.
std::string mode_text(const sites::Profile &profile);

// Whose it is, how much, and how it was found; and all of it.
std::string site_head(const SiteView &view, const Look &look);
std::string site_table(const SiteView &view, const Look &look);
std::string site_tree(const SiteView &view, sites::Direction direction, const Look &look);
// The whole stack of one site of the profile.
std::string site_text(const sites::Profile &profile, std::uint32_t site, const sites::Naming &naming,
                      const Look &look);
boost::json::object sites_json(const SiteView &view);

}  // namespace heapmeter::cli
