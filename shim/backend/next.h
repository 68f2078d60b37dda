// SPDX-License-Identifier: MIT
//
// The allocator the program would have had: the C library's, or one the program brings along.
//
// Serves two needs: foreign blocks, which must go back to the C library that made them; and pass-through,
// when the meter is off or the program has its own malloc. Looked up once, lazily or at start; the look-up
// may itself allocate, which the early heap serves.
#pragma once

#include <stddef.h>

namespace heapmeter {

struct NextHeap {
  void *(*malloc)(size_t);
  void *(*calloc)(size_t, size_t);
  void *(*realloc)(void *, size_t);
  void *(*memalign)(size_t, size_t);
  void (*free)(void *);
  size_t (*malloc_usable_size)(void *);
};

namespace next_heap {

// The C library's own functions; nullptr while they are being looked up.
const NextHeap *libc() noexcept;
// A function of libc itself by its name, or null.
void *libc_function(const char *name) noexcept;
// The allocator after us in the look-up order: libc's, or one that the program was linked with. nullptr while
// it is being looked up, or when it lacks a function we need.
const NextHeap *next() noexcept;
// Whoever else defines malloc for this process: the executable or a library before us in the look-up order.
// nullptr when the process's malloc is ours. Not for use before constructors run.
const NextHeap *owner() noexcept;

}  // namespace next_heap
}  // namespace heapmeter
