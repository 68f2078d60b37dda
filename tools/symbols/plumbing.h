// SPDX-License-Identifier: MIT
//
// Functions that only pass a request for memory on: nobody asks for them when he asks which code holds it;
// pure.
#pragma once

#include <cstddef>
#include <functional>

#include "symbols/frame.h"

namespace heapmeter::cli::symbols {

// Of the malloc family, an operator new, the standard library of C, C++ or Rust or what C++ programs use like
// it (Boost), or known to wrap malloc for a runtime.
bool is_plumbing(const Frame &frame);
// Before main, a constructor, or a thread's own function: part of the C library, its loader or start files.
bool is_startup(const Frame &frame);
// Who called a function: 0 the caller, 1 its caller, and so on; null beyond the outermost.
using Callers = std::function<const Frame *(std::size_t)>;
// What a function without a name is for, where its callers tell: "main", or what is called before it and
// after it, "constructors" and "destructors"; else null.
const char *name_by_callers(const Callers &callers);
// The same for the frame of that number of a stack, 0 the innermost; null, too, where it has a name or is of
// what comes before all code.
const char *name_by_callers(const Callers &stack, std::size_t at);

}  // namespace heapmeter::cli::symbols
