// SPDX-License-Identifier: MIT
//
// A process looked at once or twice, and what was found named; in steps, so that several share the time
// between.
#pragma once

#include <chrono>

#include "readings/target.h"
#include "verbs/suppress.h"
#include "views/lost.h"

namespace heapmeter::cli {

struct LookOptions {
  bool once = false, contents = false, agreed = false, registers = false;
  double wait_seconds = 2;
};

// All throw ProcessEnded, or UserError where there can be no look.
class LostLook {
 public:
  LostLook(Target target, const LookOptions &options) : target_(std::move(target)), options_(options) {}

  const Target &target() const { return target_; }
  // Who does not answer, or may not be looked at, is told before a look is taken; asks where it costs much.
  void prepare();
  // But with --once.
  void look_first();
  // The one that counts, so long after the first as was asked for.
  void look_last();
  LostView end(Suppress &suppress);

 private:
  Target target_;
  const LookOptions &options_;
  Reading before_;
  lost::Look first_;
  std::chrono::steady_clock::time_point first_at_;
  LostView view_;
};

}  // namespace heapmeter::cli
