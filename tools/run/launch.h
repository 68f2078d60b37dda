// SPDX-License-Identifier: MIT
//
// Starts a program and stands in its place until it ends: what is sent to us reaches it, what stops it stops
// us, and what it was born with (descriptors, signal mask and dispositions, process group) is what we were.
#pragma once

#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/types.h>

#include "run/environment.h"

namespace heapmeter::cli {

struct Ending {
  int exit_code = 0;  // as a shell has it: 128 + the signal's number
  int signal = 0;
  bool dumped_core = false;
  double wall_seconds = 0;
  rusage usage{};  // of the program and the children it waited for
};

class Launch {
 public:
  // Throws UserError when the kernel refuses, with kNotFound or kNotExecutable.
  // `to_error`: its standard output, too, so that ours is our own.
  Launch(const std::string &path, const std::vector<std::string> &command, const Variables &environment,
         bool to_error = false);
  Launch(const Launch &) = delete;
  Launch &operator=(const Launch &) = delete;

  pid_t pid() const { return pid_; }
  Ending wait();

 private:
  void start(const std::string &path, const std::vector<std::string> &command, const Variables &environment,
             bool to_error);
  void forward(int number, int code, pid_t sender) const;
  bool collect(Ending &ending);

  pid_t pid_ = -1;
  double started_ = 0;
};

// Signals for the program, held back from this thread and those it starts; what Launch waits for.
void hold_signals();

}  // namespace heapmeter::cli
