// SPDX-License-Identifier: MIT
//
// All that is known of a run when the program has ended.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "doctor/own_memory.h"
#include "readings/reading.h"
#include "run/launch.h"
#include "run/live_sites.h"
#include "run/notices.h"
#include "run/relative.h"
#include "run/shape.h"
#include "run/tree_view.h"
#include "run/uncounted.h"
#include "verdicts/observed.h"
#include "views/lost_at_exit.h"
#include "views/sites_at_exit.h"

namespace heapmeter::cli {

struct RunResult {
  std::vector<std::string> command;
  std::string sort = {};  // of its programs; "" as tree_of() has them
  int pid = 0;
  Ending ending;
  std::optional<Reading> reading;
  bool from_report = false;        // else the last reading over the socket
  double reading_age_seconds = 0;  // before the end
  std::vector<std::string> notes;  // what was found before the start
  std::optional<Relative> seen;    // itself, as last read, where there is no report
  std::vector<Relative> children;  // other processes: their reports, or how they were last read
  Shape shape, together;           // of its own live bytes; of all
  std::uint64_t seen_together = 0;
  std::optional<std::pair<double, double>> peak_time;  // seconds after the start, from and to
  OwnHeaps own_heaps;
  std::optional<verdicts::Grower> grower;
  std::map<std::string, std::vector<OwnMemory>> owners;  // by executable, what they keep there
  std::vector<int> still_running;
  std::optional<LostAtExit> lost;
  std::optional<SitesAtExit> sites;   // where they are asked for
  std::vector<LiveSites> live_sites;  // likewise, as last read
  std::vector<Uncounted> uncounted;   // programs it became or started
  // Metered processes that ended without a report, its own failure to write one apart ("" if there was none).
  std::vector<Unreported> unreported;
  std::string report_failure;
  std::string no_room;           // at the end, for reports: then any may be missing without a word; or ""
  bool all_reported = false;     // each process, as the only program that it was
  std::string report_elsewhere;  // the user's HEAPMETER_REPORT, when it leaves none to read here, or ""
};

}  // namespace heapmeter::cli
