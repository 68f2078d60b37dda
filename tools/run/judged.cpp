// SPDX-License-Identifier: MIT
#include "run/judged.h"

#include "verdicts/judge.h"

namespace heapmeter::cli {

std::vector<verdicts::Verdict> judged(const RunResult &result) {
  verdicts::Observed observed;
  observed.ended = true;
  const bool alone = result.children.empty();
  const auto &moments = (alone ? result.shape : result.together).moments();
  // What a report tells of the end is after it has released what it had.
  const std::size_t told = moments.size() - (alone && result.from_report && !moments.empty() ? 1 : 0);
  for (std::size_t at = 0; at < told; ++at) {
    observed.series.push_back(
        {moments[at].seconds, moments[at].live_bytes, moments[at].live_bytes, moments[at].most_bytes, {}});
  }
  if (alone) {
    observed.reading = result.reading;
  } else {
    const Tree tree = tree_of(result);
    observed.reading.emplace();
#define HEAPMETER_COUNTER(type, name, unit, help) observed.reading->name = tree.sum.name;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  }
  return verdicts::judge(observed);
}

}  // namespace heapmeter::cli
