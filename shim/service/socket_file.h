// SPDX-License-Identifier: MIT
//
// The socket in the file system: its directory, made and checked, and the listening socket bound in it.
// Called in the service thread, whose descriptors are its own; silent about every failure, for a program must
// run on unserved where there is no place for a socket.
#pragma once

#include "service/ending.h"

namespace heapmeter::socket_file {

// A listening, close-on-exec, non-blocking socket in this directory, or in a standard one when it is null;
// negative when there is none to be had, or the process is already ending.
int open(const char *directory, const service::Ending &ending) noexcept;
// Whether open() is at it: a directory may hang.
bool opening() noexcept;
// By the same thread: the file goes.
void remove() noexcept;
// At exit, from any thread, with the word that open() looks at set: the process leaves no file.
void remove_at_exit() noexcept;
// In a forked child: the file is the parent's.
void after_fork() noexcept;

}  // namespace heapmeter::socket_file
