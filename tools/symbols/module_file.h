// SPDX-License-Identifier: MIT
//
// The files behind a module: the very one that is mapped, whatever stands at its name by now, in whichever
// root directory its process lives; and its debug information, where that is a file of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbols/frame.h"
#include "system/foreign_file.h"
#include "system/smaps.h"

namespace heapmeter::cli::symbols {

class ModuleFiles {
 public:
  // With pid 0 they are looked for at their names.
  explicit ModuleFiles(int pid);

  ForeignFile whole(const Module &module) const;
  // By the build-id; or by the name and the CRC that the file itself tells.
  std::optional<ForeignFile> debug_file(const Module &module) const;
  std::optional<ForeignFile> linked_debug_file(const Module &module, const std::string &link) const;
  // Where the code at this address is in one of these modules, whose file is mapped there once more (V8 has
  // its built-in functions near those that it makes); none where it is no such copy.
  std::optional<Place> original_of(std::uint64_t address, const std::vector<Module> &modules) const;

 private:
  const Mapping *mapping_of(const Module &module) const;
  std::optional<ForeignFile> in_root(const std::string &path) const;

  int pid_;
  std::vector<Mapping> mappings_;
  std::string executable_;
};

}  // namespace heapmeter::cli::symbols
