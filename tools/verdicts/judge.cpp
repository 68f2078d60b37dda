// SPDX-License-Identifier: MIT
#include "verdicts/judge.h"

#include <algorithm>

#include <fmt/format.h>

#include "verdicts/rules.h"
#include "verdicts/trend.h"
#include "verdicts/wording.h"

namespace heapmeter::cli::verdicts {
namespace {

Verdict nothing_unusual(const Trend &trend) {
  Verdict verdict{Kind::k_nothing_unusual,
                  "nothing unusual",
                  "",
                  "",
                  {{"seconds", trend.seconds}, {"readings", static_cast<double>(trend.readings)}}};
  const std::string watched =
      fmt::format("{} in {}", format::counted(trend.readings, "reading"), format::duration(trend.seconds));
  if (trend.course == Course::kFlat) {
    verdict.evidence = fmt::format("live is flat at {}; {}", amount(trend.highest), watched);
  } else if (trend.course == Course::kSwings && trend.rose()) {
    verdict.evidence = fmt::format("live rose from {} to {}, and does not go on; {}",
                                   amount(trend.floor_before), amount(trend.floor_after), watched);
  } else if (trend.course == Course::kSwings) {
    verdict.evidence = fmt::format("live goes between {} and {}, and its floor does not rise; {}",
                                   amount(trend.lowest), amount(trend.highest), watched);
  }
  return verdict;
}

}  // namespace

std::vector<Verdict> judge(const Observed &observed) {
  const Trend trend = trend_of(observed.series);
  std::vector<Verdict> all;
  const auto add = [&](std::optional<Verdict> verdict) {
    if (verdict) all.push_back(std::move(*verdict));
  };
  add(wrong_calls(observed));
  add(lost(observed));
  add(near_limit(observed, trend));
  std::optional<Verdict> held = peak_kept_or_fragmentation(observed, trend);
  if (!held) add(peak_over(observed));
  add(std::move(held));
  add(swapping(observed));
  add(not_mallocs(observed));
  add(growth_beside(observed));
  add(course(observed, trend));
  if (all.empty()) add(nothing_unusual(trend));
  std::stable_sort(all.begin(), all.end(),
                   [](const Verdict &a, const Verdict &b) { return a.kind < b.kind; });
  if (all.size() == 1 && all.front().kind == Kind::k_watch_longer) {
    Verdict nothing = nothing_unusual(trend);
    const Verdict &longer = all.front();
    if (observed.ended) {
      nothing.words = longer.words + "; nothing else is unusual";
    } else {
      nothing.words += " so far";
      nothing.limit = longer.words + "; " + longer.limit;
    }
    all.insert(all.begin(), std::move(nothing));
  }
  return all;
}

}  // namespace heapmeter::cli::verdicts
