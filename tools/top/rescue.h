// SPDX-License-Identifier: MIT
//
// Gives the terminal back when a signal ends the program in the middle of something: a crash, or another
// while the terminal takes no output. The rest is screen's.
#pragma once

#include <signal.h>

namespace heapmeter::cli::tui::rescue {

void remember_modes();  // before they are changed
void arm();             // when the kind of terminal is known
void disarm();          // when it is as it was

// As long as it lives, signals that end a program do so at once. Around what the terminal may hold up.
class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible &) = delete;
  Interruptible &operator=(const Interruptible &) = delete;

 private:
  sigset_t before_;
};

}  // namespace heapmeter::cli::tui::rescue
