// SPDX-License-Identifier: MIT
//
// Signals that wait while the terminal is drawn on, in a process of its own on a terminal of its own.
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "top/canvas.h"
#include "top/screen.h"
#include "top/signal_queue.h"

using namespace heapmeter::cli::tui;

namespace {

constexpr int kKept = 0, kLost = 1;

// How it ended, as waitpid says. What it draws is read, so that it never waits for its terminal.
int status_of(const std::function<int()> &on_terminal) {
  int master = -1;
  const winsize size{24, 80, 0, 0};
  const pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) {
    setenv("TERM", "xterm", 1);
    _exit(on_terminal());
  }
  char drawn[4096];
  while (read(master, drawn, sizeof drawn) > 0) continue;
  int status = -1;
  waitpid(child, &status, 0);
  close(master);
  return status;
}

using Drawing = std::function<void(Screen &)>;

// Whether the queue has what came before the screen did that.
bool keeps(int number, const Drawing &draw) {
  const int status = status_of([&] {
    SignalQueue signals;
    Screen screen(true);
    screen.show(Canvas(screen.width(), screen.height()));
    kill(getpid(), number);
    draw(screen);
    return signals.next() == number ? kKept : kLost;
  });
  return WIFEXITED(status) && WEXITSTATUS(status) == kKept;
}

TEST(SignalsOfATerminal, WaitWhileItIsDrawnOn) {
  const std::pair<const char *, Drawing> ways[] = {
      {"a picture",
       [](Screen &screen) {
         Canvas canvas(screen.width(), screen.height());
         canvas.put(0, 0, "another");
         screen.show(canvas);
       }},
      {"a key", [](Screen &screen) { screen.key(); }},
      {"a size", [](Screen &screen) { screen.take_size(); }},
      {"all anew", [](Screen &screen) { screen.draw_anew(); }},
      {"given back", [](Screen &screen) { screen.give_back(); }},
  };
  for (const auto &[what, draw] : ways) {
    for (const int number : {SIGTSTP, SIGINT, SIGCONT, SIGWINCH})
      EXPECT_TRUE(keeps(number, draw)) << strsignal(number) << " before " << what;
  }
}

TEST(SignalsOfATerminal, WaitWhileItIsSetUp) {
  for (const int number : {SIGTSTP, SIGINT, SIGCONT, SIGWINCH}) {
    const int status = status_of([&] {
      SignalQueue signals;
      kill(getpid(), number);
      Screen screen(true);
      screen.show(Canvas(screen.width(), screen.height()));
      return signals.next() == number ? kKept : kLost;
    });
    EXPECT_EQ(status, 0) << strsignal(number);
  }
}

TEST(SignalsOfATerminal, EndItAsTheyDoWhenTheyComeTooLateToBeRead) {
  for (const int number : {SIGINT, SIGTERM}) {
    const int status = status_of([&] {
      SignalQueue signals;
      const Screen screen(true);
      kill(getpid(), number);
      return 0;
    });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == number) << strsignal(number) << ": " << status;
  }
}

}  // namespace
