// SPDX-License-Identifier: MIT
//
// A series as one line of letters, each a level between the smallest and the largest value; pure. In UTF-8
// eighths of a letter, in ASCII rougher.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace heapmeter::cli {

// A value for each column, none where nothing was known.
using Graph = std::vector<std::optional<double>>;

struct GraphRange {
  double low = 0, high = 1;
};

// From the smallest to the largest, and at least a fiftieth more: noise is to look flat.
GraphRange range_of(const Graph &graph);
// How far up the value lies, 0 to 1.
double place_in(double value, GraphRange range);

char32_t spark_letter(double value, GraphRange range, bool utf8);
std::string sparkline(const Graph &graph, GraphRange range, bool utf8);

}  // namespace heapmeter::cli
