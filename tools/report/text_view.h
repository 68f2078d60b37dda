// SPDX-License-Identifier: MIT
//
// A recording as text: who grew, since when, by which code; who ended for want of memory; the rest folded.
#pragma once

#include <string>
#include <vector>

#include "report/course.h"
#include "text/terminal.h"

namespace heapmeter::cli::report {

// What code did, as it is shown: by how much, and where.
struct CodeLine {
  double bytes = 0;
  std::string place;  // function, file and line, and its callers
};
// The lines of one life; where there is nothing earlier to compare with, what it held at last.
struct CodeOfLife {
  bool is_change = false;
  double from = 0, until = 0;  // seconds since 1970
  std::vector<CodeLine> lines;
  bool too_long = false;  // nothing is told: its stacks have more frames than may be named
};

struct Told {
  const Life *life = nullptr;
  Course course;
  CodeOfLife code;
};

// What is most worth reading first.
std::vector<Told> told(const Story &story);
// Whether its code is worth naming.
bool wants_code(const Told &told);

struct Look {
  int columns = 80;
  bool utf8 = true, all = false;
  Paint paint{false};
};

// Of its end, course, limit and wrong calls.
std::string what_of(const Told &told);
// Somebody should look at it.
bool stands_out(const Told &told);

std::string title_of(const Story &story);
struct Note {
  std::string text;
  bool is_alarm = false;
};
std::vector<Note> notes_of(const Story &story);

std::string text(const Story &story, const std::vector<Told> &lives, const Look &look);

}  // namespace heapmeter::cli::report
