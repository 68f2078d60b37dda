// SPDX-License-Identifier: MIT
//
// One reading every few seconds, until there are enough, the process ends or the user stops it.
#pragma once

#include <cstdint>
#include <functional>

#include "verbs/arguments.h"

namespace heapmeter::cli {

struct Pace {
  double interval = 0;     // seconds; 0 is a single reading
  std::int64_t count = 0;  // 0 is no end

  // --interval and --count; check() throws UserError with kUsage.
  void add_options(Parser &parser, const char *what);
  void check(const Parser &parser, const char *verb);
};

// While it lives, Ctrl-C ends a series and not the tool, so that what was seen can be summed up.
class InterruptHeld {
 public:
  explicit InterruptHeld(bool wanted);
  ~InterruptHeld();
  InterruptHeld(const InterruptHeld &) = delete;
  InterruptHeld &operator=(const InterruptHeld &) = delete;

  // Waits so long; whether it came meanwhile.
  bool wait(double seconds);
  bool came() const { return came_; }
  // Ends the tool as it would have ended it; for when all is said.
  void pass_on();

 private:
  bool wanted_, came_ = false;
};

// `read` is called at once and then every so many seconds; it throws ProcessEnded. Whether the process lives.
bool repeat(const Pace &pace, InterruptHeld &interrupt, const std::function<void()> &read);

}  // namespace heapmeter::cli
