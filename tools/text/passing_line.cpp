// SPDX-License-Identifier: MIT
#include "text/passing_line.h"

#include <algorithm>

#include <unistd.h>

#include "text/fit.h"
#include "text/output.h"
#include "text/terminal.h"

namespace heapmeter::cli {
namespace {

constexpr const char *kWipe = "\r\x1b[K";

}  // namespace

PassingLine::PassingLine() : can_be_shown_(isatty(STDERR_FILENO) == 1 && obeys_escapes()) {}

PassingLine::~PassingLine() {
  if (shown_) output::write_to(STDERR_FILENO, kWipe);
}

void PassingLine::say(const std::string &text) {
  if (!can_be_shown_) return;
  const int columns = terminal_columns(STDERR_FILENO);
  // Not into the last column, from which some go on to the next line.
  const std::string line = columns > 0 ? cut_lines(text, std::max(columns - 1, 1), speaks_utf8()) : text;
  output::write_to(STDERR_FILENO, kWipe + line);
  shown_ = true;
}

}  // namespace heapmeter::cli
