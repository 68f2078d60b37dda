// SPDX-License-Identifier: MIT
#include "readings/unlisted.h"

#include <algorithm>

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <heapmeter/protocol.h>

#include "doctor/process.h"
#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

constexpr double kStarting = 1;  // seconds: its socket may still come

// Seconds since it was started.
double age(const process::Status &status) {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9 -
         static_cast<double>(status.start_time) / ticks;
}

// "" of one that has ended meanwhile, or has its socket by now.
std::string why_unserved(int pid) {
  try {
    for (const Finding &finding : process_findings(pid, false)) {
      if (finding.keeps_from_reading()) return finding.sentence();
    }
  } catch (const UserError &) {
  }
  return "";
}

bool is_listed(int pid, const std::vector<Member> &listed) {
  return std::any_of(listed.begin(), listed.end(),
                     [pid](const Member &member) { return member.shown_pid() == pid; });
}

}  // namespace

Unlisted unlisted(const std::vector<Member> &listed, std::size_t explained) {
  const char *ours = getenv(HEAPMETER_DIR_VARIABLE);
  Unlisted found;
  for (const int pid : process::all()) {
    if (is_listed(pid, listed) || process::has_library(pid) != true) continue;
    const auto status = process::status(pid);
    if (!status || status->image_of_parent || age(*status) < kStarting) continue;
    if (process::variable(pid, HEAPMETER_DIR_VARIABLE) != (ours == nullptr ? "" : ours)) {
      found.elsewhere.push_back(pid);
    } else if (found.unserved.size() == explained) {
      ++found.more_unserved;
    } else if (std::string why = why_unserved(pid); !why.empty()) {
      found.unserved.push_back({pid, std::move(why)});
    }
  }
  return found;
}

}  // namespace heapmeter::cli
