// SPDX-License-Identifier: MIT
//
// The report at exit, if asked for: once, to stderr in a few lines, or to a file as JSON: the snapshot
// with sizes and threads.
#pragma once

namespace heapmeter::report {

void write() noexcept;
// The lines, in the middle of a run, whatever was asked for.
void to_stderr_now() noexcept;

}  // namespace heapmeter::report
