// SPDX-License-Identifier: MIT
#include "verbs/before_look.h"

#include <algorithm>

#include <unistd.h>

#include <fmt/format.h>

#include "readings/last_look.h"
#include "text/format.h"
#include "text/output.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

constexpr double kGiB = 1u << 30;
// A thread that writes waits so long for each GiB; measured.
constexpr double kLeastPause = 0.02, kMostPause = 0.09;

// A line, or what ends the input.
bool confirmed() {
  char letter = 0;
  while (read(STDIN_FILENO, &letter, 1) == 1) {
    if (letter == '\n') return true;
  }
  return false;
}

}  // namespace

std::string cost_of_look(const Reading &reading) {
  const auto bytes = static_cast<double>(std::max(reading.usable_bytes, reading.live_bytes));
  if (bytes < kGiB) return "";
  if (const auto last = last_look(reading))
    return fmt::format(
        "each look copies the page tables of {}: for the last one its threads waited {}, and it took {}; "
        "what they write while it is looked at takes memory twice",
        format::bytes(bytes), format::duration(last->pause_seconds), format::duration(last->seconds));
  return fmt::format(
      "each look copies the page tables of {}: its threads wait {} to {}, and what they write while "
      "it is looked at takes memory twice",
      format::bytes(bytes), format::duration(kLeastPause * bytes / kGiB),
      format::duration(kMostPause * bytes / kGiB));
}

void agree_to_look(const Reading &reading, bool agreed) {
  const std::string cost = cost_of_look(reading);
  if (cost.empty() || agreed) return;
  if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
    output::note(cost);
    return;
  }
  output::write_to(STDERR_FILENO,
                   fmt::format("heapmeter: {}. Enter goes on, Ctrl-C does not (--yes asks no more) ", cost));
  if (!confirmed()) throw UserError("no look was taken");
}

}  // namespace heapmeter::cli
