// SPDX-License-Identifier: MIT
#include "base/search_order.h"

#include <gnu/libc-version.h>
#include <stdint.h>
#include <sys/auxv.h>

#include <initializer_list>
#include <iterator>

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

// Whoever defines it is the backend.
constexpr const char *kOfBackend = "mi_malloc";

const link_map *first() noexcept {
  const link_map *object = ours();
  while (object != nullptr && object->l_prev != nullptr) object = object->l_prev;
  return object;
}

// The kernel's own, loaded with the others and in nobody's search order.
bool is_vdso(const link_map &object, uintptr_t vdso) noexcept {
  constexpr uintptr_t kSpan = 64 * 1024;
  return reinterpret_cast<uintptr_t>(object.l_ld) - vdso < kSpan;
}

// The first answer that is not null, or false, of those from `object` on, up to `end`.
template <typename Ask>
auto first_answer(const link_map *object, const link_map *end, Ask ask) noexcept {
  const uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);
  for (; object != nullptr && object != end; object = object->l_next) {
    if (is_vdso(*object, vdso)) continue;
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

constinit elf_symbols::Span allocators_behind[8] = {};

// Whether nothing is missing any more.
bool fill(std::initializer_list<Sought *> all, const link_map &object, bool not_of_backend) noexcept {
  const Symbols symbols(object);
  bool complete = true;
  for (Sought *one : all) {
    if (one->found != nullptr) continue;
    // Other threads may look for the same, and take what they see here.
    void *found = symbols.find(one->name);
    if (found != nullptr && (!not_of_backend || symbols.find(kOfBackend) == nullptr)) one->found = found;
    complete = complete && one->found != nullptr;
  }
  return complete;
}

}  // namespace

void *ahead(const char *name) noexcept {
  return first_answer(first(), ours(), [=](const link_map &object) { return Symbols(object).find(name); });
}

void find_behind(std::initializer_list<Sought *> all) noexcept {
  first_answer(after_us(), nullptr, [=](const link_map &object) { return fill(all, object, true); });
}

void find_in_libc(std::initializer_list<Sought *> all) noexcept {
  if (const link_map *object = libc()) fill(all, *object, false);
}

void *behind(const char *name) noexcept {
  Sought one{name};
  find_behind({&one});
  return one.found;
}

void *in_libc(const char *name) noexcept {
  Sought one{name};
  find_in_libc({&one});
  return one.found;
}

bool heap_calls_ahead() noexcept {
  return any_ahead({"malloc", "free", "calloc", "realloc", "reallocarray", "memalign", "aligned_alloc",
                    "posix_memalign", "valloc", "pvalloc"});
}

void note_allocators_behind() noexcept {
  elf_symbols::Span *next = allocators_behind;
  const link_map *libcs = libc();
  first_answer(after_us(), nullptr, [&](const link_map &object) {
    const Symbols symbols(object);
    if (&object != libcs && symbols.define_any({"malloc", "free", "calloc", "realloc", "memalign"}) &&
        symbols.find(kOfBackend) == nullptr)
      *next++ = elf_symbols::span_of(object);
    return next == std::end(allocators_behind);
  });
}

bool is_allocator_behind(const void *address) noexcept {
  for (const elf_symbols::Span &one : allocators_behind)
    if (one.holds(address)) return true;
  return false;
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
    const Symbols symbols(object);
    return &object != us &&
           symbols.define_any({"syscall", "open", "close", "read", "access", "clock_gettime"}) &&
           symbols.find(kOfBackend) == nullptr;
  });
}

}  // namespace heapmeter::search_order
