// SPDX-License-Identifier: MIT
//
// A line on the terminal of the user while something takes long, which goes away again. Nothing where it is
// none.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace heapmeter::cli::symbols {

class Progress {
 public:
  Progress(std::size_t all, bool wanted);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  void begin(const std::string &file);  // the next one
  void tick();                          // while it lasts

 private:
  std::size_t all_, at_ = 0;
  std::string file_;
  bool terminal_, shown_ = false;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace heapmeter::cli::symbols
