// SPDX-License-Identifier: MIT
//
// The socket in the file system: its directory, made and checked, and the listening socket bound in it.
// Called in the service thread, whose descriptors are its own; silent about every failure, for a program must
// run on unserved where there is no place for a socket.
#pragma once

#include <stddef.h>

namespace heapmeter::socket_file {

inline constexpr size_t kPathRoom = 108;  // sockaddr_un's

// A listening, close-on-exec, non-blocking socket; negative when there is none to be had. Fills in the path.
int listen_at(const char *directory, char (&path)[kPathRoom]) noexcept;
// At exit, from any thread.
void remove(const char *path) noexcept;

}  // namespace heapmeter::socket_file
