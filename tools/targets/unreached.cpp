// SPDX-License-Identifier: MIT
#include "targets/unreached.h"

#include <algorithm>

#include <stdint.h>
#include <unistd.h>

#include <fmt/format.h>

#include "doctor/process.h"
#include "readings/reachable.h"
#include "readings/target.h"
#include "system/process.h"
#include "text/format.h"
#include "text/output.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

constexpr std::size_t kMostExplained = 10;

// "" of one that has ended meanwhile, or can be read by now. Of whom nothing may be seen, that is the reason.
std::string why_unreached(int pid) {
  try {
    if (Target elsewhere; find_endpoint(pid, elsewhere))
      return fmt::format("{} has its socket where its own environment says, {}: give its pid",
                         elsewhere.label(), elsewhere.endpoint.path());
    for (const Finding &finding : process_findings(pid, false)) {
      if (finding.keeps_from_reading()) return finding.sentence();
    }
  } catch (const UserError &error) {
    return process::ended(pid) ? "" : error.what();
  }
  return "";
}

}  // namespace

std::vector<Unreached> unreached(const Chosen &chosen) {
  std::vector<Unreached> found;
  if (chosen.wanted.names_one()) return found;
  std::uint64_t more = 0;
  for (const int pid : process::all()) {
    const bool reached = std::any_of(chosen.targets.begin(), chosen.targets.end(),
                                     [pid](const Target &target) { return target.local_pid == pid; });
    if (reached || pid == getpid() || process::has_library(pid) == false || !is_wanted(pid, chosen.wanted))
      continue;
    const auto status = process::status(pid);
    if (!status || status->of_the_kernel || status->image_of_parent) continue;
    if (found.size() == kMostExplained) {
      ++more;
    } else if (std::string why = why_unreached(pid); !why.empty()) {
      found.push_back({pid, std::move(why)});
    }
  }
  if (more > 0)
    found.push_back(
        {0, fmt::format("and {} more cannot be read; heapmeter doctor PID says why", format::grouped(more))});
  return found;
}

Chosen choose_saying_whom_not(const Wanted &wanted) {
  try {
    return choose(wanted);
  } catch (const UserError &error) {
    if (error.exit_code() == kUsage) throw;
    // Of several words it may be one alone that nobody has.
    for (const Unreached &each : unreached({reachable_targets(), false, wanted}))
      output::note(printable(each.why));
    throw;
  }
}

}  // namespace heapmeter::cli
