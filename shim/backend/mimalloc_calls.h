// SPDX-License-Identifier: MIT
//
// What is called of mimalloc, as its header declares it: that one includes half of the standard library,
// which every file of the fast path would take a quarter of a second to read. mimalloc.cpp includes both, and
// so does not compile where their types differ.
#pragma once

#include <stddef.h>

extern "C" {
[[nodiscard, gnu::malloc, gnu::alloc_size(1)]] void *mi_malloc(size_t size) noexcept;
[[nodiscard, gnu::malloc, gnu::alloc_size(1)]] void *mi_malloc_small(size_t size) noexcept;
[[nodiscard, gnu::malloc, gnu::alloc_size(1)]] void *mi_zalloc(size_t size) noexcept;
[[nodiscard, gnu::malloc, gnu::alloc_size(1)]] void *mi_zalloc_small(size_t size) noexcept;
[[nodiscard, gnu::malloc, gnu::alloc_size(1)]] void *mi_malloc_aligned_at(size_t size, size_t alignment,
                                                                          size_t offset) noexcept;
[[nodiscard, gnu::alloc_size(2)]] void *mi_realloc(void *p, size_t newsize) noexcept;
[[nodiscard]] size_t mi_usable_size(const void *p) noexcept;
[[nodiscard]] size_t mi_good_size(size_t size) noexcept;
[[nodiscard]] bool mi_is_in_heap_region(const void *p) noexcept;
void mi_free(void *p) noexcept;
void mi_thread_done() noexcept;
}
