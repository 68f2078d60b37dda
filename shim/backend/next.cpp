// SPDX-License-Identifier: MIT
#include "backend/next.h"

#include <string.h>

#include "backend/early_heap.h"
#include "base/elf_symbols.h"
#include "base/search_order.h"

namespace heapmeter::next_heap {
namespace {

constinit NextHeap of_libc = {};
constinit NextHeap of_next = {};
constinit bool libc_looked_up = false;

// `find` finds several functions at once.
NextHeap find_all(void (*find)(std::initializer_list<search_order::Sought *>)) noexcept {
  search_order::Sought malloc{"malloc"}, calloc{"calloc"}, realloc{"realloc"}, memalign{"memalign"};
  search_order::Sought free{"free"}, usable{"malloc_usable_size"};
  search_order::Sought aligned_alloc{"aligned_alloc"}, posix_memalign{"posix_memalign"};
  search_order::Sought reallocarray{"reallocarray"}, cfree{"cfree"};
  find({&malloc, &calloc, &realloc, &memalign, &free, &usable, &aligned_alloc, &posix_memalign, &reallocarray,
        &cfree});
  NextHeap heap{};
  heap.malloc = reinterpret_cast<decltype(heap.malloc)>(malloc.found);
  heap.calloc = reinterpret_cast<decltype(heap.calloc)>(calloc.found);
  heap.realloc = reinterpret_cast<decltype(heap.realloc)>(realloc.found);
  heap.memalign = reinterpret_cast<decltype(heap.memalign)>(memalign.found);
  heap.free = reinterpret_cast<decltype(heap.free)>(free.found);
  heap.malloc_usable_size = reinterpret_cast<decltype(heap.malloc_usable_size)>(usable.found);
  heap.aligned_alloc = reinterpret_cast<decltype(heap.aligned_alloc)>(aligned_alloc.found);
  heap.posix_memalign = reinterpret_cast<decltype(heap.posix_memalign)>(posix_memalign.found);
  heap.reallocarray = reinterpret_cast<decltype(heap.reallocarray)>(reallocarray.found);
  heap.cfree = reinterpret_cast<decltype(heap.cfree)>(cfree.found);
  return heap;
}

bool complete(const NextHeap &heap) noexcept {
  return heap.malloc && heap.calloc && heap.realloc && heap.memalign && heap.free && heap.malloc_usable_size;
}

// Who brings no more than a reallocarray, as libbsd does, is no allocator: it asks the process's by name.
bool same_allocator(const NextHeap &one, const NextHeap &other) noexcept {
  return one.malloc == other.malloc && one.calloc == other.calloc && one.realloc == other.realloc &&
         one.memalign == other.memalign && one.free == other.free &&
         one.malloc_usable_size == other.malloc_usable_size;
}

template <typename Function>
bool is_in_file_of(const NextHeap &heap, Function *function) noexcept {
  const auto file = [](auto *of) { return elf_symbols::object_of(reinterpret_cast<const void *>(of)); };
  const link_map *its = file(function);
  return its == file(heap.malloc) || its == file(heap.calloc) || its == file(heap.realloc) ||
         its == file(heap.memalign) || its == file(heap.free);
}

// Names that are not the allocator's own: what is behind these would ask it by its other names, which are us.
void leave_out_others(NextHeap &heap) noexcept {
  if (!is_in_file_of(heap, heap.aligned_alloc)) heap.aligned_alloc = nullptr;
  if (!is_in_file_of(heap, heap.posix_memalign)) heap.posix_memalign = nullptr;
  const NextHeap *libcs = libc();
  const bool is_libcs = libcs != nullptr && heap.reallocarray == libcs->reallocarray;
  if (is_libcs || !is_in_file_of(heap, heap.reallocarray)) heap.reallocarray = nullptr;
  if (!is_in_file_of(heap, heap.cfree)) heap.cfree = nullptr;
}

}  // namespace

const NextHeap *libc() noexcept {
  if (!libc_looked_up) {
    const NextHeap heap = find_all(search_order::find_in_libc);
    if (complete(heap)) of_libc = heap;
    libc_looked_up = true;
  }
  return complete(of_libc) ? &of_libc : nullptr;
}

const NextHeap *next() noexcept {
  of_next = find_all(search_order::find_behind);
  if (!complete(of_next)) {
    of_next = {};
    return libc();
  }
  const NextHeap *libcs = libc();
  if (libcs != nullptr && same_allocator(of_next, *libcs)) {
    of_next = *libcs;
  } else {
    leave_out_others(of_next);
  }
  return &of_next;
}

bool is_all_of_libc() noexcept {
  const NextHeap *libcs = libc();
  return libcs != nullptr && same_allocator(of_next, *libcs);
}

void rouse(const NextHeap &heap) noexcept {
  void *block = heap.malloc(1);
  if (early_heap::owns(block)) return;  // it asked us, who cannot answer yet otherwise
  heap.malloc_usable_size(block);
  heap.free(block);
}

const char *file() noexcept {
  const NextHeap &heap = of_next.malloc != nullptr ? of_next : of_libc;
  const link_map *object = elf_symbols::object_of(reinterpret_cast<const void *>(heap.malloc));
  if (object == nullptr || object->l_name == nullptr) return "";
  const char *slash = strrchr(object->l_name, '/');
  return slash == nullptr ? object->l_name : slash + 1;
}

const NextHeap *libc_under_next() noexcept {
  return of_next.malloc == nullptr || is_all_of_libc() ? nullptr : libc();
}

}  // namespace heapmeter::next_heap
