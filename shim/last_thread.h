// SPDX-License-Identifier: MIT
//
// A thread that leaves by the bare exit system call ends the process only if it is the last, and ours would
// be one more. The kernel has no event for that which could be waited for together with a socket, so the
// service asks here, less and less often; one who leaves through libc's syscall() is recognised at once.
#pragma once

namespace heapmeter::last_thread {

// Asked by the service: has the program ended but for us?
bool program_is_gone() noexcept;

// What the program's exit code was to be; the last thread of a process is the one that says it.
int exit_code() noexcept;

// Asked by a thread of the program, while the service runs: is it the last but the service?
bool leaving() noexcept;

}  // namespace heapmeter::last_thread
