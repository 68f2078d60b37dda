// SPDX-License-Identifier: MIT
//
// The process and its image take turns, by a word that both see.
#pragma once

#include "leaks/findings.h"

namespace heapmeter::leaks::turns {

void give(Findings &findings, Findings::State state) noexcept;
// The same, but where the other one has given another one meanwhile.
void answer(Findings &findings, Findings::State to, Findings::State state) noexcept;
Findings::State now(const Findings &findings) noexcept;
// Until the other one has given something since that was seen, at most until then.
void wait_since(const Findings &findings, Findings::State seen, uint64_t until_ns) noexcept;
// Until it has given that or a later one; false when that has not come in time.
bool wait(const Findings &findings, Findings::State state, uint32_t milliseconds) noexcept;

}  // namespace heapmeter::leaks::turns
