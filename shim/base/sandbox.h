// SPDX-License-Identifier: MIT
//
// Sandboxes (seccomp). What one forbids is not known, and it may kill for it. Of one that was there before
// the program the system calls of the service are tried, once, in a child of their own, which dies in place
// of the program. In one that came up later nothing is called that need not be. For the service thread:
// nothing but sys.h, no libc.
#pragma once

namespace heapmeter::sandbox {

// Whether this thread is in one. Containers have one as a rule.
bool here() noexcept;
// Once, at the start: what is there now was there before the program.
void note_start() noexcept;
bool was_there() noexcept;
// Whether this thread is in one that the program set up, as far as can be told: one more is not seen. One
// system call, which a sandbox that kills for asking has to be asked by.
bool came_up() noexcept;
// Whether a service may live in the one that was there. Makes a process that the program does not see: no
// signal, no wait, no core.
bool lets_serve() noexcept;

}  // namespace heapmeter::sandbox
