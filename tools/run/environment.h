// SPDX-License-Identifier: MIT
//
// What `run` adds to the environment of the program it starts: the preload and the switches of the library.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heapmeter::cli {

struct RunOptions {
  std::string backend;    // "" leaves it to the environment
  std::string directory;  // likewise
  std::string sites;      // HEAPMETER_SAMPLE, likewise
  std::string output;     // "" is stderr
  bool follow = true, serve = true, leaks = false, json = false, quiet = false;
};

using Variables = std::vector<std::pair<std::string, std::string>>;

// `report` is where the library is to write its report, empty when the user's own HEAPMETER_REPORT stands;
// `directory` where it is to tell of processes.
Variables run_environment(const RunOptions &options, const std::filesystem::path &library,
                          const std::string &report, const std::string &directory);

}  // namespace heapmeter::cli
