// SPDX-License-Identifier: MIT
//
// Where a process would put its socket, by the library's own rules, and which of them its directory breaks.
// The library itself says nothing, so as not to disturb the program.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "doctor/finding.h"
#include "doctor/runtime_heaps.h"

namespace heapmeter::cli {

struct SocketOwner {
  Lookup variable;   // of its environment
  uid_t user;        // it runs as
  std::string root;  // "", or such as /proc/PID/root, where it sees other files than we
};

// Nothing when it can have its socket.
std::optional<Finding> socket_trouble(const SocketOwner &owner);

}  // namespace heapmeter::cli
