// SPDX-License-Identifier: MIT
#include "service/pages/mapped_path.h"

#include <string.h>

#include "base/map_lines.h"

namespace heapmeter::pages {

size_t mapped_path(uintptr_t address, char *out, size_t capacity) noexcept {
  MapLines lines("/proc/self/maps");
  for (MapLine line; lines.next(out, capacity, line);) {
    if (address < line.start || address >= line.end) continue;
    if (lines.is_cut() || line.name[0] != '/') return 0;
    memmove(out, line.name, line.name_bytes);
    return line.name_bytes;
  }
  return 0;
}

}  // namespace heapmeter::pages
