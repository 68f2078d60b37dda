// SPDX-License-Identifier: MIT
//
// What the process has as its heap, where that is not ours: another malloc comes before ours, and the C++
// runtime's operators, which ours stand for, would call that by name.
#pragma once

#include <stddef.h>

#include "base/compiler.h"

namespace heapmeter::process_heap {

struct Functions {
  void *(*malloc)(size_t);
  void *(*aligned_alloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void (*free)(void *);
};

// Null each until find(), and where it is ours.
extern HEAPMETER_HIDDEN Functions process;
// Once, before counting begins.
void find() noexcept;

}  // namespace heapmeter::process_heap
