// SPDX-License-Identifier: MIT
#include "text/bar.h"

#include <algorithm>
#include <cmath>

namespace heapmeter::cli {

std::string bar(double part, double whole, int width, bool utf8) {
  if (!(part > 0) || !(whole > 0)) return "";
  const double cells = std::min(part / whole, 1.0) * width;
  if (!utf8) return std::string(static_cast<std::size_t>(std::max(1.0, std::round(cells))), '#');
  static constexpr const char *kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = std::max(1, static_cast<int>(std::lround(cells * 8)));
  std::string text;
  for (int whole_cells = eighths / 8; whole_cells > 0; --whole_cells) text += "█";
  return text + kEighths[eighths % 8];
}

}  // namespace heapmeter::cli
