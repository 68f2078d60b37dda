// SPDX-License-Identifier: MIT
//
// Where one process has its socket, by its own environment, user and root directory, which may be others than
// ours.
#pragma once

#include <vector>

#include "client/endpoint.h"

namespace heapmeter::cli {

// What has its name in those places, living or not.
std::vector<Endpoint> endpoints_of(int pid);

}  // namespace heapmeter::cli
