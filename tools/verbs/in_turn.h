// SPDX-License-Identifier: MIT
//
// One look at a time: who asks while another's is under way waits for its end.
#pragma once

#include <chrono>
#include <thread>

#include "readings/target.h"

namespace heapmeter::cli {

// Throws LookUnderWay when it lasts too long.
template <typename Look>
auto in_turn(Look look) {
  constexpr std::chrono::seconds kPatience{10};
  constexpr std::chrono::milliseconds kPause{100};
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (;; std::this_thread::sleep_for(kPause)) {
    try {
      return look();
    } catch (const LookUnderWay &) {
      if (std::chrono::steady_clock::now() >= end) throw;
    }
  }
}

}  // namespace heapmeter::cli
