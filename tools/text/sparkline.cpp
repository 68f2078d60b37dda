// SPDX-License-Identifier: MIT
#include "text/sparkline.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace heapmeter::cli {
namespace {

constexpr std::u32string_view kLevels = U"▁▂▃▄▅▆▇█";
constexpr const char *kLevelTexts[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::u32string_view kAsciiLevels = U"_.-=+o*#";
constexpr double kFlat = 0.02;

std::size_t level_of(double value, GraphRange range) {
  return static_cast<std::size_t>(std::lround(place_in(value, range) * 7));
}

}  // namespace

GraphRange range_of(const Graph &graph) {
  std::optional<GraphRange> found;
  for (const auto &value : graph) {
    if (!value) continue;
    if (!found) found = {*value, *value};
    found->low = std::min(found->low, *value);
    found->high = std::max(found->high, *value);
  }
  if (!found) return {};
  found->high = std::max(found->high, found->low * (1 + kFlat));
  if (found->high <= found->low) found->high = found->low + 1;
  return *found;
}

double place_in(double value, GraphRange range) {
  return range.high > range.low ? std::clamp((value - range.low) / (range.high - range.low), 0.0, 1.0) : 0;
}

char32_t spark_letter(double value, GraphRange range, bool utf8) {
  return (utf8 ? kLevels : kAsciiLevels)[level_of(value, range)];
}

std::string sparkline(const Graph &graph, GraphRange range, bool utf8) {
  std::string line;
  for (const auto &value : graph) {
    if (!value) {
      line += ' ';
    } else if (utf8) {
      line += kLevelTexts[level_of(*value, range)];
    } else {
      line += static_cast<char>(spark_letter(*value, range, false));
    }
  }
  return line;
}

}  // namespace heapmeter::cli
