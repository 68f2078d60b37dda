// SPDX-License-Identifier: MIT
//
// What doctor found of a program or a process, as text and as JSON; pure.
#pragma once

#include <optional>
#include <string>

#include "doctor/finding.h"
#include "readings/reading.h"
#include "text/terminal.h"

namespace heapmeter::cli {

struct Diagnosis {
  std::string target;   // as it was given
  std::string subject;  // as it is shown
  std::string program, library;
  int pid = 0;  // 0 of a program
  std::optional<Reading> reading;
  std::string socket;
  Findings findings;
};

// In lines of so many columns; 0 is as long as they come.
std::string diagnosis_text(const Diagnosis &about, const Paint &paint, int columns);
std::string diagnosis_json(const Diagnosis &about);

}  // namespace heapmeter::cli
