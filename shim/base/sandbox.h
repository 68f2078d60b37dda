// SPDX-License-Identifier: MIT
//
// A sandbox (seccomp) that was there before the program: what it forbids is not known, and it may kill for
// it. The system calls of the service are tried, once, in a child of their own, which dies in place of the
// program. One that the program sets up itself is read as it does so: there a child could no longer be made.
// In one that came about unseen nothing is called that need not be. For the service thread, too: nothing but
// sys.h, no libc.
#pragma once

#include <linux/filter.h>

namespace heapmeter::sandbox {

// At start: what is there now lets programs live as they are, reports and all.
void look() noexcept;
// The program has set one up; null is the strict mode, which has no filter.
void entered(const sock_fprog *filter) noexcept;
// Likewise by landlock, which forbids files, and never kills; of that the kernel tells nobody.
void forbade_itself_files() noexcept;
bool has_forbidden_itself_files() noexcept;
// Whether a report may be written at exit: false where a call that it makes would end the process, or where a
// sandbox came about unseen.
bool lets_report() noexcept;
// Whether a report that could not be finished may be removed.
bool lets_clean_up() noexcept;
// Whether memory may be moved elsewhere in the program's own sandboxes, as far as they were seen. No call.
bool lets_move() noexcept;
// Whether the kernel may be asked, by futex, what memory can be read; by mincore, what is resident.
bool lets_probe() noexcept;
bool lets_look_for_pages() noexcept;
// Whether it may be asked, by a signal that is none, which threads there are.
bool lets_ask_for_threads() noexcept;

// Whether the program was seen to set one up. No call.
bool was_entered() noexcept;
// Whether there is one. Containers have one as a rule.
bool here() noexcept;
// The same, asked at start.
bool was_there() noexcept;
// Whether this thread is in one that was not there at start, as far as can be told: a second one is not seen.
// One system call, by which a sandbox has to be asked that kills for asking.
bool came_up() noexcept;
// Whether a service may live in the one that was there. Makes a process that the program does not see: no
// signal, no wait, no core.
bool lets_serve() noexcept;
// In the same way, whether a report may be written in it: by who may make a process, and has the time.
void find_out_about_report() noexcept;

}  // namespace heapmeter::sandbox
