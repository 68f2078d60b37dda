// SPDX-License-Identifier: MIT
#include "sites/head.h"

namespace heapmeter::cli::sites {

const char *mode_name(Mode mode) {
  return mode == Mode::kEvery ? "every" : mode == Mode::kSampled ? "sampled" : "off";
}

boost::json::object head_json(const Profile &profile) {
  return {{"schema", 1},
          {"pid", profile.pid},
          {"start_time", profile.start_time},
          {"name", profile.name},
          {"time", profile.time},
          {"mode", mode_name(profile.mode)},
          {"mean_bytes", profile.mean_bytes},
          {"since", profile.since},
          {"until", profile.until},
          {"live_bytes", profile.live_bytes},
          {"live_blocks", profile.live_blocks},
          {"allocations", profile.allocations},
          {"allocated_bytes", profile.allocated_bytes},
          {"before_live_bytes", profile.before.live_bytes},
          {"before_live_blocks", profile.before.live_blocks},
          {"other_live_bytes", profile.other.live_bytes},
          {"other_live_blocks", profile.other.live_blocks},
          {"other_allocations", profile.other.allocations},
          {"other_allocated_bytes", profile.other.allocated_bytes},
          {"captures", profile.captures},
          {"cut_short", profile.cut_short},
          {"sites_bytes", profile.sites_bytes}};
}

}  // namespace heapmeter::cli::sites
