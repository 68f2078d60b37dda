// SPDX-License-Identifier: MIT
//
// How a process notes which code allocates, as its snapshot says; pure.
#pragma once

#include "readings/reading.h"

namespace heapmeter::cli {

// Every allocation, which costs it time: lists have a sign before its name.
inline bool attributes_every(const Reading &reading) { return reading.sampling == "every"; }
inline constexpr const char *kEverySign = "*";

}  // namespace heapmeter::cli
