// SPDX-License-Identifier: MIT
#include "tracking/new_heap.h"

#include <dlfcn.h>

#include "base/elf_symbols.h"
#include "base/fatal.h"

// Compiled without exceptions but with unwind tables: what a handler or the runtime throws passes through.
namespace heapmeter::new_heap {

constinit Replacements replaced = {};

namespace {

using Handler = void (*)();

constexpr const char *kGetHandler = "_ZSt15get_new_handlerv";

// From a C++ runtime itself, never from us. Where it is in the global scope no memory is needed to find it:
// there may be none. dlopen takes some.
void *runtime_only(const char *name) noexcept {
  const void *of_runtime = dlsym(RTLD_DEFAULT, kGetHandler);
  const link_map *runtime = of_runtime == nullptr ? nullptr : elf_symbols::object_of(of_runtime);
  if (void *found = runtime == nullptr ? nullptr : elf_symbols::find(*runtime, name)) return found;
  for (const char *library : {"libstdc++.so.6", "libc++.so.1", "libc++abi.so.1"}) {
    void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) continue;
    void *found = dlsym(handle, name);
    dlclose(handle);
    if (found != nullptr) return found;
  }
  return nullptr;
}

// From the program's global scope, else from a C++ runtime that was loaded privately (a plugin's).
void *runtime_function(const char *name) noexcept {
  void *found = dlsym(RTLD_DEFAULT, name);
  return found != nullptr ? found : runtime_only(name);
}

Handler current_handler() noexcept {
  auto *get = reinterpret_cast<Handler (*)()>(runtime_function(kGetHandler));
  return get == nullptr ? nullptr : get();
}

[[noreturn]] void throw_bad_alloc() {
  auto *thrower = reinterpret_cast<void (*)()>(runtime_function("_ZSt17__throw_bad_allocv"));
  if (thrower != nullptr) thrower();
  die("operator new is out of memory and no C++ runtime is loaded that could throw std::bad_alloc");
}

void *retry(size_t bytes, size_t alignment, AllocationKind kind, Family family) noexcept {
  tracked_heap::forgive_failure();
  return alignment == 0 ? tracked_heap::allocate_slow(bytes, kind, family, false)
                        : tracked_heap::allocate_aligned_slow(bytes, alignment, kind, family);
}

// The program's own operator of that name. A C++ runtime's comes after ours in the search order, so it is
// never found.
template <typename Function>
bool find_replacement(const char *name, Function *&found) noexcept {
  found = reinterpret_cast<Function *>(elf_symbols::defined_before_us(name));
  return found != nullptr;
}

}  // namespace

void find_replacements() noexcept {
  find_replacement("_ZdlPv", replaced.release);
  if (!find_replacement("_ZdaPv", replaced.release_array)) replaced.release_array = replaced.release;
  find_replacement("_ZdlPvSt11align_val_t", replaced.release_aligned);
  if (!find_replacement("_ZdaPvSt11align_val_t", replaced.release_array_aligned)) {
    replaced.release_array_aligned = replaced.release_aligned;
  }
  find_replacement("_ZnwmSt11align_val_t", replaced.plain_aligned);
  void *(*array_new)(size_t) = nullptr;
  const bool plain = find_replacement("_Znwm", replaced.plain);
  const bool array = find_replacement("_Znam", array_new);
  // The runtime's nothrow forms call the throwing ones, by name, and catch what they throw.
  if (plain) {
    replaced.plain_nothrow =
        reinterpret_cast<decltype(replaced.plain_nothrow)>(runtime_only("_ZnwmRKSt9nothrow_t"));
  }
  if (!plain && !array) return;
  replaced.array_nothrow =
      reinterpret_cast<decltype(replaced.array_nothrow)>(runtime_only("_ZnamRKSt9nothrow_t"));
}

void *failed(size_t bytes, size_t alignment, AllocationKind kind, Family family) {
  for (;;) {
    const Handler handler = current_handler();
    if (handler == nullptr) throw_bad_alloc();
    handler();
    if (void *block = retry(bytes, alignment, kind, family)) return block;
  }
}

void *failed_nothrow(size_t bytes, size_t alignment, Family family) noexcept {
  if (current_handler() == nullptr) return nullptr;
  // The runtime's own nothrow form calls our throwing form, which runs the handler, and catches what comes of
  // it.
  const bool array = family == Family::kNewArray;
  static const char tag = 0;
  if (alignment == 0) {
    using Plain = void *(*)(size_t, const void *);
    auto *plain =
        reinterpret_cast<Plain>(runtime_only(array ? "_ZnamRKSt9nothrow_t" : "_ZnwmRKSt9nothrow_t"));
    if (plain == nullptr) return nullptr;
    tracked_heap::forgive_failure();
    return plain(bytes, &tag);
  }
  using Aligned = void *(*)(size_t, size_t, const void *);
  auto *aligned = reinterpret_cast<Aligned>(
      runtime_only(array ? "_ZnamSt11align_val_tRKSt9nothrow_t" : "_ZnwmSt11align_val_tRKSt9nothrow_t"));
  if (aligned == nullptr) return nullptr;
  tracked_heap::forgive_failure();
  return aligned(bytes, alignment, &tag);
}

}  // namespace heapmeter::new_heap
