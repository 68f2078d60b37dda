// SPDX-License-Identifier: MIT
#include "top/screen.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <term.h>

#include <fmt/format.h>

#include "text/user_error.h"
#include "top/letters.h"
#include "top/rescue.h"

namespace heapmeter::cli::tui {
namespace {

bool terminal_is(std::string_view name) {
  const char *kind = getenv("TERM");
  return kind != nullptr && name == kind;
}

// What comes and is not asked for, ncurses would wait behind for the next key.
constexpr mmask_t kButtons = BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON2_PRESSED | BUTTON2_RELEASED |
                             BUTTON3_PRESSED | BUTTON3_RELEASED | BUTTON4_PRESSED | BUTTON4_RELEASED |
                             BUTTON5_PRESSED | BUTTON5_RELEASED;

Key meant_by(const MEVENT &event) {
  if ((event.bstate & BUTTON4_PRESSED) != 0) return {Key::Kind::kWheelUp};
  if ((event.bstate & BUTTON5_PRESSED) != 0) return {Key::Kind::kWheelDown};
  if ((event.bstate & BUTTON3_PRESSED) != 0) return {Key::Kind::kEscape};
  if ((event.bstate & BUTTON1_PRESSED) != 0) return {Key::Kind::kClick, 0, event.x, event.y};
  return {};
}

// Of one key that ncurses reports there may be several, the last of them first: a button that came up again
// hides that it went down.
Key pointed() {
  Key key;
  MEVENT event{};
  while (getmouse(&event) == OK) {
    const Key meant = meant_by(event);
    if (meant.kind != Key::Kind::kLetter) key = meant;
  }
  return key;
}

// ncurses handles these two where nobody else does as it begins. While it draws it would have SIGTSTP
// ignored, which discards the one that waits to be read; and end the program its own way at a late SIGINT.
class KeptFromCurses {
 public:
  KeptFromCurses() {
    for (Kept &each : kept_) {
      sigaction(each.number, nullptr, &each.before);
      if (each.before.sa_handler == SIG_DFL) signal(each.number, [](int) {});  // blocked: never called
    }
  }
  ~KeptFromCurses() {
    for (const Kept &each : kept_) {
      if (each.before.sa_handler == SIG_DFL) signal(each.number, SIG_DFL);
    }
  }
  KeptFromCurses(const KeptFromCurses &) = delete;
  KeptFromCurses &operator=(const KeptFromCurses &) = delete;

 private:
  struct Kept {
    int number;
    struct sigaction before = {};
  };
  Kept kept_[2] = {{SIGTSTP}, {SIGINT}};
};

SCREEN *new_terminal() {
  const KeptFromCurses kept;
  return newterm(nullptr, stdout, stdin);
}

enum Pair : short { kHeaderPair = 1, kSelectedPair, kGraphPair, kAlarmPair, kWarnPair, kKeyPair };

}  // namespace

Screen::Screen(bool mouse) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
    throw UserError(
        "top draws on a terminal, and this is none; heapmeter top --once prints a picture, --json a "
        "line for each");
  }
  const char *kind = getenv("TERM");
  utf8_ = take_locale() && !terminal_is("linux");  // the console's font has not these letters
  rescue::remember_modes();
  // For a terminal that it does not know, initscr() would end the program.
  if (kind == nullptr || new_terminal() == nullptr) {
    throw UserError(
        fmt::format("the terminal '{}' is not known here; set TERM to one that is, such as xterm or "
                    "vt100, or use heapmeter top --once",
                    kind == nullptr ? "" : kind));
  }
  const char *move = tigetstr(const_cast<char *>("cup"));
  if (move == nullptr || move == reinterpret_cast<char *>(-1)) {
    endwin();
    throw UserError(fmt::format("the terminal '{}' cannot be drawn on; use heapmeter top --once", kind));
  }
  rescue::arm();
  take_size();  // LINES and COLUMNS, where they are exported, may be of another time
  cbreak();
  noecho();
  nonl();
  curs_set(0);
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(50);
  // A press is told at once: nobody waits whether it becomes a double click.
  mouseinterval(0);
  if (mouse) mousemask(kButtons, nullptr);
  choose_colours();
}

Screen::~Screen() {
  give_back();
  rescue::disarm();
}

void Screen::choose_colours() {
  const char *refused = getenv("NO_COLOR");
  colour_ = (refused == nullptr || *refused == '\0') && has_colors() && start_color() == OK;
  if (!colour_) return;
  const short background = use_default_colors() == OK ? short{-1} : short{COLOR_BLACK};
  init_pair(kHeaderPair, COLOR_BLACK, COLOR_GREEN);
  init_pair(kSelectedPair, COLOR_BLACK, COLOR_CYAN);
  init_pair(kGraphPair, COLOR_CYAN, background);
  init_pair(kAlarmPair, COLOR_RED, background);
  init_pair(kWarnPair, COLOR_YELLOW, background);
  init_pair(kKeyPair, COLOR_CYAN, background);
}

