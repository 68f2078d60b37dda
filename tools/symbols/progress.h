// SPDX-License-Identifier: MIT
//
// Which file is being read for its names, while that takes long.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "text/passing_line.h"

namespace heapmeter::cli::symbols {

class Progress {
 public:
  Progress(std::size_t all, bool wanted);

  void begin(const std::string &file);  // the next one
  void tick();                          // while it lasts

 private:
  std::size_t all_, at_ = 0;
  std::string file_;
  PassingLine line_;
  bool wanted_;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace heapmeter::cli::symbols
