// SPDX-License-Identifier: MIT
//
// The service: the one thread that answers readers.
//
// A bare thread: glibc does not count it, the program does not meet it, and what runs in it calls only what
// sys.h offers. The first thing it does is take a descriptor table of its own, empty: the program never sees,
// inherits or closes a descriptor of ours. While nobody reads it sleeps, and looks less and less often
// whether the program is still there.
#pragma once

#include "base/rights.h"

namespace heapmeter::service {

// Once at start, and in a forked child. Without memory or leave for a thread the program runs on, unserved.
void start() noexcept;
// Around a call that demands a single-threaded process (unshare, setns), or that changes what a thread is
// allowed to do, which glibc would carry over to threads it knows. Pauses nest; the thread is new after the
// last resume(), and has the rights of its caller. False where the service is not this process's: then
// neither resume() nor give_up() may follow.
bool pause() noexcept;
// Whether the service is there, but of another process: that whose memory this one uses, or has a copy of.
bool borrowed() noexcept;
// The same of a program that is not served, too.
bool memory_is_borrowed() noexcept;
void resume() noexcept;
// Instead of resume(), after a sandbox (seccomp) has come up: the thread does not come back, here or in
// forked children, for what the sandbox forbids is not known. The program is counted on, unserved. No system
// call.
void give_up() noexcept;
// After a call that changed these ids of this thread, or of all that glibc knows: the thread must not be left
// with what the program cannot become again. A server that takes its client's ids for a while and can go back
// finds it as it was, and pays one system call; for who cannot go back it is a new thread.
void follow_ids(Rights::Ids changed, bool all_threads) noexcept;
// After a change of RLIMIT_NPROC, which counts the thread: it goes where few are allowed, else it comes.
void task_limit_changed() noexcept;
// A thread of the program is about to leave by the bare exit system call. Was it the last, so is the service.
void thread_leaves() noexcept;
// Removes the socket's file; the thread itself ends with the process.
void at_exit() noexcept;
// In a forked child: the thread does not exist here.
void after_fork() noexcept;

}  // namespace heapmeter::service
