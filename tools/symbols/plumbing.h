// SPDX-License-Identifier: MIT
//
// Frames that say nothing about who holds memory; by their names.
#pragma once

#include "symbols/frame.h"

namespace heapmeter::cli::symbols {

// Between the code that wants memory and the allocator: operator new, the malloc family and its wrappers in
// language runtimes, the standard library's own functions. strdup and the like are the caller's business and
// stay.
bool is_plumbing(const Frame &frame);
// Before main, or before a thread's own function: part of the C library or its start files.
bool is_startup(const Frame &frame);

}  // namespace heapmeter::cli::symbols
