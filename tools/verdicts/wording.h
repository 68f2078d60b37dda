// SPDX-License-Identifier: MIT
//
// Figures in the sentences of verdicts; pure.
#pragma once

#include <cstdint>
#include <string>

#include "text/format.h"

namespace heapmeter::cli::verdicts {

inline std::string amount(double bytes) { return format::bytes(bytes); }
inline std::string amount(std::uint64_t bytes) { return format::bytes(static_cast<double>(bytes)); }

// In the unit of time that gives a figure one can remember.
inline std::string speed(double bytes_a_second) {
  if (bytes_a_second >= 1024) return format::bytes(bytes_a_second) + "/s";
  return format::bytes(3600 * bytes_a_second) + "/h";
}

inline std::string share(double part, double whole) { return format::percent(part, whole); }

}  // namespace heapmeter::cli::verdicts
