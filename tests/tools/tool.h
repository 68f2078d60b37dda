// SPDX-License-Identifier: MIT
//
// The tool as a user runs it: its own process, a private socket directory, and living processes to read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/subprocess.h"
#include "support/temp_dir.h"

namespace heapmeter::testing {

std::filesystem::path tool();
// A program of tests/tools/programs.
std::filesystem::path sample(const std::string &name);

// All its words, one blank between each two: as a text was before it was folded.
std::string unfolded(const std::string &text);

class Playground {
 public:
  Playground();

  Command command(std::vector<std::string> arguments) const;
  Outcome run(std::vector<std::string> arguments) const {
    return testing::run(command(std::move(arguments)));
  }
  // One more variable for all that follow.
  void set(const std::string &name, const std::string &value) { environment_[name] = value; }
  const Environment &environment() const { return environment_; }

  std::filesystem::path sockets() const { return dir_ / "sockets"; }
  std::filesystem::path operator/(const std::string &name) const { return dir_ / name; }

 private:
  TempDir dir_;
  Environment environment_;
};

// A program, metered without the tool, holding its blocks and answering on its socket.
class Holder {
 public:
  Holder(const Playground &playground, std::vector<std::string> arguments,
         const std::string &program = "holder_of_bytes");
  pid_t pid() const { return process_->pid(); }
  std::string pid_text() const { return std::to_string(pid()); }
  std::string socket() const { return socket_; }
  void signal(int number) const { process_->signal(number); }
  void stop() const { process_->stop(); }
  void end();

 private:
  std::string socket_;
  std::unique_ptr<Process> process_;
};

// The socket of a process in this directory; waits for it, throws when none comes.
std::string socket_of(const std::filesystem::path &directory, pid_t pid);

}  // namespace heapmeter::testing
