// SPDX-License-Identifier: MIT
//
// The allocator the program would have had: the C library's, or one the program brings along.
//
// Serves three needs: foreign blocks, which must go back to the C library that made them; the backend of that
// name; and pass-through, when the meter is off. Looked up once, lazily or at start.
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
  // Only for who asked by these names, where they may be built on the others, or the others on them.
  void *(*aligned_alloc)(size_t, size_t) = nullptr;
  int (*posix_memalign)(void **, size_t, size_t) = nullptr;
  void *(*reallocarray)(void *, size_t, size_t) = nullptr;
  void (*cfree)(void *) = nullptr;
};

namespace next_heap {

// The C library's own functions; nullptr when it lacks one we need.
const NextHeap *libc() noexcept;
// The allocator behind us in the search order: libc's, or one that a library brings. nullptr when it lacks a
// function we need. Not for use before relocation is done.
const NextHeap *next() noexcept;
// Before anything of it is counted: tcmalloc's first answer allocates by operator new, which is us, and we
// would ask it again for that block.
void rouse(const NextHeap &heap) noexcept;
// Whether what next() gave is libc's, whoever brings a reallocarray or the like besides. Another's parts may
// be built on each other by their names, malloc on calloc, and these are us.
bool is_all_of_libc() noexcept;
// The name of the file that its malloc is in, "libc.so.6"; "" where it is in none. No lock.
const char *file() noexcept;
// Libc's own, where next() gave another one, or parts of another, which may be built on libc's by its
// internal names (__libc_malloc): those must not lead back to us. Else nullptr.
const NextHeap *libc_under_next() noexcept;

}  // namespace next_heap
}  // namespace heapmeter
