// SPDX-License-Identifier: MIT
//
// The allocator underneath, as people know it; pure.
#pragma once

#include <string>

#include "readings/reading.h"

namespace heapmeter::cli {

// "mimalloc", "glibc (next)", "jemalloc (next)"; of one that nobody knows its file: "libown.so (next)".
std::string allocator_name(const std::string &backend, const std::string &library);
// As the process told of it; an older library tells "next" alone.
std::string allocator_name(const Reading &reading);

}  // namespace heapmeter::cli
