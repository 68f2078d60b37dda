// SPDX-License-Identifier: MIT
//
// The report at exit, if asked for: once, to stderr in a few lines, or to a file as JSON: the snapshot
// with sizes and threads. `stack_pointer`: of the thread that ends the process, where its own stack ends.
#pragma once

#include <stdint.h>

namespace heapmeter::report {

void write(uintptr_t stack_pointer) noexcept;
// The lines, in the middle of a run, whatever was asked for.
void to_stderr_now() noexcept;

}  // namespace heapmeter::report
