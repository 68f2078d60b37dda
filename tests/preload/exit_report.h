// SPDX-License-Identifier: MIT
//
// A program that ends and was asked for a report, and what its end must be like.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include <algorithm>

#include "support/meter.h"

namespace heapmeter::testing {

inline constexpr const char *kWords = "ending by exit\n";

inline bool is_report(const std::string &text) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(text, failed);
  return !failed && value.is_object() && value.as_object().contains("live_bytes");
}

class Report : public ::testing::Test {
 protected:
  Command command(std::vector<std::string> argv, const std::string &report) const {
    Command command{std::move(argv)};
    command.environment = meter_.environment();
    command.environment["HEAPMETER_REPORT"] = report;
    command.directory = dir_.path();
    command.deadline = std::chrono::seconds(30);
    return command;
  }
  Outcome end_with(const std::string &report) const {
    return run(command({victim("ending"), "exit"}, report));
  }
  // A shell of which only the program it becomes is metered.
  Outcome end_in_shell(const std::string &script, const std::string &report) const {
    Command shell = command({program("sh"), "-c", script}, report);
    shell.environment.erase("LD_PRELOAD");
    shell.environment["METERED"] = "env LD_PRELOAD=" + library().string();
    shell.environment["PROGRAM"] = victim("ending").string();
    shell.environment["DIR"] = dir_.path();
    return run(shell);
  }
  // A device in a place of its own: as root a report that takes the place of what it should write to would
  // take the machine's.
  std::string device(const std::string &name, unsigned major, unsigned minor) const {
    const std::string own = dir_ / name;
    if (geteuid() != 0) return "/dev/" + name;
    if (mknod(own.c_str(), S_IFCHR | 0666, makedev(major, minor)) != 0) return "";
    const int fd = open(own.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
    // A terminal that we do not have, or a file system that has no devices (nodev).
    const bool usable = fd >= 0 || errno == ENXIO;
    if (fd >= 0) close(fd);
    return usable ? own : "";
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto &entry : std::filesystem::directory_iterator(dir_.path()))
      found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

  Meter meter_;
  TempDir dir_;
};

inline void expect_unharmed(const Outcome &outcome) {
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_EQ(outcome.out, kWords);
}

inline void expect_silent(const Outcome &outcome) {
  expect_unharmed(outcome);
  EXPECT_EQ(outcome.err, "");
}

inline void expect_one_line(const Outcome &outcome, const std::string &part) {
  expect_unharmed(outcome);
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_EQ(outcome.err.rfind("heapmeter: ", 0), 0u) << outcome.err;
  EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
}

}  // namespace heapmeter::testing
