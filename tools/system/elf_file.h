// SPDX-License-Identifier: MIT
//
// The few facts about an ELF file that decide whether a library can be preloaded into it; through libelf.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "system/foreign_file.h"
#include "system/symbol_marks.h"

namespace heapmeter::cli {

struct ElfFile {
  std::uint16_t machine = 0;  // EM_...
  int bits = 0;               // 32 or 64
  bool big_endian = false;
  std::string interpreter;             // "" for a static program
  std::string soname;                  // what others call it by in their `libraries`, or ""
  std::vector<std::string> libraries;  // DT_NEEDED
  std::vector<SymbolMark> marks;       // of the dynamic symbols, then of those a debugger sees
  bool is_go = false;                  // by the sections that Go's linker leaves
  bool binds_to_itself = false;        // -Bsymbolic: its calls reach its own functions first
  bool cut_off = false;                // a part of what would be mapped is not in the file
  bool has_unseen_tables = false;      // missing, or larger than any program's: what they say is not known

  // The first symbol with this mark, or null.
  const SymbolMark *first(SymbolKind mark) const;
  // "malloc, free": of the family, those that other files would be bound to; "" without malloc itself.
  std::string exported_malloc() const;
  // Whether that malloc can do nothing but call the next one: it has no other memory than its own data.
  bool passes_malloc_on() const;

  // Whether that file is one of its libraries, whatever the file is called.
  bool needs(const ElfFile &library) const;
  bool same_machine(const ElfFile &other) const {
    return machine == other.machine && bits == other.bits && big_endian == other.big_endian;
  }
  std::string machine_name() const;
};

// Empty when the file does not even begin as an ELF file, or is not to be read.
std::optional<ElfFile> read_elf(const ForeignFile &file);
std::optional<ElfFile> read_elf(const std::string &path);

// Of a file whose byte `offset` lies at `address` in writable memory: where its data ends there, with what is
// in no file (.bss), at a whole page. Empty when it is no ELF file, not to be read, or has no data there.
std::optional<std::uint64_t> data_end(const ForeignFile &file, std::uint64_t offset, std::uint64_t address);

}  // namespace heapmeter::cli
