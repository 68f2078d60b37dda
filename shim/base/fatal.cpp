// SPDX-License-Identifier: MIT
#include "base/fatal.h"

#include <stdlib.h>

#include "base/sys.h"

namespace heapmeter {

void die(const char *line) noexcept {
  sys::warn(line);
  abort();
}

}  // namespace heapmeter
