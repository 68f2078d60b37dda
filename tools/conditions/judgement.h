// SPDX-License-Identifier: MIT
//
// Which conditions hold of what was measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "conditions/condition.h"
#include "conditions/figures.h"

namespace heapmeter::cli::conditions {

struct Judgement {
  Condition condition;
  bool failed = false;
  std::optional<double> value, before, limit;
  std::string why;  // it could not be evaluated, or ""
  // Of what a look found: what it would be if all were lost that registers of sleeping threads may hold,
  // where the condition would hold of that, too, and does not of what is proven lost.
  std::optional<double> perhaps;
};

// `before` where the condition is on a change.
Judgement judge(const Condition &condition, const Figures &now, const Figures *before);

// "--fail-if 'peak_bytes>200M': peak_bytes is 327,155,712 (312 MiB)"
std::string sentence(const Judgement &judgement);
// "--fail-if 'lost>0' is not sure: lost_blocks is 0, or up to 5 ..."; "" where there is no such doubt.
std::string doubt(const Judgement &judgement);
// Those that failed.
boost::json::array failed_json(const std::vector<Judgement> &judgements);
bool any_failed(const std::vector<Judgement> &judgements);

}  // namespace heapmeter::cli::conditions
