// SPDX-License-Identifier: MIT
#include "system/unmetered.h"

#include <filesystem>

#include <stdlib.h>
#include <unistd.h>

#include "system/library.h"
#include "system/signals.h"

namespace heapmeter::cli::unmetered {
namespace {

constexpr const char *kPreload = "LD_PRELOAD";
constexpr const char *kRemembered = "HEAPMETER_TOOL_PRELOAD";

std::string variable(const char *name) {
  const char *value = getenv(name);
  return value == nullptr ? "" : value;
}

std::string &preload() {
  static std::string list;
  return list;
}

}  // namespace

void ensure(char **argv) {
  if (getenv(kRemembered) != nullptr) {
    preload() = variable(kRemembered);
    unsetenv(kRemembered);
    return;
  }
  preload() = variable(kPreload);
  const std::string without = library::remove_from(preload());
  if (without == preload()) return;
  setenv(kRemembered, preload().c_str(), 1);
  setenv(kPreload, without.c_str(), 1);
  signals::restore_pipe();
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed) execv(self.c_str(), argv);
  signals::ignore_pipe();
  unsetenv(kRemembered);
}

std::string inherited_preload() { return preload(); }

}  // namespace heapmeter::cli::unmetered
