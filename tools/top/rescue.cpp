// SPDX-License-Identifier: MIT
#include "top/rescue.h"

#include <cstddef>
#include <cstring>
#include <string_view>

#include <termios.h>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>

#include "top/signal_queue.h"

namespace heapmeter::cli::tui::rescue {
namespace {

// All that a handler needs: it may only write and set modes.
termios modes = {};
char sequence[256] = {};
std::size_t length = 0;

void on_end(int number) {
  // What waits for a terminal that takes nothing goes: else we would wait behind it.
  tcflush(STDOUT_FILENO, TCOFLUSH);
  (void)!write(STDOUT_FILENO, sequence, length);
  tcsetattr(STDIN_FILENO, TCSANOW, &modes);
  signal(number, SIG_DFL);
  raise(number);
}

// Has this done for each signal that ends a program, and what it did so far.
template <typename Change>
void for_each_ending(Change change) {
  sigset_t set = SignalQueue::ending();
  for (const int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP, SIGXFSZ})
    sigaddset(&set, crash);
  for (int number = 1; number <= SIGRTMAX; ++number) {
    struct sigaction action = {};
    if (sigismember(&set, number) == 1 && sigaction(number, nullptr, &action) == 0) change(number, action);
  }
}

// Which no capability has: ncurses writes it itself.
void add_no_mouse() {
  const char *reports = tigetstr(const_cast<char *>("kmous"));
  if (reports == nullptr || reports == reinterpret_cast<char *>(-1)) return;
  constexpr std::string_view kNoMouse = "\033[?1006l\033[?1000l";
  if (length + kNoMouse.size() > sizeof sequence) return;
  length += kNoMouse.copy(sequence + length, kNoMouse.size());
}

// A capability without its padding, as far as it fits.
void add(const char *capability) {
  const char *text = tigetstr(const_cast<char *>(capability));
  if (text == nullptr || text == reinterpret_cast<char *>(-1)) return;
  for (; *text != '\0' && length < sizeof sequence; ++text) {
    if (std::strncmp(text, "$<", 2) == 0 && std::strchr(text, '>') != nullptr) {
      text = std::strchr(text, '>');
    } else {
      sequence[length++] = *text;
    }
  }
}

}  // namespace

void remember_modes() { tcgetattr(STDIN_FILENO, &modes); }

void arm() {
  length = 0;
  for (const char *capability : {"sgr0", "rmkx", "cnorm", "rmcup"}) add(capability);
  add_no_mouse();
  for_each_ending([](int number, struct sigaction &action) {
    if (action.sa_handler == SIG_IGN) return;  // as nohup has it
    action = {};
    action.sa_handler = on_end;
    action.sa_flags = SA_NODEFER;
    sigaction(number, &action, nullptr);
  });
}

void disarm() {
  for_each_ending([](int number, const struct sigaction &action) {
    if (action.sa_handler == on_end) signal(number, SIG_DFL);
  });
}

Interruptible::Interruptible() {
  const sigset_t set = SignalQueue::ending();
  pthread_sigmask(SIG_UNBLOCK, &set, &before_);
}

Interruptible::~Interruptible() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace heapmeter::cli::tui::rescue
