// SPDX-License-Identifier: MIT
//
// What is said while the user waits: a line on the terminal of standard error that goes away again. Where
// that is no terminal, or one that obeys nothing (TERM=dumb), nothing is said.
#pragma once

#include <string>

namespace heapmeter::cli {

class PassingLine {
 public:
  PassingLine();
  ~PassingLine();
  PassingLine(const PassingLine &) = delete;
  PassingLine &operator=(const PassingLine &) = delete;

  // In place of what it said before, and no wider than the terminal.
  void say(const std::string &text);

 private:
  bool can_be_shown_, shown_ = false;
};

}  // namespace heapmeter::cli
