// SPDX-License-Identifier: MIT
//
// Where processes have their sockets whose environment, user or root directory is another than ours.
#pragma once

#include <string>
#include <vector>

#include "client/endpoint.h"

namespace heapmeter::cli {

// What has the name of this process where its own environment, user and root directory say.
std::vector<Endpoint> endpoints_of(int pid);
// All that are to be trusted (endpoint.h), and, for root, those of who gave up root since.
std::vector<Endpoint> reachable_endpoints(std::vector<std::string> &refused);
std::vector<Endpoint> reachable_endpoints();

}  // namespace heapmeter::cli
