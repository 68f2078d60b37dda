// SPDX-License-Identifier: MIT
#include "next_heap.h"

#include <dlfcn.h>
#include <gnu/lib-names.h>

namespace heapmeter::next_heap {
namespace {

constinit NextHeap of_libc = {};
constinit NextHeap of_owner = {};
enum class Looked : unsigned char { kNot, kNow, kDone };
constinit Looked looked = Looked::kNot;

template <typename Function>
void find(void *handle, const char *name, Function *&function) noexcept {
  function = reinterpret_cast<Function *>(dlsym(handle, name));
}

void find_all(void *handle, NextHeap &heap) noexcept {
  find(handle, "malloc", heap.malloc);
  find(handle, "calloc", heap.calloc);
  find(handle, "realloc", heap.realloc);
  find(handle, "memalign", heap.memalign);
  find(handle, "free", heap.free);
  find(handle, "malloc_usable_size", heap.malloc_usable_size);
}

bool complete(const NextHeap &heap) noexcept {
  return heap.malloc && heap.calloc && heap.realloc && heap.free;
}

}  // namespace

const NextHeap *libc() noexcept {
  if (looked == Looked::kDone) return of_libc.malloc != nullptr ? &of_libc : nullptr;
  if (looked == Looked::kNow) return nullptr;
  looked = Looked::kNow;
  // By handle: in the global order libmimalloc, which exports the same names, may come before libc.
  if (void *handle = dlopen(LIBC_SO, RTLD_LAZY | RTLD_NOLOAD)) {
    NextHeap heap{};
    find_all(handle, heap);
    if (complete(heap)) of_libc = heap;
    dlclose(handle);
  }
  looked = Looked::kDone;
  return libc();
}

const NextHeap *owner(void *(*our_malloc)(size_t)) noexcept {
  if (dlsym(RTLD_DEFAULT, "malloc") == reinterpret_cast<void *>(our_malloc)) return nullptr;
  find_all(RTLD_DEFAULT, of_owner);
  return complete(of_owner) ? &of_owner : nullptr;
}

}  // namespace heapmeter::next_heap
