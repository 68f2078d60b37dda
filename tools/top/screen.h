// SPDX-License-Identifier: MIT
//
// The terminal, through ncurses: shows canvases, hands out keys, and gives the terminal back as it was: at
// the end of its life, when the program is stopped, and when it crashes. Only one at a time.
#pragma once

#include <optional>

#include "top/state.h"

namespace heapmeter::cli::tui {

class Screen {
 public:
  // Throws UserError when this is no terminal that can be drawn on.
  explicit Screen(bool mouse);
  ~Screen();
  Screen(const Screen &) = delete;
  Screen &operator=(const Screen &) = delete;

  int width() const;
  int height() const;
  // Whether block letters and box drawing can be shown.
  bool utf8() const { return utf8_; }

  void show(const Canvas &canvas);
  // Empty when none was pressed.
  std::optional<Key> key();

  void take_size();  // after SIGWINCH
  // Nobody may read what the terminal has not taken yet: giving it back is not to wait behind that.
  void forget_output();
  void give_back();  // until draw_anew()
  void draw_anew();  // everything, whatever the terminal shows now

 private:
  void choose_colours();
  unsigned long attributes(Style style) const;

  bool utf8_ = false, colour_ = false;
};

}  // namespace heapmeter::cli::tui
