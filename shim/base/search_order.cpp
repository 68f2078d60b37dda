// SPDX-License-Identifier: MIT
#include "base/search_order.h"

#include <gnu/libc-version.h>
#include <stdint.h>
#include <sys/auxv.h>

#include <initializer_list>

#include "base/compiler.h"
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

using elf_symbols::Symbols;

bool is_backend(const link_map &object) noexcept { return elf_symbols::find(object, "mi_malloc") != nullptr; }

const link_map *first() noexcept {
  const link_map *object = ours();
  while (object != nullptr && object->l_prev != nullptr) object = object->l_prev;
  return object;
}

// The kernel's own, loaded with the others and in nobody's search order.
bool is_vdso(const link_map &object) noexcept {
  constexpr uintptr_t kSpan = 64 * 1024;
  return reinterpret_cast<uintptr_t>(object.l_ld) - getauxval(AT_SYSINFO_EHDR) < kSpan;
}

// The first answer that is not null, or false, of those from `object` on, up to `end`.
template <typename Ask>
auto first_answer(const link_map *object, const link_map *end, Ask ask) noexcept {
  for (; object != nullptr && object != end; object = object->l_next) {
    if (is_vdso(*object)) continue;
    if (const auto answer = ask(*object)) return answer;
  }
  return decltype(ask(*object))();
}

bool any_ahead(std::initializer_list<const char *> names) noexcept {
  return first_answer(first(), ours(),
                      [=](const link_map &object) { return Symbols(object).define_any(names); });
}

const link_map *after_us() noexcept {
  const link_map *object = ours();
  return object == nullptr ? nullptr : object->l_next;
}

}  // namespace

void *ahead(const char *name) noexcept {
  return first_answer(first(), ours(), [=](const link_map &object) { return Symbols(object).find(name); });
}

void *behind(const char *name) noexcept {
  return first_answer(after_us(), nullptr, [=](const link_map &object) {
    void *found = Symbols(object).find(name);
    return found != nullptr && is_backend(object) ? nullptr : found;
  });
}

void *in_libc(const char *name) noexcept {
  const link_map *object = libc();
  return object == nullptr ? nullptr : elf_symbols::find(*object, name);
}

bool heap_calls_ahead() noexcept {
  return any_ahead({"malloc", "free", "calloc", "realloc", "reallocarray", "memalign", "aligned_alloc",
                    "posix_memalign", "valloc", "pvalloc"});
}

bool operators_ahead() noexcept {
  return any_ahead({"_Znwm", "_Znam", "_ZnwmSt11align_val_t", "_ZnamSt11align_val_t", "_ZdlPv", "_ZdaPv",
                    "_ZdlPvSt11align_val_t", "_ZdaPvSt11align_val_t"});
}

bool meter_ahead() noexcept { return any_ahead({"heapmeter_version"}); }

bool sanitizer_behind() noexcept {
#if defined(HEAPMETER_SANITIZED)
  return false;  // our own, of a test that counts by itself
#endif
  return first_answer(after_us(), libc(), [](const link_map &object) {
    const Symbols symbols(object);
    return symbols.find("malloc") != nullptr &&
           symbols.define_any({"__asan_init", "__tsan_init", "__msan_init", "__hwasan_init", "__lsan_init"});
  });
}

bool backend_would_be_entered() noexcept {
  const link_map *us = ours();
  return first_answer(first(), libc(), [=](const link_map &object) {
    return &object != us && !is_backend(object) &&
           Symbols(object).define_any({"syscall", "open", "close", "read", "access", "clock_gettime"});
  });
}

}  // namespace heapmeter::search_order
