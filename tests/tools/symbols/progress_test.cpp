// SPDX-License-Identifier: MIT
#include "symbols/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>

#include "text/utf8.h"

using heapmeter::cli::symbols::Progress;

namespace {

using Clock = std::chrono::steady_clock;

// What a child that names things says on its standard error, as far as `enough`, or until it ends.
std::string said(bool to_terminal, bool wanted, const std::function<bool(const std::string &)> &enough,
                 const char *kind = "xterm", const std::string &file = "libslow\x1b.so") {
  int mine = -1, theirs = -1, ends[2];
  if (to_terminal) {
    mine = posix_openpt(O_RDWR | O_NOCTTY);
    EXPECT_TRUE(grantpt(mine) == 0 && unlockpt(mine) == 0);
    theirs = open(ptsname(mine), O_RDWR | O_NOCTTY);
  } else {
    EXPECT_EQ(pipe(ends), 0);
    mine = ends[0], theirs = ends[1];
  }
  const pid_t child = fork();
  if (child == 0) {
    dup2(theirs, STDERR_FILENO);
    setenv("TERM", kind, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    const winsize size{24, 40, 0, 0};
    if (to_terminal) ioctl(theirs, TIOCSWINSZ, &size);
    {
      Progress progress(3, wanted);
      progress.begin(file);
      const auto until =
          Clock::now() + std::chrono::seconds(to_terminal && wanted && kind != std::string("dumb") ? 60 : 1);
      // However seldom it has a processor: once after that time, too.
      for (bool over = false; !over && getppid() != 1; progress.tick()) over = Clock::now() >= until;
    }
    _exit(0);
  }
  close(theirs);
  std::string text;
  char piece[4096];
  for (ssize_t bytes; !enough(text) && (bytes = read(mine, piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(bytes));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(mine);
  return text;
}

TEST(Progress, IsShownOnATerminalWhenItTakesLong) {
  const std::string line = "naming, file 1 of 3: libslow?.so";
  const auto has = [&](const std::string &text) { return text.find(line) != std::string::npos; };
  EXPECT_TRUE(has(said(true, true, has)));
  const auto all = [](const std::string &) { return false; };
  EXPECT_EQ(said(true, false, all), "");
  EXPECT_EQ(said(false, true, all), "") << "a file is no terminal";
  EXPECT_EQ(said(true, true, all, "dumb"), "") << "to wipe it there are no means";
}

TEST(Progress, IsCutBetweenLetters) {
  std::string file;
  while (file.size() < 60) file += "\u00e9";
  const auto is_cut = [](const std::string &text) { return text.find("\u2026") != std::string::npos; };
  const std::string text = said(true, true, is_cut, "xterm", file);
  EXPECT_TRUE(is_cut(text)) << text;
  EXPECT_EQ(heapmeter::cli::as_utf8(text), text);
}

}  // namespace
