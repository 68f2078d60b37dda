// SPDX-License-Identifier: MIT
//
// Functions that only pass a request for memory on: nobody asks for them when he asks which code holds it;
// pure.
#pragma once

#include "symbols/frame.h"

namespace heapmeter::cli::symbols {

// Of the malloc family, an operator new, the standard library of C++ or Rust, or known to wrap malloc for a
// runtime. What asks for memory on its caller's behalf but is called by name (strdup, fopen) is not.
bool is_plumbing(const Frame &frame);
// Before main, or before a thread's own function: part of the C library or its start files.
bool is_startup(const Frame &frame);

}  // namespace heapmeter::cli::symbols
