// SPDX-License-Identifier: MIT
//
// Which code holds more or less than in another reading; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "sites/comparison.h"
#include "views/site_view.h"

namespace heapmeter::cli {

struct SiteDifference {
  sites::Common common = sites::Common::kNothing;
  // Where attribution is told of by the later reading; since when, in seconds before that.
  sites::Comparison comparison;
  bool estimated = false;
  double attributed_seconds = 0;
  bool is_living = false;  // the later reading is of now
  std::string instead;     // why its process notes no code, where it says so
  std::string target;      // a word for heapmeter sites
  std::vector<std::string> advice;

  bool known() const { return common == sites::Common::kAll || common == sites::Common::kOnlyAfter; }
};

// "" where nothing is to be said.
std::string site_difference_text(const SiteDifference &difference, std::int64_t rows, const Look &look);
boost::json::array site_difference_json(const SiteDifference &difference, std::int64_t rows);

}  // namespace heapmeter::cli
