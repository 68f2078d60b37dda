// SPDX-License-Identifier: MIT
//
// The processes of a run as rows of the summary and a table of its programs; the shape of it over time; pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "run/shape.h"
#include "run/tree.h"
#include "text/terminal.h"

namespace heapmeter::cli {

// Why memory of an executable is not malloc's, in doctor's words, by its path.
using OwnHeaps = std::map<std::string, std::string>;

// How wide, and in which letters.
struct Page {
  int width = 80;
  bool utf8 = false;
};

// "highest after 8.1 s"; between, where that is not known well.
std::string when_text(double from, double to, double whole);
// One line of at most `columns`, or "" when there is too little to show.
std::string shape_line(const Shape &shape, double seconds, int columns, bool utf8);

std::string tree_rows(const Tree &tree, double wall_seconds, const Paint &paint);
std::string program_table(const Tree &tree, const OwnHeaps &own_heaps, const Paint &paint, const Page &page);
// The same for a pull request's comment.
std::string program_markdown(const Tree &tree);

}  // namespace heapmeter::cli
