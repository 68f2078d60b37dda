// SPDX-License-Identifier: MIT
//
// The stack that this thread's signal handlers run on. A program may keep its address nowhere but in the
// kernel, which tells it to no other thread: so it is kept in thread-local storage, where a look finds it.
#pragma once

#include "base/compiler.h"

namespace heapmeter::leaks {

// Written, and read by looks only.
inline thread_local constinit HEAPMETER_HIDDEN const void *volatile alternate_stack HEAPMETER_TLS = nullptr;

}  // namespace heapmeter::leaks
