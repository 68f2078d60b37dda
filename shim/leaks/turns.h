// SPDX-License-Identifier: MIT
//
// The process and its image take turns, by a word that both see.
#pragma once

#include "leaks/findings.h"

namespace heapmeter::leaks::turns {

void give(Findings &findings, Findings::State state) noexcept;
// Until that state or a later one; false when it has not come in time, or the other one is gone.
bool wait(const Findings &findings, Findings::State state, uint32_t milliseconds, bool (*gone)(int other),
          int other) noexcept;

}  // namespace heapmeter::leaks::turns
