// SPDX-License-Identifier: MIT
//
// Runs other programs. Input and output are in-memory files, not pipes, so nothing can block on a full pipe
// and a test may read what a living process wrote so far. Each process leads its own group; whatever is left
// of the group is killed when the process ends, times out or its owner goes away.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace heapmeter::testing {

using Environment = std::map<std::string, std::string>;

// A small, fixed environment: what the tests' own was must not change a result.
Environment plain_environment();

struct Command {
  std::vector<std::string> argv;
  Environment environment = plain_environment();
  std::string input = {};
  std::filesystem::path directory = "/";
  std::chrono::seconds deadline{60};
};

struct Outcome {
  pid_t pid = 0;
  int exit_code = -1;  // -1 when ended by a signal
  int signal = 0;
  bool timed_out = false;
  std::string out;
  std::string err;

  bool ok() const { return exit_code == 0; }
};

// For messages of failed tests.
std::ostream &operator<<(std::ostream &stream, const Outcome &outcome);

class Process {
 public:
  explicit Process(const Command &command);
  ~Process();
  Process(const Process &) = delete;
  Process &operator=(const Process &) = delete;

  pid_t pid() const { return pid_; }
  std::string out() const;  // written so far
  std::string err() const;
  bool running() const;
  void signal(int number) const;
  void stop() const;  // by SIGSTOP; each of its threads stands still then, which takes some a moment
  Outcome wait();     // until it ends or the command's deadline passes

 private:
  Command command_;
  pid_t pid_ = -1;
  int pidfd_ = -1, in_ = -1, out_ = -1, err_ = -1;
  bool reaped_ = false;
};

Outcome run(const Command &command);

// True as soon as the condition is, false after the deadline: a minute is for what never comes, a crowded
// machine may take a good part of it.
bool eventually(const std::function<bool()> &condition,
                std::chrono::milliseconds deadline = std::chrono::seconds(60));

}  // namespace heapmeter::testing
