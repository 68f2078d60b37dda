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

// The class that grew most, if it has a good part of it, and the code.
std::string where(const Observed &observed) {
  std::string text;
  const auto all = changes(observed.classes_before, observed.classes);
  double grown = 0;
  for (const ClassChange &each : all) grown += static_cast<double>(each.live_bytes);
  const auto most = std::max_element(
      all.begin(), all.end(), [](const auto &a, const auto &b) { return a.live_bytes < b.live_bytes; });
  if (!observed.classes_before.empty() && most != all.end() && grown > 0 &&
      static_cast<double>(most->live_bytes) >= 0.3 * grown) {
    const std::uint64_t least = most->now.least_bytes.value_or(most->now.class_bytes);
    text = fmt::format("; most of it in blocks of {}, +{}",
                       format::bytes_range(least, most->now.class_bytes, "-"),
                       amount(static_cast<double>(most->live_bytes)));
  }
  const std::string code =
      told(observed.growing, &Code::bytes, [](double bytes) { return "+" + amount(bytes); });
  return code.empty() ? text : text + "; by " + code;
}

// What is left at the end, where that is most of what it grew to; else what was there at the peak.
std::string where_it_was(const Observed &observed, const Trend &trend) {
  const std::string code = told(observed.at_peak, &Code::bytes, [](double bytes) { return amount(bytes); });
  if (!code.empty()) return "; held at the peak by " + code;
  double left = 0;
  for (const SizeClass &each : observed.classes) left += static_cast<double>(each.live_bytes);
  const auto most =
      std::max_element(observed.classes.begin(), observed.classes.end(),
                       [](const SizeClass &a, const SizeClass &b) { return a.live_bytes < b.live_bytes; });
  if (left < 0.5 * static_cast<double>(trend.floor_after) || most == observed.classes.end() ||
      static_cast<double>(most->live_bytes) < 0.3 * left)
    return "";
  return fmt::format(
      "; at the exit most of it in blocks of {}, {}",
      format::bytes_range(most->least_bytes.value_or(most->class_bytes), most->class_bytes, "-"),
      amount(most->live_bytes));
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

// A program that ends is often one that reads, works and is done.
Verdict grew(const Observed &observed, const Trend &trend) {
  return {Kind::k_growth,
          fmt::format("live grew by {}, {}, to the end", speed(trend.bytes.middle), manner(trend.manner)),
          fmt::format("its floor rose from {} to {} in the last {}; {}{}", amount(trend.floor_before),
                      amount(trend.floor_after), format::duration(trend.growing_seconds), watched(trend),
                      where_it_was(observed, trend)),
          "a program that ends may mean to keep all it makes",
          figures(trend),
          true};
}

Verdict growth(const Observed &observed, const Trend &trend) {
  if (observed.ended) return grew(observed, trend);
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
          over ? "live rose, and then did no more: a pool that is warm, or a cache that is full"
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
  const std::string so_few = trend.readings == 0   ? "no reading"
                             : trend.readings == 1 ? "one reading"
                                                   : watched(trend);
  Verdict verdict{Kind::k_watch_longer,
                  fmt::format("whether live grows cannot be told from {}", so_few),
                  "",
                  trend.readings < kLeastReadings
                      ? fmt::format("it takes {} readings or more (-i 1)", kLeastReadings)
                      : "they came too unevenly; watch longer",
                  {{"readings", static_cast<double>(trend.readings)},
                   {"needed_readings", static_cast<double>(kLeastReadings)}}};
  if (observed.ended) {
    verdict.words = "it was too short to tell whether live grew";
    verdict.limit.clear();
  }
  return verdict;
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
  const auto peak = static_cast<double>(observed.reading->least_peak());
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
