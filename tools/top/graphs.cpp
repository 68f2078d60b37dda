// SPDX-License-Identifier: MIT
#include "top/graphs.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace heapmeter::cli::tui {
namespace {

constexpr char32_t kFullBlock = U'█';
constexpr std::u32string_view kLower = U" ▁▂▃▄▅▆▇█";  // eighths of a character, from below
constexpr std::u32string_view kLeft = U" ▏▎▍▌▋▊▉█";   // from the left
constexpr std::u32string_view kAsciiLower = U" .:#";

std::size_t step_of(double part, std::size_t steps) {
  return static_cast<std::size_t>(
      std::clamp(std::lround(part * static_cast<double>(steps)), 0l, static_cast<long>(steps)));
}

}  // namespace

void draw_sparkline(Canvas &canvas, int x, int y, const Graph &graph, bool utf8, Style style) {
  const Range range = range_of(graph);
  for (const auto &value : graph) {
    if (value) canvas.put_letter(x, y, spark_letter(*value, range, utf8), style);
    ++x;
  }
}

void draw_bar(Canvas &canvas, int x, int y, int width, double part, bool utf8, Style style) {
  if (width <= 0 || !(part > 0)) return;
  const std::size_t fine = utf8 ? 8 : 1;
  const std::size_t whole = static_cast<std::size_t>(width) * fine;
  const std::size_t length = std::max<std::size_t>(1, step_of(std::min(part, 1.0), whole));
  for (std::size_t full = 0; full < length / fine; ++full)
    canvas.put_letter(x++, y, utf8 ? kFullBlock : U'#', style);
  if (length % fine != 0) canvas.put_letter(x, y, kLeft[length % fine], style);
}

void draw_chart(Canvas &canvas, int x, int y, int height, const Graph &graph, Range range, bool utf8,
                Style style) {
  const std::u32string_view parts = utf8 ? kLower : kAsciiLower;
  const std::size_t fine = parts.size() - 1;
  const std::size_t whole = static_cast<std::size_t>(std::max(height, 0)) * fine;
  for (const auto &value : graph) {
    // Something is there, however little.
    const std::size_t length = value ? std::max<std::size_t>(1, step_of(place_in(*value, range), whole)) : 0;
    for (int row = 0; row < height; ++row) {
      const std::size_t below = static_cast<std::size_t>(row) * fine;
      if (length <= below) break;
      canvas.put_letter(x, y + height - 1 - row, parts[std::min(fine, length - below)], style);
    }
    ++x;
  }
}

}  // namespace heapmeter::cli::tui
