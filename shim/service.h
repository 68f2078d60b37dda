// SPDX-License-Identifier: MIT
//
// The service: the one thread that answers readers.
//
// It is a bare kernel thread, not a pthread: glibc does not know it, so the process stays single-threaded in
// glibc's eyes, main may end by pthread_exit, and starting it allocates nothing. The price: it must not touch
// thread-local storage, so it calls only what sys.h offers. All signals are blocked in it, its stack is
// small, and the first thing it does is take a descriptor table of its own, empty: the program never sees,
// inherits or closes a descriptor of ours. While nobody reads it sleeps.
#pragma once

namespace heapmeter::service {

// Once at start, and in a forked child. Without memory or leave for a thread the program runs on, unserved.
void start() noexcept;
// Removes the socket's file; the thread itself ends with the process.
void at_exit() noexcept;
// In a forked child: the thread does not exist here.
void after_fork() noexcept;

}  // namespace heapmeter::service
