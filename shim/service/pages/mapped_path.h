// SPDX-License-Identifier: MIT
//
// Which file is mapped at an address: whole where the loader knows only what it was asked for
// ("./plugin.so").
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::pages {

// How many bytes of the path are in `out`; 0 where no file is there, or the path has no room.
size_t mapped_path(uintptr_t address, char *out, size_t capacity) noexcept;

}  // namespace heapmeter::pages
