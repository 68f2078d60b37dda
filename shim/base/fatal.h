// SPDX-License-Identifier: MIT
//
// The only way this library ends a process: where going on would corrupt memory or break a language's
// promise.
#pragma once

#include "base/compiler.h"

namespace heapmeter {

// Prints the line and aborts.
[[noreturn]] HEAPMETER_COLD void die(const char *line) noexcept;

}  // namespace heapmeter
