// SPDX-License-Identifier: MIT
//
// Reads a running program every second or so, for the case that it ends without a report of its own: the last
// reading, and how old it is.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "readings/reading.h"
#include "readings/target.h"

namespace heapmeter::cli {

class Watcher {
 public:
  explicit Watcher(int pid);

  struct Last {
    Reading reading;
    std::chrono::steady_clock::time_point taken;
  };
  // Ends the watch.
  std::optional<Last> stop();

 private:
  void watch(std::stop_token stopped);
  void read_once();

  int pid_;
  std::optional<Target> target_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<Last> last_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace heapmeter::cli
