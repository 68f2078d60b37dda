// SPDX-License-Identifier: MIT
//
// What `run` says when the program has ended: where its numbers come from is part of it; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "readings/reading.h"
#include "run/launch.h"
#include "run/uncounted.h"
#include "text/terminal.h"
#include "views/lost_at_exit.h"

namespace heapmeter::cli {

struct RunResult {
  std::vector<std::string> command;
  int pid = 0;
  Ending ending;
  std::optional<Reading> reading;
  bool from_report = false;        // else the last reading over the socket
  double reading_age_seconds = 0;  // before the end
  std::vector<std::string> notes;  // what was found before the start
  std::vector<Reading> children;   // reports of other processes
  std::vector<int> still_running;
  std::optional<LostAtExit> lost;
  std::vector<Uncounted> uncounted;  // programs it became or started, as far as they were seen
  std::string report_elsewhere;      // the user's HEAPMETER_REPORT, when it leaves none to read here, or ""
};

// Why the program left no report; why, most likely, nothing at all is known of its heap.
std::string missing_report_reason(const RunResult &result);
std::vector<std::string> missing_reading_reasons(const RunResult &result);

// Lines of what is lost are as wide as that, or as long as they are with 0.
std::string summary_text(const RunResult &result, const Paint &paint, int width = 0, bool utf8 = false);
boost::json::object summary_json(const RunResult &result);

}  // namespace heapmeter::cli
