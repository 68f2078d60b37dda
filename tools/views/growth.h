// SPDX-License-Identifier: MIT
//
// Verdicts of growth with their evidence, as text and as JSON; pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "growth/verdict.h"
#include "symbols/frame.h"
#include "targets/unreached.h"
#include "views/site_view.h"

namespace heapmeter::cli {

struct GrowingPlace {
  growth::Verdict verdict;
  std::string site;                    // its name
  std::vector<symbols::Frame> frames;  // innermost first
  std::uint64_t bytes_before = 0, bytes_after = 0;
  std::size_t processes = 0;  // in which it grew
  std::size_t most = 0;       // and the one of the members in which it grew most
};

// One process, or several, what the same code does in all of which is one place.
struct GrowthView {
  struct Member {
    std::string label;
    int pid = 0;
    std::uint64_t start_time = 0;
    std::uint64_t bytes_before = 0, bytes_after = 0;  // live
  };

  std::string label;
  bool is_group = false;
  std::vector<Member> members;    // one at least
  std::vector<Unreached> others;  // not watched, or not to the end
  double seconds = 0;
  std::size_t readings = 0, places = 0, too_few = 0;
  std::uint64_t bytes_before = 0, bytes_after = 0;  // live, in all
  std::vector<GrowingPlace> growing;                // what is held first, then by what they grow
  std::vector<std::string> advice;                  // what would name more
};

std::string growth_text(const GrowthView &view, std::size_t most_rows, std::size_t depth, const Look &look);
boost::json::object growth_json(const GrowthView &view);

}  // namespace heapmeter::cli
