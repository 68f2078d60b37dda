// SPDX-License-Identifier: MIT
#include "backend/next.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>

#include "base/elf_symbols.h"

namespace heapmeter::next_heap {
namespace {

constinit NextHeap of_libc = {};
constinit NextHeap of_owner = {};
constinit NextHeap of_next = {};
// Allocations made by the look-up itself find it going on.
enum class Looked : unsigned char { kNot, kNow, kDone };
constinit Looked looked = Looked::kNot;

// `find_one` gives a function by its name, or null.
template <typename FindOne>
NextHeap find_all(FindOne find_one) noexcept {
  NextHeap heap{};
  heap.malloc = reinterpret_cast<decltype(heap.malloc)>(find_one("malloc"));
  heap.calloc = reinterpret_cast<decltype(heap.calloc)>(find_one("calloc"));
  heap.realloc = reinterpret_cast<decltype(heap.realloc)>(find_one("realloc"));
  heap.memalign = reinterpret_cast<decltype(heap.memalign)>(find_one("memalign"));
  heap.free = reinterpret_cast<decltype(heap.free)>(find_one("free"));
  heap.malloc_usable_size =
      reinterpret_cast<decltype(heap.malloc_usable_size)>(find_one("malloc_usable_size"));
  return heap;
}

bool complete(const NextHeap &heap) noexcept {
  return heap.malloc && heap.calloc && heap.realloc && heap.free;
}

}  // namespace

void *libc_function(const char *name) noexcept {
  // In libc itself: in the global order libmimalloc, which exports the same names, may come before it.
  const link_map *object = elf_symbols::object_of(reinterpret_cast<const void *>(&gnu_get_libc_version));
  return object == nullptr ? nullptr : elf_symbols::find(*object, name);
}

const NextHeap *libc() noexcept {
  if (looked == Looked::kDone) return of_libc.malloc != nullptr ? &of_libc : nullptr;
  if (looked == Looked::kNow) return nullptr;
  looked = Looked::kNow;
  const NextHeap heap = find_all(libc_function);
  if (complete(heap)) of_libc = heap;
  looked = Looked::kDone;
  return libc();
}

const NextHeap *next() noexcept {
  of_next = find_all([](const char *name) { return dlsym(RTLD_NEXT, name); });
  const auto *from = reinterpret_cast<const void *>(of_next.malloc);
  const link_map *object = from == nullptr ? nullptr : elf_symbols::object_of(from);
  // Our own backend may come first where the program itself does not need libc directly.
  const bool is_mimalloc = object != nullptr && elf_symbols::find(*object, "mi_malloc") != nullptr;
  if (is_mimalloc || !complete(of_next) || !of_next.memalign || !of_next.malloc_usable_size) return libc();
  // tcmalloc's first answer allocates by operator new, which is us, and we would ask it again for that block.
  void *block = of_next.malloc(1);
  of_next.malloc_usable_size(block);
  of_next.free(block);
  return &of_next;
}

const NextHeap *owner() noexcept {
  if (elf_symbols::defined_before_us("malloc") == nullptr) return nullptr;
  // What it leaves out is libc's, as it would be without us; our own export of that name would lead back
  // here.
  of_owner = find_all([](const char *name) {
    void *own = elf_symbols::defined_before_us(name);
    return own != nullptr ? own : libc_function(name);
  });
  return complete(of_owner) ? &of_owner : nullptr;
}

}  // namespace heapmeter::next_heap
