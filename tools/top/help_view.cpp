// SPDX-License-Identifier: MIT
#include "top/help_view.h"

#include <algorithm>

#include "top/key_groups.h"
#include "top/list_view.h"

namespace heapmeter::cli::tui {
namespace {

constexpr const char *kNotes[] = {
    "! before a name: it does not answer, and its numbers are the last it gave.",
    "* before a name: every allocation is noted with its code, which costs time.",
    "^ before a name: its live bytes grow, as the verdict says when it is opened.",
    "With Shift the mouse marks text, as it does without top.",
    "On top is who grows most, in the last minute. An arrow is at the column that rows are sorted by.",
    "In a process CHANGE is since it was opened; what grows most is bold.",
};

constexpr int kMeaningAt = 29;

Canvas whole_help(int width) {
  std::size_t lines = list_columns().size() + 1 + 1 + std::size(kNotes);
  for (const KeyGroup &group : key_groups()) lines += 1 + group.keys.size();
  Canvas canvas(width, static_cast<int>(lines));
  int y = 0;
  const auto heading = [&](const char *text) { canvas.put(0, y++, text, Style::kTitle); };
  const auto line = [&](std::string_view key, std::string_view meaning, int at) {
    canvas.put(2, y, key, Style::kKey);
    canvas.put(at, y++, meaning);
  };
  for (const KeyGroup &group : key_groups()) {
    heading(group.where);
    for (const auto &[key, meaning] : group.keys) line(key, meaning, kMeaningAt);
  }
  ++y;
  heading("Columns, as far as there is room");
  for (const ListColumn &column : list_columns()) line(column.title, column.meaning, 12);
  for (const char *text : kNotes) canvas.put(0, y++, text);
  return canvas;
}

}  // namespace

Canvas draw_help(int width, int height, State &state) {
  const Canvas whole = whole_help(width);
  const int rows = std::max(1, height - 1);
  state.scroll = std::clamp(state.scroll, 0, std::max(0, whole.height() - rows));
  Canvas canvas(width, height);
  canvas.copy(whole, state.scroll, rows, 0, 0);
  canvas.fill(0, width, height - 1, Style::kPlain);
  draw_keys(canvas, {{"Up Down", "scroll"}, {"Esc", "back"}, {"q", "quit"}});
  return canvas;
}

}  // namespace heapmeter::cli::tui
