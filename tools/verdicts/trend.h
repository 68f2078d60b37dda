// SPDX-License-Identifier: MIT
//
// Which course live bytes take over time; pure.
//
// What counts is the floor: the lowest that each eighth of the time has, and that nothing later undercuts. A
// saw-tooth, a wave and a burst come back to it, a leak raises it. So a course is called growth only when the
// floor rises in all eighths but one, goes on rising in the last one, does not rise ever more slowly, and by
// more than a walk without aim would. What one part of a longer wave, or a cache that fills steadily, looks
// like cannot be told from it: whoever tells of a growth says so.
#pragma once

#include "growth/statistics.h"
#include "verdicts/series.h"

namespace heapmeter::cli::verdicts {

enum class Course {
  kTooFew,   // readings, to tell
  kFlat,     // it hardly changes
  kSwings,   // up and down, and back again
  kFills,    // it rises ever more slowly, or did: a pool that warms up, a cache that fills
  kPerhaps,  // it rises, by no more than it would by chance
  kGrows,
};

enum class Manner { kSteadily, kInSteps, kInWaves };

struct Trend {
  Course course = Course::kTooFew;
  Manner manner = Manner::kSteadily;
  std::size_t readings = 0;
  double seconds = 0;                               // watched
  double growing_seconds = 0;                       // of them, to the end
  growth::Slope bytes = {};                         // a second, of the part that grows
  double first_speed = 0, last_speed = 0;           // bytes a second, of its first three eighths and its last
  std::uint64_t floor_before = 0, floor_after = 0;  // of the first and the last eighth
  std::uint64_t lowest = 0, highest = 0;

  // And stayed: most of its swings is one rise of the floor, as after a step.
  bool rose() const {
    return floor_after > floor_before && floor_after - floor_before >= (highest - lowest) / 2;
  }
};

inline constexpr std::size_t kLeastReadings = 24;

Trend trend_of(const Series &series);

}  // namespace heapmeter::cli::verdicts
