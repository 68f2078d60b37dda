// SPDX-License-Identifier: MIT
//
// What DWARF says of addresses: the function, those inlined into it there, files and lines. Each unit that
// has one of the addresses is walked once for all of them: asked one by one, libdw walks it each time. Only
// in a reader of its own (reader.h).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <elfutils/libdw.h>

#include "symbols/wire.h"

namespace heapmeter::cli::symbols {

class DebugInformation {
 public:
  explicit DebugInformation(Dwarf *dwarf);

  // The functions by the names the linker knows, or where there are none, by the source's. Each address is
  // answered once, with no frames where nothing is known; in whichever order.
  void name(const std::vector<std::uint64_t> &addresses, const std::function<void(Named)> &answer) const;

 private:
  struct Range {
    std::uint64_t start, end;
    Dwarf_Die unit;
  };
  const Range *range_of(std::uint64_t address) const;

  std::vector<Range> ranges_;  // by address
};

}  // namespace heapmeter::cli::symbols
