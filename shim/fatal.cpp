// SPDX-License-Identifier: MIT
#include "fatal.h"

#include <stdlib.h>

#include "sys.h"

namespace heapmeter {

void die(const char *line) noexcept {
  sys::warn(line);
  abort();
}

}  // namespace heapmeter
