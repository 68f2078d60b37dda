// SPDX-License-Identifier: MIT
//
// Signals as something to read between two pictures instead of something that interrupts them. Made before
// any other thread, which then has them blocked too.
#pragma once

#include <optional>

#include <signal.h>

namespace heapmeter::cli::tui {

class SignalQueue {
 public:
  SignalQueue();
  ~SignalQueue();
  SignalQueue(const SignalQueue &) = delete;
  SignalQueue &operator=(const SignalQueue &) = delete;

  int fd() const { return fd_; }
  std::optional<int> next();
  // Those that end a program, and may while the terminal keeps us waiting; all but Ctrl-C's, which sets a
  // terminal going.
  static sigset_t ending();
  // Has this one's default effect now; returns if that was to stop, and the process goes on.
  static void obey(int number);

 private:
  sigset_t before_;
  int fd_;
};

}  // namespace heapmeter::cli::tui
