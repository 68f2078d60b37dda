// SPDX-License-Identifier: MIT
#include "flame/colour.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace heapmeter::cli::flame {

const char *module_colour(std::size_t rank) {
  return rank < kModuleColours.size() ? kModuleColours[rank] : kOtherColour;
}

std::string change_colour(double share) {
  const Rgb &end = share > 0 ? kGrew : kShrank;
  // The smallest change can be told from none.
  const double depth = share == 0 ? 0 : 0.15 + 0.85 * std::min(1.0, std::fabs(share));
  Rgb mixed{};
  for (std::size_t at = 0; at < mixed.size(); ++at) {
    mixed[at] = static_cast<int>(std::lround(kSame[at] + (end[at] - kSame[at]) * depth));
  }
  return fmt::format("#{:02x}{:02x}{:02x}", mixed[0], mixed[1], mixed[2]);
}

}  // namespace heapmeter::cli::flame
