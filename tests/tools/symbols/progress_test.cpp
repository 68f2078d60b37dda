// SPDX-License-Identifier: MIT
#include "symbols/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>

using heapmeter::cli::symbols::Progress;

namespace {

using Clock = std::chrono::steady_clock;

// What a child that names things says on its standard error, as far as `enough`, or until it ends.
std::string said(bool to_terminal, bool wanted, const std::function<bool(const std::string &)> &enough) {
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
    {
      Progress progress(3, wanted);
      progress.begin("libslow\x1b.so");
      const auto until = Clock::now() + std::chrono::seconds(to_terminal && wanted ? 60 : 1);
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
}

}  // namespace
