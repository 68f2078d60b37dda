// SPDX-License-Identifier: MIT
#include "growth/verdict.h"

#include <algorithm>
#include <cmath>

namespace heapmeter::cli::growth {
namespace {

constexpr double kLeastShare = 0.9, kLeastSpans = 0.8;
constexpr double kLeastPart = 0.005;  // less is not told from the error of what is known of lives
constexpr double kWrongShare = 0.01;
constexpr double kLeastTosses = 4;                             // standard deviations
constexpr std::uint64_t kFewestSpans = 4, kFewestBlocks = 35;  // 35 of 35 are nine of ten for sure

// It ends above all it was in its first half: neither over and gone, nor back where it was.
bool has_risen(const Series &series) {
  const std::size_t half = series.size() / 2,
                    last = series.size() - std::max<std::size_t>(series.size() / 4, 1);
  std::uint64_t before = 0, after = UINT64_MAX;
  for (std::size_t at = 0; at < half; ++at) before = std::max(before, series[at].live_blocks);
  for (std::size_t at = last; at < series.size(); ++at) after = std::min(after, series[at].live_blocks);
  return after > before;
}

// More than births and deaths that came by the toss of a coin would leave: a queue of changing length is
// longer at times.
bool is_no_chance(const Series &series, const Kept &kept) {
  const double grown =
      static_cast<double>(series.back().live_blocks) - static_cast<double>(series.front().live_blocks);
  return grown > kLeastTosses * std::sqrt(static_cast<double>(kept.all_born + kept.all_died));
}

Slope slope_between(const Series &series, std::size_t from, std::size_t to) {
  std::vector<double> seconds, bytes;
  for (std::size_t at = from; at < to; ++at) {
    seconds.push_back(series[at].seconds);
    bytes.push_back(static_cast<double>(series[at].live_bytes));
  }
  return slope(seconds, bytes);
}

// A pool that warms up, and a cache that fills, grow more slowly in the end.
bool goes_on(const Series &series) {
  const std::size_t third = series.size() / 3;
  const Slope early = slope_between(series, 0, third + 1);
  const Slope late = slope_between(series, series.size() - third - 1, series.size());
  return late.middle > 0 && late.middle >= 0.5 * early.middle;
}

Verdict measured(const Series &series) {
  Verdict verdict;
  verdict.kept = kept(series);
  std::vector<double> blocks;
  for (const Point &point : series) blocks.push_back(static_cast<double>(point.live_blocks));
  verdict.bytes = slope_between(series, 0, series.size());
  verdict.chance = chance_of_rise(blocks);
  return verdict;
}

// Of what it made in the first half a part is there at the end for sure.
bool holds_part(const Kept &kept, const Kept &by_lives) {
  const double least = static_cast<double>(kept.born) * kLeastPart;
  return static_cast<double>(by_lives.least) >= std::max(least, static_cast<double>(kFewestBlocks));
}

Finding judged(const Series &series, Verdict &verdict, bool rises) {
  const Kept kept = verdict.kept;
  const bool up = series.size() >= 2 && series.back().live_blocks > series.front().live_blocks;
  if (series.size() < kLeastReadings) return up ? Finding::kTooFew : Finding::kNone;
  if (up && kept.all_died == 0 && kept.all_born < kFewestBlocks) return Finding::kTooFew;
  if (!has_risen(series) || !goes_on(series)) return Finding::kNone;
  const bool held =
      kept.spans >= kFewestSpans &&
      least_share(static_cast<double>(kept.least), static_cast<double>(kept.born)) > kLeastShare &&
      static_cast<double>(kept.least_spans) >= kLeastSpans * static_cast<double>(kept.spans);
  if (!rises || verdict.bytes.least <= 0) return Finding::kTooFew;
  if (held) return Finding::kHeldAndGrowing;
  // Nothing dies, and it was only too little to be sure.
  if (kept.all_died == 0 || !is_no_chance(series, kept)) return Finding::kTooFew;
  const Kept by_lives = kept_by_lives(series);
  verdict.kept.samples = by_lives.samples;
  if (holds_part(kept, by_lives)) {
    verdict.kept = by_lives;
    return Finding::kHeldAndGrowing;
  }
  return Finding::kGrows;
}

}  // namespace

std::vector<Verdict> verdicts(const std::vector<Series> &all) {
  std::vector<Verdict> verdicts;
  std::vector<double> chances;
  for (const Series &series : all) {
    verdicts.push_back(measured(series));
    chances.push_back(verdicts.back().chance);
  }
  const std::vector<bool> rise = holding(chances, kWrongShare);
  for (std::size_t at = 0; at < all.size(); ++at)
    verdicts[at].finding = judged(all[at], verdicts[at], rise[at]);
  return verdicts;
}

}  // namespace heapmeter::cli::growth
