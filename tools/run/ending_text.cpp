// SPDX-License-Identifier: MIT
#include "run/ending_text.h"

#include <string.h>

#include <fmt/format.h>

namespace heapmeter::cli {

std::string signal_name(int number) {
  const char *name = sigabbrev_np(number);
  return name == nullptr ? fmt::format("signal {}", number) : fmt::format("SIG{}", name);
}

std::string ending_text(const Ending &ending) {
  if (ending.signal == 0) return fmt::format("ended with exit code {}", ending.exit_code);
  return fmt::format("was killed by {}{}", signal_name(ending.signal),
                     ending.dumped_core ? " (core dumped)" : "");
}

}  // namespace heapmeter::cli
