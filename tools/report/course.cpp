// SPDX-License-Identifier: MIT
#include "report/course.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/moment_text.h"
#include "text/format.h"

namespace heapmeter::cli::report {
namespace {

constexpr double kNearAtTheEnd = 0.9;

verdicts::Series series_of(const Life &life) {
  verdicts::Series series;
  for (const Point &point : life.points) {
    series.push_back({static_cast<double>(point.time_ms - life.first_ms()) / 1000, point.live_bytes,
                      point.least_bytes, point.most_bytes, point.rss_bytes});
  }
  return series;
}

// It gave back more than half of what it held in the mean of its first tenth.
bool shrinks(const Life &life) {
  const std::size_t tenth = std::max<std::size_t>(1, life.points.size() / 10);
  std::uint64_t early = life.points.front().live_bytes, late = 0;
  for (std::size_t at = 0; at < tenth; ++at) {
    early = std::min(early, life.points[at].live_bytes);
    late = std::max(late, life.points[life.points.size() - 1 - at].live_bytes);
  }
  return late < early / 2;
}

std::string speed(double a_second) {
  for (const auto &[seconds, unit] : {std::pair(1.0, "s"), {60.0, "min"}, {3600.0, "h"}}) {
    if (std::fabs(a_second * seconds) >= 1 << 20) return format::bytes(a_second * seconds) + "/" + unit;
  }
  return format::bytes(a_second * 86400) + "/d";
}

std::string rise(const verdicts::Trend &trend) {
  return fmt::format("rose from {} to {}", format::bytes(static_cast<double>(trend.floor_before)),
                     format::bytes(static_cast<double>(trend.floor_after)));
}

}  // namespace

Course course_of(const Life &life) {
  Course course;
  course.trend = verdicts::trend_of(series_of(life));
  const double until = static_cast<double>(life.last_ms());
  course.since_ms = static_cast<std::int64_t>(until - 1000 * course.trend.growing_seconds);
  switch (course.trend.course) {
    case verdicts::Course::kTooFew:
      course.shape = Shape::kTooShort;
      break;
    case verdicts::Course::kFlat:
      course.shape = Shape::kFlat;
      break;
    case verdicts::Course::kSwings:
      course.shape = shrinks(life) ? Shape::kShrinks : Shape::kSwings;
      break;
    case verdicts::Course::kFills:
      course.shape = Shape::kFills;
      break;
    case verdicts::Course::kPerhaps:
      course.shape = Shape::kPerhaps;
      break;
    case verdicts::Course::kGrows:
      course.shape = Shape::kGrows;
      break;
  }
  return course;
}

const char *word_of(Shape shape) {
  switch (shape) {
    case Shape::kTooShort:
      return "too_short";
    case Shape::kFlat:
      return "flat";
    case Shape::kSwings:
      return "swings";
    case Shape::kFills:
      return "fills";
    case Shape::kShrinks:
      return "shrinks";
    case Shape::kPerhaps:
      return "perhaps";
    case Shape::kGrows:
      return "grows";
  }
  return "";
}

std::string words_of(const Course &course) {
  switch (course.shape) {
    case Shape::kTooShort:
      return "too short to tell";
    case Shape::kFlat:
      return "flat";
    case Shape::kSwings:
      return course.trend.rose() ? rise(course.trend) + ", and no more since" : "up and down, floor flat";
    case Shape::kFills:
      return rise(course.trend) + ", ever more slowly";
    case Shape::kShrinks:
      return "shrinks";
    case Shape::kPerhaps:
      return rise(course.trend) + ", perhaps by chance";
    case Shape::kGrows:
      break;
  }
  const char *const manner = course.trend.manner == verdicts::Manner::kInSteps   ? ", in steps"
                             : course.trend.manner == verdicts::Manner::kInWaves ? ", in waves"
                                                                                 : ", steadily";
  return fmt::format("grows {} since {}{}", speed(course.bytes_a_second()), clock_text(course.since_ms),
                     manner);
}

bool ended_for_memory(const Life &life) {
  if (life.ended_ms == 0) return false;
  const bool near_at_last = life.near_share() >= kNearAtTheEnd && life.last[record::k_limit_bytes] != 0 &&
                            life.last[record::k_limit_used_bytes] >=
                                kNearAtTheEnd * static_cast<double>(life.last[record::k_limit_bytes]);
  return life.kills > 0 || near_at_last;
}

std::optional<Code> code_of_growth(const Life &life, const Course &course) {
  if (life.takings.empty()) return std::nullopt;
  const sites::Profile &last = life.takings.back();
  const sites::Profile *first = &life.takings.front();
  for (const sites::Profile &taking : life.takings) {
    if (taking.time * 1000 <= static_cast<double>(course.since_ms)) first = &taking;
  }
  if (first == &last || first->mode != last.mode) return Code{{}, last};
  return Code{*first, last};
}

}  // namespace heapmeter::cli::report
