// SPDX-License-Identifier: MIT
//
// Takes the census again and again, on a thread of its own.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "readings/census.h"
#include "top/worker.h"

namespace heapmeter::cli::tui {

// Of a clock that only goes forward.
double seconds_now();

struct Round {
  std::vector<Member> members;
  std::vector<std::string> refused;
  double seconds = 0;
};

class Collector {
 public:
  // Of all processes, or those of the group; and of this one wherever it is.
  Collector(double interval, std::optional<Endpoint> also, Census::Finder group);

  int fd() const { return worker_.fd(); }
  std::optional<Round> take() { return worker_.take(); }
  void set_interval(double seconds);

 private:
  std::shared_ptr<std::atomic<double>> interval_;
  Worker<Round> worker_;
};

}  // namespace heapmeter::cli::tui
