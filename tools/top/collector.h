// SPDX-License-Identifier: MIT
//
// Takes the census again and again, and looks closer at one process, each on a thread of its own: whatever a
// process does, keys are answered and pictures drawn.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "readings/census.h"
#include "top/inspection.h"
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

class Inspector {
 public:
  explicit Inspector(double interval);

  int fd() const { return worker_.fd(); }
  std::optional<Inspection> take() { return worker_.take(); }
  // Nobody, when there is none.
  void look_at(std::optional<Member> member);
  void set_interval(double seconds);

 private:
  struct Wish {
    std::mutex mutex;
    std::optional<Member> member;
    double interval = 1;
  };
  static void work(Worker<Inspection>::Shared &shared, Wish &wish);

  std::shared_ptr<Wish> wish_;
  Worker<Inspection> worker_;
};

}  // namespace heapmeter::cli::tui
