// SPDX-License-Identifier: MIT
//
// Resident memory that rises over time where live does not: mappings of the program's own, or pages that its
// allocator holds.
#include <algorithm>

#include <fmt/format.h>

#include "verdicts/rules.h"
#include "verdicts/wording.h"

namespace heapmeter::cli::verdicts {
namespace {

constexpr double kLeastGrowth = 1 << 20, kLeastRise = 8 << 20, kLeastShare = 0.1, kHardlyAny = 64 << 10;

Series of(const Series &series, std::optional<std::uint64_t> Moment::*bytes) {
  Series found;
  for (const Moment &each : series) {
    if (each.*bytes) found.push_back(moment(each.seconds, *(each.*bytes)));
  }
  return found;
}

struct Rise {
  double from = 0, to = 0;
  double bytes() const { return to - from; }
};

// In the last so many seconds, to the end.
Rise rise_in(const Series &series, double seconds) {
  const auto began = std::find_if(series.begin(), series.end(), [&](const Moment &each) {
    return each.seconds >= series.back().seconds - seconds;
  });
  return {static_cast<double>(began->live_bytes), static_cast<double>(series.back().live_bytes)};
}

// Of what comes and goes the floor, where there are readings enough to have one.
Rise rise_of(const Series &series) {
  const Trend trend = trend_of(series);
  if (trend.floor_before == 0 && trend.floor_after == 0)
    return rise_in(series, series.back().seconds - series.front().seconds);
  return {static_cast<double>(trend.floor_before), static_cast<double>(trend.floor_after)};
}

std::string whose(const Observed &observed, double beside) {
  if (observed.grower) return listed(observed.grower->owners, &OwnMemory::memory);
  if (!observed.account) return "";
  const Account &account = *observed.account;
  const auto heap = static_cast<double>(account.of(Holder::kHeap).resident_bytes);
  const double unused = heap - std::min(heap, static_cast<double>(account.usable_bytes));
  if (unused >= 0.5 * beside) return fmt::format("the heap holds {} that no block is in", amount(unused));
  const auto other = account.of(Holder::kOther).resident_bytes;
  return fmt::format("{} in anonymous mappings that are not malloc's{}", amount(other),
                     observed.owners.empty() ? "" : ": " + listed(observed.owners, &OwnMemory::memory));
}

std::string limit(const Observed &observed) {
  constexpr const char *kUnseen = "what lies in it, no meter of malloc sees: ";
  if (observed.grower && !observed.grower->owners.empty())
    return kUnseen + listed(observed.grower->owners, &OwnMemory::advice);
  if (!observed.owners.empty()) return kUnseen + listed(observed.owners, &OwnMemory::advice);
  if (observed.account) return "who mapped it is not known";
  return observed.ended ? "whether its mappings or its allocator's pages did, heapmeter account -i 1 tells "
                          "while it runs"
                        : "whether its mappings or its allocator's pages do, heapmeter account tells";
}

}  // namespace

std::optional<Verdict> growth_beside(const Observed &observed) {
  const Series &all = observed.grower ? observed.grower->series : observed.series;
  const Series beside = of(all, &Moment::beside_bytes), anonymous = of(all, &Moment::anonymous_bytes);
  if (beside.size() < 2) return std::nullopt;
  const Trend trend = trend_of(beside);
  const bool grows = trend.course == Course::kGrows;
  // At an exit what rose once is told by how much of it there was.
  if (observed.ended && !grows) return std::nullopt;
  const double seconds = grows ? trend.growing_seconds : trend.seconds;
  const Rise rise = rise_of(beside), resident = rise_in(anonymous, seconds), live = rise_of(all);
  const double grown = std::min(rise.bytes(), resident.bytes());
  const double least = grows ? kLeastGrowth : std::max(kLeastRise, kLeastShare * resident.to);
  if (grown < least || grown < live.bytes()) return std::nullopt;

  const std::string who = observed.grower ? " of " + observed.grower->program : "";
  const char *than_live = live.bytes() > kHardlyAny ? "live by less" : "live did not";
  Verdict verdict{Kind::k_growth_beside, "", "", limit(observed)};
  verdict.meant = observed.ended || !grows;
  verdict.words =
      !grows ? fmt::format("resident memory{} rose by {} in {}, {}", who, amount(resident.bytes()),
                           format::duration(seconds), than_live)
             : fmt::format("resident memory{} {} by {}, {}, {}", who, observed.ended ? "grew" : "grows",
                           speed(trend.bytes.middle), manner(trend.manner),
                           observed.ended              ? std::string("to the end; ") + than_live
                           : live.bytes() > kHardlyAny ? "live by less"
                                                       : "and live does not");
  const std::string owner = whose(observed, rise.to);
  verdict.evidence = fmt::format(
      "what no block is in rose from {} to {} in {}, live from {} to {}; {}{}{}", amount(rise.from),
      amount(rise.to), format::duration(seconds), amount(live.from), amount(live.to),
      format::counted(trend.readings, "reading"), owner.empty() ? "" : "; ", owner);
  verdict.figures = {{"seconds", trend.seconds},
                     {"readings", static_cast<double>(trend.readings)},
                     {"growing_seconds", seconds},
                     {"bytes_per_second", grows ? trend.bytes.middle : grown / seconds},
                     {"anonymous_before_bytes", resident.from},
                     {"anonymous_after_bytes", resident.to},
                     {"live_before_bytes", live.from},
                     {"live_after_bytes", live.to}};
  return verdict;
}

}  // namespace heapmeter::cli::verdicts
