// SPDX-License-Identifier: MIT
//
// Live over time, and a peak that is over.
#include <algorithm>

#include <fmt/format.h>

#include "readings/class_changes.h"
#include "verdicts/rules.h"
#include "verdicts/wording.h"

namespace heapmeter::cli::verdicts {
namespace {

constexpr double kLeastOfAPeak = 8 << 20;

std::string watched(const Trend &trend) {
  return fmt::format("{} in {}", format::counted(trend.readings, "reading"), format::duration(trend.seconds));
}

const char *manner(Manner manner) {
  switch (manner) {
    case Manner::kInSteps:
      return "in steps";
    case Manner::kInWaves:
      return "in waves over a rising floor";
    case Manner::kSteadily:
      break;
  }
  return "steadily";
}

// The class that grew most, if it has a good part of it.
std::string where(const Observed &observed) {
  if (observed.classes_before.empty() || observed.classes.empty()) return "";
  const auto all = changes(observed.classes_before, observed.classes);
  double grown = 0;
  for (const ClassChange &each : all) grown += static_cast<double>(each.live_bytes);
  const auto most = std::max_element(
      all.begin(), all.end(), [](const auto &a, const auto &b) { return a.live_bytes < b.live_bytes; });
  if (most == all.end() || grown <= 0 || static_cast<double>(most->live_bytes) < 0.3 * grown) return "";
  const std::uint64_t least = most->now.least_bytes.value_or(most->now.class_bytes);
  return fmt::format("; most of it in blocks of {}, +{}",
                     format::bytes_range(least, most->now.class_bytes, "-"),
                     amount(static_cast<double>(most->live_bytes)));
}

std::vector<std::pair<const char *, double>> figures(const Trend &trend) {
  return {{"seconds", trend.seconds},
          {"readings", static_cast<double>(trend.readings)},
          {"growing_seconds", trend.growing_seconds},
          {"bytes_per_second", trend.bytes.middle},
          {"least_bytes_per_second", trend.bytes.least},
          {"most_bytes_per_second", trend.bytes.most},
          {"floor_before_bytes", static_cast<double>(trend.floor_before)},
          {"floor_after_bytes", static_cast<double>(trend.floor_after)}};
}

Verdict growth(const Observed &observed, const Trend &trend) {
  return {Kind::k_growth,
          fmt::format("live grows by {}, {}, for {} at least", speed(trend.bytes.middle),
                      manner(trend.manner), format::duration(trend.growing_seconds)),
          fmt::format("its floor rose from {} to {}; {}{}", amount(trend.floor_before),
                      amount(trend.floor_after), watched(trend), where(observed)),
          fmt::format("a cache that is not full yet, or part of a wave longer than {}, looks the same",
                      format::duration(2 * trend.growing_seconds)),
          figures(trend)};
}

Verdict filling(const Trend &trend) {
  const bool over = trend.last_speed < 0.1 * trend.first_speed;
  return {Kind::k_filling,
          over ? "live rose, and has stopped: a pool that is warm, or a cache that is full"
               : "live rises ever more slowly: a pool that warms up, or a cache that fills",
          fmt::format("by {} at first, {} at last; {}", speed(trend.first_speed),
                      speed(std::max(0.0, trend.last_speed)), watched(trend)),
          "what slows down may begin again", figures(trend)};
}

Verdict perhaps(const Trend &trend) {
  return {Kind::k_perhaps_growth,
          fmt::format("live rose from {} to {}, which may be chance", amount(trend.floor_before),
                      amount(trend.floor_after)),
          watched(trend), fmt::format("to tell, watch for {}", format::duration(3 * trend.seconds)),
          figures(trend)};
}

Verdict too_few(const Observed &observed, const Trend &trend) {
  const std::string so_few = trend.readings <= 1 ? "one reading" : watched(trend);
  return {Kind::k_watch_longer,
          fmt::format("whether live grows cannot be told from {}", so_few),
          "",
          observed.ended
              ? "it ran too short"
              : fmt::format("it takes {} readings: -i 1 -c {}, or longer", kLeastReadings, kLeastReadings),
          {{"readings", static_cast<double>(trend.readings)},
           {"needed_readings", static_cast<double>(kLeastReadings)}}};
}

}  // namespace

std::optional<Verdict> course(const Observed &observed, const Trend &trend) {
  switch (trend.course) {
    case Course::kGrows:
      return growth(observed, trend);
    case Course::kFills:
      return filling(trend);
    case Course::kPerhaps:
      return perhaps(trend);
    case Course::kTooFew:
      return too_few(observed, trend);
    case Course::kFlat:
    case Course::kSwings:
      break;
  }
  return std::nullopt;
}

std::optional<Verdict> peak_over(const Observed &observed) {
  if (!observed.reading || observed.ended) return std::nullopt;
  const auto peak = static_cast<double>(observed.reading->peak_bytes);
  const auto live = static_cast<double>(observed.reading->live_bytes);
  if (peak < 2 * live || peak - live < kLeastOfAPeak) return std::nullopt;
  Verdict verdict{Kind::k_peak_over,
                  fmt::format("a peak of {} is over", amount(peak)),
                  fmt::format("live is {} now", amount(live)),
                  "",
                  {{"peak_bytes", peak}, {"live_bytes", live}}};
  const auto resident = observed.account ? std::optional(observed.account->of(Holder::kHeap).resident_bytes)
                        : !observed.series.empty() ? observed.series.back().resident_bytes
                                                   : std::nullopt;
  if (!resident) return verdict;
  const char *whose = observed.account ? "of the heap" : "of the process";
  verdict.evidence += fmt::format(", {} {} resident", amount(*resident), whose);
  verdict.figures.emplace_back("resident_bytes", static_cast<double>(*resident));
  if (static_cast<double>(*resident) < peak - 0.5 * (peak - live)) {
    verdict.words += ", and its memory given back";
  } else if (!observed.account) {
    verdict.limit = "whether its memory was given back, heapmeter account tells";
  } else {
    verdict.words += ", and its memory mostly not given back";
  }
  return verdict;
}

}  // namespace heapmeter::cli::verdicts
