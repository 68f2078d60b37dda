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

// What the process uses under this name, when an object other than this library defines it; nullptr when it
// is ours or nobody's. A non-PIE executable that takes a function's address has a stub under its name: that
// is no definition.
void *defined_elsewhere(const char *name) noexcept;

}  // namespace heapmeter::elf_symbols
