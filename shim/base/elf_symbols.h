// SPDX-License-Identifier: MIT
//
// A function of one loaded object, found in its own symbol table: no allocation, no lock, no search order in
// which another object could come first. dlsym takes a handle for that, and only dlopen, which allocates,
// makes one.
#pragma once

#include <link.h>

namespace heapmeter::elf_symbols {

// The object that holds this address; nullptr when there is none.
const link_map *object_of(const void *address) noexcept;
// nullptr when the object does not define the function, or has no GNU hash table.
void *find(const link_map &object, const char *name) noexcept;

// What the process uses under this name where that is not ours: an executable and the libraries preloaded
// before us come first in the search order, which at start is the order of loading. nullptr when none of them
// defines it; the stub that a non-PIE executable has for a function whose address it takes is no definition.
void *defined_before_us(const char *name) noexcept;

}  // namespace heapmeter::elf_symbols
