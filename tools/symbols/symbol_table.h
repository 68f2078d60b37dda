// SPDX-License-Identifier: MIT
//
// The functions and variables that a file's symbol tables name, by address. Only in a reader of its own
// (reader.h).
#pragma once

#include <cstdint>
#include <vector>

#include <elfutils/libdwfl.h>

namespace heapmeter::cli::symbols {

class SymbolTable {
 public:
  // Its symbols live as long as the module.
  explicit SymbolTable(Dwfl_Module *module);

  bool empty() const { return symbols_.empty(); }
  // Mangled; null when none is known to be there.
  const char *name(std::uint64_t address) const;

 private:
  struct Symbol {
    std::uint64_t start, size;
    int rank;  // of names for one and the same address: the lower the better
    const char *name;
  };
  std::vector<Symbol> symbols_;  // by address, one each
};

}  // namespace heapmeter::cli::symbols
