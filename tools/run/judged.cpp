// SPDX-License-Identifier: MIT
#include "run/judged.h"

#include <span>

#include "verdicts/judge.h"

namespace heapmeter::cli {
namespace {

std::vector<verdicts::Verdict> judged(std::span<const Moment> moments, std::optional<Reading> reading) {
  verdicts::Observed observed;
  observed.ended = true;
  observed.reading = std::move(reading);
  for (const Moment &each : moments)
    observed.series.push_back({each.seconds, each.live_bytes, each.live_bytes, each.most_bytes, {}});
  return verdicts::judge(observed);
}

}  // namespace

std::vector<verdicts::Verdict> judged(const Shape &shape, const std::optional<Reading> &reading,
                                      bool from_report) {
  const std::span moments(shape.moments());
  return judged(from_report && !moments.empty() ? moments.first(moments.size() - 1) : moments, reading);
}

std::vector<verdicts::Verdict> judged(const Shape &together, const Tree &tree) {
  Reading sum;
#define HEAPMETER_COUNTER(type, name, unit, help) sum.name = tree.sum.name;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  return judged(std::span(together.moments()), sum);
}

}  // namespace heapmeter::cli
