// SPDX-License-Identifier: MIT
//
// The messages in a frame, as protocol buffers; numbers are only ever added.
#pragma once

#include <protozero/types.hpp>

namespace heapmeter::cli::record {

enum class FrameTag : protozero::pbf_tag_type {
  kMark = 1,
  kSegment = 2,
  kProcess = 3,
  kRound = 4,
  kSites = 5
};
enum class SegmentTag : protozero::pbf_tag_type {
  kTime = 1,
  kInterval = 2,
  kBoot = 3,
  kHost = 4,
  kVersion = 5
};
// Those of a segment are numbered as they come.
enum class ProcessTag : protozero::pbf_tag_type {
  kPid = 1,
  kInnerPid = 2,
  kParent = 3,
  kStartTime = 4,
  kCountingSince = 5,
  kStarted = 6,
  kName = 7,
  kCommand = 8,
  kBackend = 9,
  kGroup = 10
};
// kRows: for each row how many processes are left out before it, which columns changed, one bit for each, and
// by how much each of them did since the last row of that process.
enum class RoundTag : protozero::pbf_tag_type {
  kTime = 1,
  kUrgent = 2,
  kKills = 3,
  kRows = 4,
  kResumed = 5,
  kBooted = 6
};
// Modules and nodes are numbered for each process on through the segment; each taking brings the new ones.
enum class SitesTag : protozero::pbf_tag_type {
  kProcess = 1,
  kTime = 2,
  kMode = 3,
  kMeanBytes = 4,
  kHead = 5,
  kModule = 6,
  kNodes = 7,
  kSites = 8,
  kTag = 9
};
enum class ModuleTag : protozero::pbf_tag_type { kPath = 1, kBuildId = 2, kStart = 3, kEnd = 4, kBias = 5 };

}  // namespace heapmeter::cli::record
