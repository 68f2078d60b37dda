// SPDX-License-Identifier: MIT
#include "support/callgrind.h"

#include <gtest/gtest.h>

#include <regex>

#include "support/meter.h"

namespace heapmeter::testing {

double executed_instructions(Command command, std::vector<std::string> options) {
  std::vector<std::string> whole = {program("valgrind"), "--tool=callgrind",
                                    "--callgrind-out-file=/dev/null"};
  whole.insert(whole.end(), options.begin(), options.end());
  whole.insert(whole.end(), command.argv.begin(), command.argv.end());
  command.argv = std::move(whole);
  command.deadline = std::chrono::seconds(120);
  const Outcome outcome = run(command);
  std::smatch match;
  if (!outcome.ok() || !std::regex_search(outcome.err, match, std::regex("Collected : ([0-9]+)"))) {
    ADD_FAILURE() << "callgrind: " << outcome;
    return 0;
  }
  return std::stod(match[1]);
}

}  // namespace heapmeter::testing
