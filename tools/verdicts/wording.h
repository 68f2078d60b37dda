// SPDX-License-Identifier: MIT
//
// Figures in the sentences of verdicts; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "text/format.h"
#include "verdicts/observed.h"
#include "verdicts/trend.h"

namespace heapmeter::cli::verdicts {

inline std::string amount(double bytes) { return format::bytes(bytes); }
inline std::string amount(std::uint64_t bytes) { return format::bytes(static_cast<double>(bytes)); }

// In the unit of time that gives a figure one can remember.
inline std::string speed(double bytes_a_second) {
  if (bytes_a_second >= 1024) return format::bytes(bytes_a_second) + "/s";
  return format::bytes(3600 * bytes_a_second) + "/h";
}

inline std::string share(double part, double whole) { return format::percent(part, whole); }

inline std::string listed(const std::vector<OwnMemory> &owners, std::string OwnMemory::*words) {
  std::string text;
  for (std::size_t at = 0; at < owners.size(); ++at)
    text += (at == 0 ? "" : at + 1 == owners.size() ? " and " : ", ") + owners[at].*words;
  return text;
}

inline const char *manner(Manner manner) {
  switch (manner) {
    case Manner::kInSteps:
      return "in steps";
    case Manner::kInWaves:
      return "in waves over a rising floor";
    case Manner::kSteadily:
      break;
  }
  return "steadily";
}

// Of what has a good part of it, two at most: "fill (shop.cpp:41) < main +12.0 MiB".
template <typename Figure>
std::string told(const std::vector<Code> &code, double Code::*much, Figure figure) {
  constexpr double kGoodPart = 0.2;
  double all = 0;
  for (const Code &each : code) all += each.*much;
  std::string text;
  for (std::size_t at = 0; at < code.size() && at < 2 && code[at].*much >= kGoodPart * all; ++at)
    text += fmt::format("{}{} {}", at == 0 ? "" : ", and ", code[at].place, figure(code[at].*much));
  return text;
}

}  // namespace heapmeter::cli::verdicts
