// SPDX-License-Identifier: MIT
//
// glibc's internal names, __libc_malloc and its kin, for the calls of malloc(3).
//
// Mostly the same calls under another name, counted like those. But where another allocator is behind us and
// is used (`next`, or passing), it may be built on these names: then they are libc's own, and what they make
// is counted where the other one is called. A block in the books is released as such whoever asks.
#pragma once

#include <stddef.h>

namespace heapmeter::libc_names {

void *allocate(size_t bytes) noexcept;
void *callocate(size_t count, size_t bytes) noexcept;
void *reallocate(void *block, size_t bytes) noexcept;
void release(void *block) noexcept;
void *memory_aligned(size_t alignment, size_t bytes) noexcept;
void *page_aligned(size_t bytes) noexcept;
void *whole_pages(size_t bytes) noexcept;

}  // namespace heapmeter::libc_names
