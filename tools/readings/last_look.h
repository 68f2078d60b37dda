// SPDX-License-Identifier: MIT
//
// What somebody's last look for lost blocks found, as a reading tells it: one look, which nobody has
// confirmed.
#pragma once

#include <optional>

#include "readings/reading.h"

namespace heapmeter::cli {

struct LastLook {
  std::uint64_t monotonic_ns = 0, lost_blocks = 0, lost_bytes = 0, perhaps_blocks = 0, perhaps_bytes = 0;
  double seconds = 0, pause_seconds = 0;
};

// None was taken, or the library is older. Throws NoAnswer where it is no numbers.
std::optional<LastLook> last_look(const Reading &reading);

}  // namespace heapmeter::cli
