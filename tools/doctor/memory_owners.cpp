// SPDX-License-Identifier: MIT
#include "doctor/memory_owners.h"

#include <algorithm>

#include <fmt/format.h>

#include "doctor/runtime_heaps.h"
#include "system/foreign_file.h"
#include "system/loader.h"
#include "system/process.h"

namespace heapmeter::cli {

namespace {

// Whether it was not there yet.
bool added(std::vector<OwnMemory> &owners, const std::optional<OwnMemory> &owner) {
  const auto is_it = [&](const OwnMemory &each) { return each.memory == owner->memory; };
  if (!owner || std::any_of(owners.begin(), owners.end(), is_it)) return false;
  owners.push_back(*owner);
  return true;
}

}  // namespace

std::vector<OwnMemory> memory_owners(int pid) {
  std::vector<OwnMemory> owners;
  const Lookup variable = [pid](const std::string &name) { return process::variable(pid, name); };
  if (const auto elf = read_elf(fmt::format("/proc/{}/exe", process::living_thread(pid))))
    added(owners, own_memory(*elf, variable));
  const std::string executable = process::executable(pid);
  for (const std::string &file : process::mapped_files(pid).value_or(std::vector<std::string>())) {
    if (file == executable || file.find(".so") == file.npos) continue;
    if (const auto known = own_memory_of_library(file)) {
      added(owners, known);
    } else if (const auto elf = read_elf(ForeignFile::of_process(pid, file))) {
      added(owners, own_memory(*elf, variable));
    }
  }
  return owners;
}

BesideMalloc beside_malloc(const std::string &program, const std::string &name, const Lookup &variable) {
  BesideMalloc found;
  const auto look_at = [&](const ElfFile &elf) {
    if (added(found.owners, own_memory(elf, variable)))
      found.what += (found.what.empty() ? "" : "; ") + own_heap(elf, name, variable)->what;
  };
  const auto elf = read_elf(program);
  if (!elf) return found;
  look_at(*elf);
  for (const std::string &file : ask_loader(elf->interpreter, program, "").files) {
    if (const auto library = read_elf(file)) look_at(*library);
  }
  return found;
}

}  // namespace heapmeter::cli