unsigned long Screen::attributes(Style style) const {
  const auto pair = [&](Pair colours, unsigned long without) {
    return colour_ ? static_cast<unsigned long>(COLOR_PAIR(colours)) : without;
  };
  switch (style) {
    case Style::kPlain:
      return A_NORMAL;
    case Style::kTitle:
      return A_BOLD;
    case Style::kHeader:
      return pair(kHeaderPair, A_REVERSE);
    case Style::kSorted:
      return pair(kHeaderPair, A_REVERSE) | A_BOLD | (colour_ ? A_NORMAL : A_UNDERLINE);
    case Style::kSelected:
      return pair(kSelectedPair, A_REVERSE);
    case Style::kDim:
      return A_DIM;
    case Style::kGraph:
      return pair(kGraphPair, A_NORMAL);
    case Style::kAlarm:
      return pair(kAlarmPair, A_NORMAL) | A_BOLD;
    case Style::kWarn:
      return pair(kWarnPair, A_BOLD);
    case Style::kKey:
      return pair(kKeyPair, A_BOLD);
  }
  return A_NORMAL;
}

int Screen::width() const { return getmaxx(stdscr); }
int Screen::height() const { return getmaxy(stdscr); }

void Screen::show(const Canvas &canvas) {
  werase(stdscr);
  for (int y = 0; y < canvas.height(); ++y) {
    for (int x = 0; x < canvas.width();) {
      const Style style = canvas.at(x, y).style;
      std::wstring run;
      const int begin = x;
      for (; x < canvas.width() && canvas.at(x, y).style == style; ++x) {
        if (canvas.at(x, y).letter != 0) run += static_cast<wchar_t>(canvas.at(x, y).letter);
      }
      wattrset(stdscr, static_cast<int>(attributes(style)));
      mvwaddnwstr(stdscr, y, begin, run.c_str(), static_cast<int>(run.size()));
    }
  }
  wattrset(stdscr, A_NORMAL);
  const rescue::Interruptible terminal_may_be_stuck;
  wrefresh(stdscr);
}

std::optional<Key> Screen::key() {
  wint_t code = 0;
  int kind = ERR;
  {
    // It writes, too: the keypad is switched on again after endwin.
    const rescue::Interruptible terminal_may_be_stuck;
    kind = wget_wch(stdscr, &code);
  }
  if (kind == ERR) return std::nullopt;
  if (kind == OK) {
    if (code == L'\r' || code == L'\n') return Key{Key::Kind::kEnter};
    if (code == 27) return Key{Key::Kind::kEscape};
    if (code == 127 || code == 8) return Key{Key::Kind::kBackspace};
    if (code == L'\t') return Key{Key::Kind::kTab};
    if (code == 12) draw_anew();  // Ctrl-L
    return Key{Key::Kind::kLetter, static_cast<char32_t>(code)};
  }
  switch (code) {
    case KEY_MOUSE:
      return pointed();
    case KEY_UP:
      return Key{Key::Kind::kUp};
    case KEY_DOWN:
      return Key{Key::Kind::kDown};
    case KEY_LEFT:
      return Key{Key::Kind::kLeft};
    case KEY_RIGHT:
      return Key{Key::Kind::kRight};
    case KEY_PPAGE:
      return Key{Key::Kind::kPageUp};
    case KEY_NPAGE:
      return Key{Key::Kind::kPageDown};
    case KEY_HOME:
      return Key{Key::Kind::kHome};
    case KEY_END:
      return Key{Key::Kind::kEnd};
    case KEY_ENTER:
      return Key{Key::Kind::kEnter};
    case KEY_BACKSPACE:
      return Key{Key::Kind::kBackspace};
    case KEY_F(1):
      return Key{Key::Kind::kLetter, U'?'};
    case KEY_F(10):
      return Key{Key::Kind::kLetter, U'q'};
    default:
      return Key{Key::Kind::kLetter, 0};
  }
}

void Screen::take_size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
    resizeterm(size.ws_row, size.ws_col);
}

void Screen::forget_output() { tcflush(STDOUT_FILENO, TCOFLUSH); }

void Screen::give_back() {
  const rescue::Interruptible terminal_may_be_stuck;
  endwin();
}

void Screen::draw_anew() {
  const rescue::Interruptible terminal_may_be_stuck;
  endwin();
  take_size();
  clearok(stdscr, TRUE);
  wrefresh(stdscr);
}

}  // namespace heapmeter::cli::tui
