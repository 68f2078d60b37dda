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
// nullptr when the object does not define the function, or has no GNU hash table. An IFUNC is resolved.
void *find(const link_map &object, const char *name) noexcept;

}  // namespace heapmeter::elf_symbols
