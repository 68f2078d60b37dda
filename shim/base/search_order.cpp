// SPDX-License-Identifier: MIT
#include "base/search_order.h"

#include <gnu/libc-version.h>
#include <stdint.h>
#include <sys/auxv.h>

#include <initializer_list>

#include "base/elf_symbols.h"

namespace heapmeter::search_order {
namespace {

const link_map *ours() noexcept {
  static const char here = 0;
  return elf_symbols::object_of(&here);
}

const link_map *libc() noexcept {
  return elf_symbols::object_of(reinterpret_cast<const void *>(&gnu_get_libc_version));
}

bool is_backend(const link_map &object) noexcept { return elf_symbols::find(object, "mi_malloc") != nullptr; }

const link_map *first() noexcept {
  const link_map *object = ours();
  while (object != nullptr && object->l_prev != nullptr) object = object->l_prev;
  return object;
}

bool stands_between(const link_map *object, const link_map *end) noexcept {
  return object != nullptr && object != end;
}

// The kernel's own, loaded with the others and in nobody's search order.
bool is_vdso(const link_map &object) noexcept {
  constexpr uintptr_t kSpan = 64 * 1024;
  return reinterpret_cast<uintptr_t>(object.l_ld) - getauxval(AT_SYSINFO_EHDR) < kSpan;
}

}  // namespace

void *ahead(const char *name) noexcept {
  const link_map *end = ours();
  for (const link_map *object = first(); stands_between(object, end); object = object->l_next) {
    if (void *found = elf_symbols::find(*object, name)) return found;
  }
  return nullptr;
}

void *behind(const char *name) noexcept {
  const link_map *object = ours();
  while (object != nullptr && (object = object->l_next) != nullptr) {
    void *found = elf_symbols::find(*object, name);
    if (found != nullptr && !is_backend(*object)) return found;
  }
  return nullptr;
}

void *in_libc(const char *name) noexcept {
  const link_map *object = libc();
  return object == nullptr ? nullptr : elf_symbols::find(*object, name);
}

bool heap_calls_ahead() noexcept {
  for (const char *name : {"malloc", "free", "calloc", "realloc", "reallocarray", "memalign", "aligned_alloc",
                           "posix_memalign", "valloc", "pvalloc"}) {
    if (ahead(name) != nullptr) return true;
  }
  return false;
}

bool meter_ahead() noexcept { return ahead("heapmeter_version") != nullptr; }

bool sanitizer_behind() noexcept {
  const link_map *end = libc();
  const link_map *object = ours();
  while (object != nullptr && stands_between(object = object->l_next, end)) {
    if (elf_symbols::find(*object, "malloc") == nullptr) continue;
    for (const char *name : {"__asan_init", "__tsan_init", "__msan_init", "__hwasan_init", "__lsan_init"}) {
      if (elf_symbols::find(*object, name) != nullptr) return true;
    }
  }
  return false;
}

bool backend_would_be_entered() noexcept {
  const link_map *us = ours(), *end = libc();
  for (const link_map *object = first(); stands_between(object, end); object = object->l_next) {
    if (object == us || is_backend(*object) || is_vdso(*object)) continue;
    for (const char *name : {"syscall", "open", "close", "read", "access", "clock_gettime"}) {
      if (elf_symbols::find(*object, name) != nullptr) return true;
    }
  }
  return false;
}

}  // namespace heapmeter::search_order
