// SPDX-License-Identifier: MIT
//
// What nothing held when the image was made, and was released or resized since, was held all the same, in
// memory that is not of that moment; so was, then, all that hangs together with it.
#pragma once

#include "leaks/findings.h"
#include "leaks/knowledge.h"

namespace heapmeter::leaks {

// By the process, once the image is at its end: no such block is among the lost any more.
Failure drop_released(Findings &findings, Blocks::Behind behind) noexcept;

}  // namespace heapmeter::leaks
