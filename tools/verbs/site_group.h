// SPDX-License-Identifier: MIT
//
// heapmeter sites of several processes: read one after the other, shown as one.
#pragma once

#include "sites/ranking.h"
#include "targets/chosen.h"
#include "verbs/site_output.h"

namespace heapmeter::cli {

struct GroupOfSites {
  const Wanted &wanted;
  const SiteOptions &output;
  sites::By by;
  bool repeated;
  double interval;            // seconds
  std::int64_t count;         // 0: until all have ended
  double under_ms;            // 0: not asked for
  const std::string &since;   // a mark; empty: not asked for
  const std::string &thread;  // likewise
};

// Throws UserError where none of them notes which code allocates.
int show_sites_of(const GroupOfSites &group);

}  // namespace heapmeter::cli
