// SPDX-License-Identifier: MIT
//
// One HTTP GET over a unix socket, blocking until a deadline and no longer, whatever the other end does.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "endpoint.h"

namespace heapmeter::cli {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

enum class Silence {
  kGone,     // nobody listens there (any more), or it went away in the middle
  kLate,     // no complete answer by the deadline
  kRefused,  // it answered that we may not, or does not know the page
  kStrange,  // the answer is not the meter's
};

class NoAnswer : public std::runtime_error {
 public:
  NoAnswer(Silence why, const std::string &text) : std::runtime_error(text), why_(why) {}
  Silence why() const { return why_; }

 private:
  Silence why_;
};

// The body of a 200 answer; throws NoAnswer.
std::string get(const Endpoint &endpoint, const std::string &path, Deadline deadline);

// Who listens there, as a process of this pid namespace: also for one that runs in a namespace of its own. 0
// when nobody does, or nobody we can see.
int listening_pid(const Endpoint &endpoint);

}  // namespace heapmeter::cli
