// SPDX-License-Identifier: MIT
#include "top/state.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "system/process_tree.h"
#include "top/letters.h"

namespace heapmeter::cli::tui {
namespace {

constexpr std::array kIntervals = {0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0};
constexpr int kFarAway = 1 << 20, kWheel = 3;

std::string lower(std::string text) {
  for (char &letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

bool matches(const Row &row, const std::string &lowered) {
  return lower(row.member.name()).find(lowered) != std::string::npos ||
         std::to_string(row.member.shown_pid()) == lowered;
}

int place_of(const std::vector<Listed> &list, const std::string &key) {
  for (std::size_t at = 0; at < list.size(); ++at) {
    if (list[at].row->key() == key) return static_cast<int>(at);
  }
  return -1;
}

void change_interval(State &state, int direction) {
  if (direction > 0) {
    const auto next = std::upper_bound(kIntervals.begin(), kIntervals.end(), state.interval);
    if (next != kIntervals.end()) state.interval = *next;
  } else {
    const auto same = std::lower_bound(kIntervals.begin(), kIntervals.end(), state.interval);
    if (same != kIntervals.begin()) state.interval = *(same - 1);
  }
}

void sort_by_neighbour(State &state, int step) {
  const int count = static_cast<int>(list_columns().size());
  state.sort = static_cast<ColumnId>((static_cast<int>(state.sort) + step + count) % count);
  state.reverse = false;
}

void remove_last_letter(std::string &text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

void type_filter(State &state, const Key &key) {
  switch (key.kind) {
    case Key::Kind::kLetter:
      if (key.letter >= 0x20) append_utf8(state.filter, key.letter);
      break;
    case Key::Kind::kBackspace:
      remove_last_letter(state.filter);
      break;
    case Key::Kind::kEscape:
      state.filter.clear();
      state.typing = false;
      break;
    default:
      state.typing = false;
  }
}

// What any screen understands; true when it was one of these.
bool press_anywhere(State &state, char32_t letter) {
  switch (letter) {
    case U'q':
      state.leave = true;
      return true;
    case U'?':
    case U'h':
      state.showing = Showing::kHelp;
      state.scroll = 0;
      return true;
    case U'p':
    case U' ':
      state.paused = !state.paused;
      return true;
    case U'b':
      state.exact = !state.exact;
      return true;
    case U'+':
    case U'=':
      change_interval(state, 1);
      return true;
    case U'-':
      change_interval(state, -1);
      return true;
    default:
      return false;
  }
}

void press_in_list(State &state, const Key &key, const Board &board, int rows) {
  const auto move = [&](int step) {
    const auto list = listed(board, state, {});
    if (list.empty()) return;
    const int last = static_cast<int>(list.size()) - 1;
    const int at = std::clamp(std::max(0, place_of(list, state.selected)) + step, 0, last);
    state.chosen = true;
    state.selected = list[static_cast<std::size_t>(at)].row->key();
  };
  switch (key.kind) {
    case Key::Kind::kUp:
      return move(-1);
    case Key::Kind::kDown:
      return move(1);
    case Key::Kind::kWheelUp:
      return move(-kWheel);
    case Key::Kind::kWheelDown:
      return move(kWheel);
    case Key::Kind::kPageUp:
      return move(-std::max(1, rows - 1));
    case Key::Kind::kPageDown:
      return move(std::max(1, rows - 1));
    case Key::Kind::kHome:
      state.chosen = false;
      return;
    case Key::Kind::kEnd:
      return move(kFarAway);
    case Key::Kind::kLeft:
      return sort_by_neighbour(state, -1);
    case Key::Kind::kRight:
      return sort_by_neighbour(state, 1);
    case Key::Kind::kEnter:
      if (board.find(state.selected) == nullptr) return;
      state.opened = state.selected;
      state.chosen = true;
      state.showing = Showing::kProcess;
      state.scroll = 0;
      return;
    case Key::Kind::kEscape:
      return state.filter.clear();
    case Key::Kind::kLetter:
      break;
    default:
      return;
  }
  switch (key.letter) {
    case U'k':
      return move(-1);
    case U'j':
      return move(1);
    case U'<':
    case U',':
      return sort_by_neighbour(state, -1);
    case U'>':
    case U'.':
      return sort_by_neighbour(state, 1);
    case U'r':
      state.reverse = !state.reverse;
      return;
    case U't':
      state.tree = !state.tree;
      return;
    case U'/':
      state.typing = true;
      return;
    default:
      return;
  }
}

void scroll_by(State &state, int step) { state.scroll = std::max(0, state.scroll + step); }

// To where it came from.
void go_back(State &state) {
  state.scroll = 0;
  if (state.showing == Showing::kHelp && !state.opened.empty()) {
    state.showing = Showing::kProcess;
  } else {
    state.showing = Showing::kList;
    state.opened.clear();
  }
}

// The process, or the help: the view itself knows where its end is.
void press_in_page(State &state, const Key &key, int rows) {
  switch (key.kind) {
    case Key::Kind::kUp:
      return scroll_by(state, -1);
    case Key::Kind::kDown:
      return scroll_by(state, 1);
    case Key::Kind::kWheelUp:
      return scroll_by(state, -kWheel);
    case Key::Kind::kWheelDown:
      return scroll_by(state, kWheel);
    case Key::Kind::kPageUp:
      return scroll_by(state, -std::max(1, rows - 1));
    case Key::Kind::kPageDown:
      return scroll_by(state, std::max(1, rows - 1));
    case Key::Kind::kHome:
      state.scroll = 0;
      return;
    case Key::Kind::kEnd:
      state.scroll = kFarAway;
      return;
    case Key::Kind::kLetter:
      if (key.letter == U'k') scroll_by(state, -1);
      if (key.letter == U'j') scroll_by(state, 1);
      if (key.letter == U'w') state.whole = !state.whole;
      if (key.letter == U'c') state.code = !state.code;
      return;
    case Key::Kind::kEnter:
    case Key::Kind::kEscape:
    case Key::Kind::kBackspace:
      return go_back(state);
    default:
      return;
  }
}

}  // namespace

std::vector<Listed> listed(const Board &board, const State &state, const Look &look) {
  const std::string filter = lower(state.filter);
  std::vector<const Row *> rows;
  for (const Row &row : board.rows) {
    if (filter.empty() || matches(row, filter)) rows.push_back(&row);
  }
  const ListColumn &column = list_column(state.sort);
  std::sort(rows.begin(), rows.end(),
            [&](const Row *a, const Row *b) { return before(*a, *b, column, state.reverse); });
  std::vector<Listed> list;
  if (!state.tree) {
    for (const Row *row : rows) list.push_back({row, ""});
    return list;
  }
  std::vector<TreeNode> nodes;
  for (const Row *row : rows) nodes.push_back({row->member.shown_pid(), row->member.parent});
  for (TreeLine &line : arrange_tree(nodes, look.utf8))
    list.push_back({rows[line.node], std::move(line.branch)});
  return list;
}

void settle(State &state, const std::vector<Listed> &list, int rows) {
  const int count = static_cast<int>(list.size());
  if (!state.chosen) state.top = 0;
  int at = state.chosen ? place_of(list, state.selected) : 0;
  if (at < 0 || at >= count) at = std::clamp(state.top, 0, std::max(0, count - 1));
  state.selected = count == 0 ? "" : list[static_cast<std::size_t>(at)].row->key();
  state.top = std::clamp(state.top, std::max(0, at - rows + 1), std::max(0, at));
  state.top = std::clamp(state.top, 0, std::max(0, count - rows));
}

void press(State &state, const Key &key, const Board &board, int rows) {
  if (state.showing == Showing::kList) settle(state, listed(board, state, {}), rows);  // the last key's doing
  if (state.typing) return type_filter(state, key);
  if (state.showing == Showing::kHelp && key.kind == Key::Kind::kLetter &&
      (key.letter == U'h' || key.letter == U'?'))
    return go_back(state);
  if (key.kind == Key::Kind::kLetter && press_anywhere(state, key.letter)) return;
  if (state.showing == Showing::kList) return press_in_list(state, key, board, rows);
  press_in_page(state, key, rows);
}

}  // namespace heapmeter::cli::tui
