// SPDX-License-Identifier: MIT
//
// From return addresses, as a process tells them (module and offset), to functions, files and lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heapmeter::cli::symbols {

struct Frame {
  std::string function;  // demangled; empty when unknown
  std::string file;
  int line = 0;
  bool inlined = false;
  std::string module;  // its file's name, without the folder
  std::uint64_t offset = 0;
};

struct Module {
  std::string path, build_id;  // of the file as the process sees it
  std::uint64_t start = 0, end = 0, bias = 0;
};

struct Options {};

class Namer {
 public:
  // pid 0: not a living process; named by what is found under the same path.
  Namer(int pid, std::vector<Module> modules, Options options = {});

  // Of the call before that address. Innermost first, those that were inlined there before the function they
  // are in; never empty. Module -1: none, the offset is the address.
  std::vector<Frame> name(int module, std::uint64_t return_address_offset);
  // A line for each module whose names are missed, with what would help.
  std::vector<std::string> advice() const;

 private:
  std::vector<Module> modules_;
};

}  // namespace heapmeter::cli::symbols
