// SPDX-License-Identifier: MIT
#include "run_environment.h"

#include <heapmeter/protocol.h>

#include "library.h"
#include "unmetered.h"

namespace heapmeter::cli {

Variables run_environment(const RunOptions &options, const std::filesystem::path &library,
                          const std::string &report) {
  Variables variables = {{"LD_PRELOAD", library::put_first(library, unmetered::inherited_preload())}};
  if (!options.backend.empty()) variables.emplace_back("HEAPMETER_BACKEND", options.backend);
  if (!options.follow) variables.emplace_back("HEAPMETER_FOLLOW", "off");
  if (!options.serve) variables.emplace_back("HEAPMETER_SERVE", "off");
  if (!report.empty()) variables.emplace_back("HEAPMETER_REPORT", report);
  if (!options.directory.empty()) {
    variables.emplace_back(HEAPMETER_DIR_VARIABLE,
                           std::filesystem::absolute(options.directory).lexically_normal());
  }
  return variables;
}

}  // namespace heapmeter::cli
