// SPDX-License-Identifier: MIT
//
// From return addresses to functions, files and lines. Whoever names many of them prepares them all at once:
// a file is then taken apart once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "symbols/advice.h"
#include "symbols/frame.h"
#include "symbols/jit_map.h"
#include "symbols/module_file.h"
#include "symbols/name_cache.h"
#include "symbols/progress.h"

namespace heapmeter::cli::symbols {

struct Options {
  std::filesystem::path cache = NameCache::of_user();  // names are kept there; "" for none
  bool progress = true;                                // on a terminal, when it takes long
};

class Namer {
 public:
  // Of a living process, or with pid 0 of one that is elsewhere, or no more: by path and build-id then.
  Namer(int pid, std::vector<Module> modules, Options options = {});

  void prepare(const std::vector<Place> &places);
  // Innermost first, the inlined ones before the one they are inlined into; never empty. The call is what has
  // a name, so the byte before the address is what is looked up.
  std::vector<Frame> name(int module, std::uint64_t return_address_offset);
  // What keeps names from being found, and what would help: a line each, with whatever bytes a path has.
  std::vector<std::string> advice() const;

 private:
  using Offsets = std::vector<std::uint64_t>;
  void name_made_code(const Offsets &offsets, Progress &progress);
  void name_copies(const Offsets &addresses, Progress &progress);
  void name_module(int number, const Offsets &offsets, Progress &progress);
  // Names of looked up addresses, from the cache or the file.
  NamesByAddress names_in(const Module &module, const Offsets &looked_up, Progress &progress);
  void keep(Place place, const std::vector<Frame> *frames);

  int pid_;
  std::vector<Module> modules_;
  Options options_;
  ModuleFiles files_;
  NameCache cache_;
  std::optional<JitMap> jit_;
  bool interprets_python_ = false;
  std::map<Place, std::vector<Frame>> named_;
  Advice advice_;
};

}  // namespace heapmeter::cli::symbols
