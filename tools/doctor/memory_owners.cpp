// SPDX-License-Identifier: MIT
#include "doctor/memory_owners.h"

#include <algorithm>

#include <fmt/format.h>

#include "doctor/runtime_heaps.h"
#include "system/foreign_file.h"
#include "system/loader.h"
#include "system/process.h"

namespace heapmeter::cli {

std::vector<OwnMemory> memory_owners(int pid) {
  std::vector<OwnMemory> owners;
  const auto add = [&](const std::optional<OwnMemory> &owner) {
    if (owner && std::none_of(owners.begin(), owners.end(),
                              [&](const OwnMemory &each) { return each.memory == owner->memory; })) {
      owners.push_back(*owner);
    }
  };
  const Lookup variable = [pid](const std::string &name) { return process::variable(pid, name); };
  if (const auto elf = read_elf(fmt::format("/proc/{}/exe", process::living_thread(pid))))
    add(own_memory(*elf, variable));
  const std::string executable = process::executable(pid);
  for (const std::string &file : process::mapped_files(pid).value_or(std::vector<std::string>())) {
    if (file == executable || file.find(".so") == file.npos) continue;
    if (const auto known = own_memory_of_library(file)) {
      add(known);
    } else if (const auto elf = read_elf(ForeignFile::of_process(pid, file))) {
      add(own_memory(*elf, variable));
    }
  }
  return owners;
}

std::optional<ElfFile> with_own_memory(const std::string &program, const Lookup &variable) {
  auto elf = read_elf(program);
  if (!elf || own_memory(*elf, variable)) return elf;
  for (const std::string &file : ask_loader(elf->interpreter, program, "").files) {
    auto library = read_elf(file);
    if (library && own_memory(*library, variable)) return library;
  }
  return std::nullopt;
}

}  // namespace heapmeter::cli
