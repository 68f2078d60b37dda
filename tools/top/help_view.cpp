// SPDX-License-Identifier: MIT
#include "top/help_view.h"

#include <algorithm>

#include "top/list_view.h"

namespace heapmeter::cli::tui {
namespace {

const KeyHelp kEverywhere[] = {
    {"p Space", "pause: the picture stays, readings go on"},
    {"+ -", "read less often, more often"},
    {"b", "exact bytes instead of units"},
    {"Ctrl-L", "draw everything anew"},
    {"Ctrl-Z", "stop; fg goes on"},
    {"q Ctrl-C", "quit"},
};
const KeyHelp kInList[] = {
    {"Up Down PgUp PgDn End", "select a process"},
    {"Home", "select the first row, whichever process that is"},
    {"Enter", "open the selected process"},
    {"< > Left Right", "sort by the column beside"},
    {"r", "reverse the order"},
    {"/", "only names with these letters, or this pid"},
    {"Esc", "no filter"},
    {"t", "children below their parents"},
};
const KeyHelp kInProcess[] = {
    {"Up Down PgUp PgDn Home End", "scroll"},
    {"c", "which code holds most and grows, where noted"},
    {"w", "chart the whole time, or a column a reading"},
    {"Esc Enter Backspace", "back to the list"},
};

constexpr const char *kNotes[] = {
    "! before a name: it does not answer, and its numbers are the last it gave.",
    "* before a name: every allocation is noted with its code, which costs time.",
    "^ before a name: its live bytes grow, as the verdict says when it is opened.",
    "On top is who grows most, in the last minute. An arrow is at the column that rows are sorted by.",
    "In a process CHANGE is since it was opened; what grows most is bold.",
};

constexpr int kMeaningAt = 29;

Canvas whole_help(int width) {
  constexpr int kHeadings = 4;
  const std::size_t lines = std::size(kEverywhere) + std::size(kInList) + std::size(kInProcess) +
                            list_columns().size() + kHeadings + 1 + std::size(kNotes);
  Canvas canvas(width, static_cast<int>(lines));
  int y = 0;
  const auto heading = [&](const char *text) { canvas.put(0, y++, text, Style::kTitle); };
  const auto line = [&](std::string_view key, std::string_view meaning, int at) {
    canvas.put(2, y, key, Style::kKey);
    canvas.put(at, y++, meaning);
  };
  heading("Keys");
  for (const KeyHelp &each : kEverywhere) line(each.key, each.meaning, kMeaningAt);
  heading("In the list");
  for (const KeyHelp &each : kInList) line(each.key, each.meaning, kMeaningAt);
  heading("In a process");
  for (const KeyHelp &each : kInProcess) line(each.key, each.meaning, kMeaningAt);
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
