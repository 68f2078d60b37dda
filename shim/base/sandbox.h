// SPDX-License-Identifier: MIT
//
// A sandbox (seccomp) that was there before the program: what it forbids is not known, and it may kill for
// it. The system calls of the service are tried in a child of their own, which dies in place of the program.
// One that the program sets up itself is read as it does so: there a child could no longer be made.
// For the service thread, too: nothing but sys.h, no libc.
#pragma once

#include <linux/filter.h>

namespace heapmeter::sandbox {

// At start: what is there now lets programs live as they are, reports and all.
void look() noexcept;
// The program has set one up; null is the strict mode, which has no filter.
void entered(const sock_fprog *filter) noexcept;
// Whether a report may be written at exit: false where a call that it makes would end the process, or where a
// sandbox came about unseen.
bool lets_report() noexcept;
// Whether a report that could not be finished may be removed.
bool lets_clean_up() noexcept;

// Whether there is one. Containers have one as a rule.
bool here() noexcept;
// Whether a service may live in it. Makes a process that the program does not see: no signal, no wait.
bool lets_serve() noexcept;

}  // namespace heapmeter::sandbox
