// SPDX-License-Identifier: MIT
//
// What a life was like, in a word, and which code made it so; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/story.h"
#include "verdicts/trend.h"

namespace heapmeter::cli::report {

enum class Shape { kTooShort, kFlat, kSwings, kFills, kShrinks, kPerhaps, kGrows };

struct Course {
  Shape shape = Shape::kTooShort;
  verdicts::Trend trend;
  std::int64_t since_ms = 0;  // of what grows

  bool grows() const { return shape == Shape::kGrows; }
  double bytes_a_second() const { return trend.bytes.middle; }
};

Course course_of(const Life &life);
// "grows", as in JSON and CSV.
const char *word_of(Shape shape);
// "grows 474 MiB/h since 14:02:10, steadily".
std::string words_of(const Course &course);

// Whether its end has to do with want of memory: killed in the moment when the kernel killed for that, or
// near a limit at last.
bool ended_for_memory(const Life &life);

// The two takings that tell most of what grew, and of the last; none where code was not told apart.
struct Code {
  sites::Profile earlier, later;
};
std::optional<Code> code_of_growth(const Life &life, const Course &course);

}  // namespace heapmeter::cli::report
