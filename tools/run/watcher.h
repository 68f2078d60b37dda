// SPDX-License-Identifier: MIT
//
// Looks at a running program every second or so: at its heap, for the case that it ends without a report of
// its own, and at what it becomes or starts that is not counted.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "readings/reading.h"
#include "readings/target.h"
#include "run/uncounted.h"

namespace heapmeter::cli {

class Watcher {
 public:
  // `follow`: also what it starts is to be counted.
  Watcher(int pid, bool follow);
  // Ends the watch.
  void stop();

  struct Last {
    Reading reading;
    std::chrono::steady_clock::time_point taken;
  };
  // These after the end.
  const std::optional<Last> &last() const { return last_; }
  const std::vector<Uncounted> &uncounted() const { return uncounted_.found(); }

 private:
  void watch(std::stop_token stopped);
  void read_once();

  int pid_;
  bool follow_;
  std::optional<Target> target_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<Last> last_;
  UncountedPrograms uncounted_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace heapmeter::cli
