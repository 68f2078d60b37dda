// SPDX-License-Identifier: MIT
//
// Who else in the process defines what we define, or what our backend calls.
//
// At start the search order is the order of loading. Ahead of us stand the executable and libraries that were
// preloaded before us: under such a name the process uses theirs, and ours only who looks past them, by
// RTLD_NEXT or as __libc_malloc. Behind us stand the other libraries, libc among them: what the process
// would use without us. libmimalloc is there for us alone and is left out. Needs relocation, no memory and no
// lock.
#pragma once

#include <initializer_list>

namespace heapmeter::search_order {

// The first definition of a function ahead of us, or behind; nullptr when there is none. The stub that a
// non-PIE executable has for a function whose address it takes is no definition.
void *ahead(const char *name) noexcept;
void *behind(const char *name) noexcept;
// Libc's own, whoever stands before it.
void *in_libc(const char *name) noexcept;
// The same for several, each object looked at once: what is found already is left as it is.
struct Sought {
  const char *name;
  void *found = nullptr;
};
void find_behind(std::initializer_list<Sought *> all) noexcept;
void find_in_libc(std::initializer_list<Sought *> all) noexcept;

// Whether any call of the malloc family is ahead of us.
bool heap_calls_ahead() noexcept;
// Whether any operator new or delete is that other forms have to call.
bool operators_ahead() noexcept;
// Whether the meter itself is, as another file: one of them counts.
bool meter_ahead() noexcept;
// Whether a sanitizer's runtime stands behind us, whose allocator must be the process's.
bool sanitizer_behind() noexcept;
// Once, at start: allocators behind us are objects, other than libc and our backend, that define a call of
// the malloc family. Each of them, since the first may pass calls on to the next.
void note_allocators_behind() noexcept;
// Whether the address is in one of those. No more than comparisons: hooks ask.
bool is_allocator_behind(const void *address) noexcept;
// Whether somebody comes before libc in calls that mimalloc makes and libc's own malloc does not, of files
// and the time: entered from within an allocation, it may wait for a lock that its own caller holds. Who
// replaces mmap expects that: most allocators call it.
bool backend_would_be_entered() noexcept;

}  // namespace heapmeter::search_order
