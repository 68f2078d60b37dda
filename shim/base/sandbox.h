// SPDX-License-Identifier: MIT
//
// A sandbox (seccomp) that was there before the program: what it forbids is not known, and it may kill for
// it. The system calls of the service are tried in a child of their own, which dies in place of the program.
// For the service thread: nothing but sys.h, no libc.
#pragma once

namespace heapmeter::sandbox {

// Whether there is one. Containers have one as a rule.
bool here() noexcept;
// Whether a service may live in it. Makes a process that the program does not see: no signal, no wait.
bool lets_serve() noexcept;

}  // namespace heapmeter::sandbox
