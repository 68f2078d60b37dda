// SPDX-License-Identifier: MIT
//
// What the user has asked to see, and how a key changes it; pure. The views take it from here, the
// application takes from here what it must do itself.
#pragma once

#include <string>
#include <vector>

#include "top/columns.h"

namespace heapmeter::cli::tui {

struct Key {
  enum class Kind {
    kLetter,
    kUp,
    kDown,
    kLeft,
    kRight,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kEnter,
    kEscape,
    kBackspace,
    kTab,
    kWheelUp,
    kWheelDown,
    kClick
  };
  Kind kind = Kind::kLetter;
  char32_t letter = 0;
  int x = 0, y = 0;  // of a click, which is mouse.h's to understand
};

enum class Showing { kList, kProcess, kHelp };

struct State {
  Showing showing = Showing::kList;
  ColumnId sort = ColumnId::kLive;
  bool reverse = false;
  std::string group = {};  // what was asked for, when not all processes are
  std::string filter = {};
  bool typing = false;  // the filter
  bool tree = false;
  bool paused = false;
  bool exact = false;
  double interval = 1;
  std::string selected = {};  // key of a row
  bool chosen = false;        // by the user; else it is the first row, whichever process that is
  std::string opened = {};    // likewise; "" when none is
  int top = 0;                // first row of the list that is visible
  int scroll = 0;             // of the process, or the help
  bool code = true;           // of the process, its code is shown
  bool whole = false;         // the chart shows all there is, not what fits
  bool leave = false;
};

// How a picture may look.
struct Look {
  bool utf8 = true;
};

// A row in its place: what the list shows, from first to last.
struct Listed {
  const Row *row;
  std::string branch;  // of the tree
};
// Filtered and sorted; in a tree, children stand below their parents.
std::vector<Listed> listed(const Board &board, const State &state, const Look &look);

// `rows` is how many of the list are visible.
void press(State &state, const Key &key, const Board &board, int rows);
// Keeps a chosen selection on its row, on the nearest one when it is gone, and in view.
void settle(State &state, const std::vector<Listed> &list, int rows);

}  // namespace heapmeter::cli::tui
