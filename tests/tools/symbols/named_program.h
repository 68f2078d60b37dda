// SPDX-License-Identifier: MIT
//
// named_calls, running, and what it says of itself.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/subprocess.h"
#include "support/temp_dir.h"
#include "symbols/namer.h"

namespace heapmeter::testing {

std::filesystem::path sample(const std::string &name);
// Runs a command to its end; throws when it fails.
void must_run(std::vector<std::string> argv);
// "" when there is none.
std::string build_id_of(const std::filesystem::path &file);

class NamedProgram {
 public:
  // Of this file, or of this whole command.
  explicit NamedProgram(const std::filesystem::path &file, const std::filesystem::path &plugin = "");
  explicit NamedProgram(const Command &command);

  struct Call {
    int module = -1;
    std::uint64_t offset = 0;
    int line = 0;
  };
  pid_t pid() const { return process_.pid(); }
  const Call &call(const std::string &label) const { return calls_.at(label); }
  const std::map<std::string, Call> &calls() const { return calls_; }
  // With the build-ids of the files as they are at this moment.
  const std::vector<cli::symbols::Module> &modules() const { return modules_; }

 private:
  void read();
  Process process_;
  std::map<std::string, Call> calls_;
  std::vector<cli::symbols::Module> modules_;
};

}  // namespace heapmeter::testing
