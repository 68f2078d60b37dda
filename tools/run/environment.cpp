// SPDX-License-Identifier: MIT
#include "run/environment.h"

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "client/socket_directory.h"
#include "system/library.h"
#include "system/unmetered.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

std::string socket_directory(const std::string &given) {
  std::string path = std::filesystem::absolute(given).lexically_normal();
  if (path.size() <= kLongestDirectory) return path;
  throw UserError(
      fmt::format("--dir {} has {} bytes and may have {}, for socket addresses are short; choose another",
                  path, path.size(), kLongestDirectory),
      kUsage);
}

}  // namespace

Variables run_environment(const RunOptions &options, const std::filesystem::path &library,
                          const std::string &report, const std::string &directory) {
  Variables variables = {
      {"LD_PRELOAD", library::put_first(library::for_every_child(library), unmetered::inherited_preload())}};
  if (!options.backend.empty()) variables.emplace_back("HEAPMETER_BACKEND", options.backend);
  if (!options.follow) variables.emplace_back("HEAPMETER_FOLLOW", "off");
  if (!options.serve) variables.emplace_back("HEAPMETER_SERVE", "off");
  if (!options.sites.empty()) variables.emplace_back("HEAPMETER_SAMPLE", options.sites);
  if (options.leaks) variables.emplace_back("HEAPMETER_LEAKS", "exit");
  if (!report.empty()) variables.emplace_back("HEAPMETER_REPORT", report);
  if (!directory.empty()) variables.emplace_back("HEAPMETER_RUN", directory);
  if (!options.directory.empty())
    variables.emplace_back(HEAPMETER_DIR_VARIABLE, socket_directory(options.directory));
  return variables;
}

}  // namespace heapmeter::cli
