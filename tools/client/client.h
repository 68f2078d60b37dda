// SPDX-License-Identifier: MIT
//
// One exchange, blocking until a deadline and no longer, whatever the other end does.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "client/exchange.h"

namespace heapmeter::cli {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

// The body of a 200 answer; throws NoAnswer.
std::string get(const Endpoint &endpoint, const std::string &path, Deadline deadline);
// Likewise, of a change: the path has it as its query.
std::string change(const Endpoint &endpoint, const std::string &path, Deadline deadline);

// All of them at once, until one deadline for all: for each, none when it gave an answer of whatever kind, or
// why not. Takes two descriptors for each.
std::vector<std::optional<Silence>> ask_all(const std::vector<Endpoint> &endpoints, const std::string &path,
                                            Deadline deadline);

// Who listens there, as a process of this pid namespace: also for one that runs in a namespace of its own. 0
// when nobody does, or nobody we can see.
int listening_pid(const Endpoint &endpoint);

}  // namespace heapmeter::cli
