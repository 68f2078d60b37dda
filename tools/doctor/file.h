// SPDX-License-Identifier: MIT
//
// What one file tells, a program or a library it loads, without starting anything.
#pragma once

#include <string>
#include <string_view>

#include "doctor/finding.h"
#include "doctor/runtime_heaps.h"
#include "system/elf_file.h"

namespace heapmeter::cli {

// Whether a library can be preloaded into this program at all: its architecture, libc, linkage, sanitizer.
void check_executable(const std::string &file, const ElfFile &elf, const ElfFile &ours, Findings &out);
// By a file's name: the runtime of a sanitizer.
bool is_sanitizer(std::string_view library);
void check_sanitizer(const std::string &file, const ElfFile &elf, Findings &out);
// Why the dynamic linker would ignore LD_PRELOAD for whoever starts it now.
void check_privileges(const std::string &file, Findings &out);
// Where its blocks come from; of the program itself and of what comes ahead of the meter, which may be known
// to be counted all the same, or of a library that comes behind it.
void check_own_malloc(const std::string &file, const ElfFile &elf, bool counted, Findings &out);
void check_library(const std::string &file, const ElfFile &elf, const Lookup &variable, Findings &out);
// An allocator under names of its own.
void check_embedded(const std::string &file, const ElfFile &elf, Findings &out);

}  // namespace heapmeter::cli
