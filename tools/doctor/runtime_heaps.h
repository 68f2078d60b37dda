// SPDX-License-Identifier: MIT
//
// Language runtimes that keep objects in memory they take from the kernel themselves, where no meter of
// malloc sees them: how each is recognised, what it hides, and what can be done.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "doctor/finding.h"
#include "doctor/own_memory.h"
#include "system/elf_file.h"

namespace heapmeter::cli {

// A variable of the environment the program has or would have; "" when unset.
using Lookup = std::function<std::string(const std::string &name)>;

// Of a program or a library, in memory or on disk, as `file` is shown.
std::optional<Finding> own_heap(const ElfFile &elf, const std::string &file, const Lookup &variable);
// By the name of a library alone, such as libjvm.so.
std::optional<Finding> own_heap_of_library(const std::string &file);

std::optional<OwnMemory> own_memory(const ElfFile &elf, const Lookup &variable);
std::optional<OwnMemory> own_memory_of_library(const std::string &file);

}  // namespace heapmeter::cli
