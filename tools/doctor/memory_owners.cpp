// SPDX-License-Identifier: MIT
#include "doctor/memory_owners.h"

#include <algorithm>

#include <fmt/format.h>

#include "doctor/runtime_heaps.h"
#include "system/foreign_file.h"
#include "system/process.h"

namespace heapmeter::cli {

std::vector<std::string> memory_owners(int pid) {
  std::vector<std::string> owners;
  const auto add = [&](const std::string &owner) {
    if (!owner.empty() && std::find(owners.begin(), owners.end(), owner) == owners.end())
      owners.push_back(owner);
  };
  const Lookup variable = [pid](const std::string &name) { return process::variable(pid, name); };
  if (const auto elf = read_elf(fmt::format("/proc/{}/exe", process::living_thread(pid))))
    add(own_memory(*elf, variable));
  const std::string executable = process::executable(pid);
  for (const std::string &file : process::mapped_files(pid).value_or(std::vector<std::string>())) {
    if (file == executable || file.find(".so") == file.npos) continue;
    const std::string known = own_memory_of_library(file);
    add(known);
    if (!known.empty()) continue;
    if (const auto elf = read_elf(ForeignFile::of_process(pid, file))) add(own_memory(*elf, variable));
  }
  return owners;
}

}  // namespace heapmeter::cli
