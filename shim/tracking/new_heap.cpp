// SPDX-License-Identifier: MIT
#include "tracking/new_heap.h"

#include <dlfcn.h>

#include "base/elf_symbols.h"
#include "base/fatal.h"
#include "base/search_order.h"
#include "books/thread_state.h"

// Compiled without exceptions but with unwind tables: what a handler or the runtime throws passes through.
namespace heapmeter::new_heap {

constinit Chain chain = {kNotLookedUp, kNotLookedUp, kNotLookedUp, kNotLookedUp,
                         kNotLookedUp, kNotLookedUp, kNotLookedUp, kNotLookedUp};

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

// The runtime's nothrow form of an operator calls the throwing one, by name, and catches what that throws.
enum Nothrow : unsigned { kPlainForm, kArrayForm, kAlignedForm, kArrayAlignedForm };
constinit void *nothrow_forms[4] = {};

template <typename... Alignment>
auto *nothrow_form(Nothrow which) noexcept {
  constexpr const char *kNames[] = {"_ZnwmRKSt9nothrow_t", "_ZnamRKSt9nothrow_t",
                                    "_ZnwmSt11align_val_tRKSt9nothrow_t",
                                    "_ZnamSt11align_val_tRKSt9nothrow_t"};
  void *form = load_whole(nothrow_forms[which]);
  if (form == nullptr) store_whole(nothrow_forms[which], form = runtime_only(kNames[which]));
  return reinterpret_cast<void *(*)(size_t, Alignment..., const void *)>(form);
}

constexpr char kTag = 0;

template <typename Function>
uintptr_t address_of(Function *function) noexcept {
  return reinterpret_cast<uintptr_t>(function);
}

}  // namespace

// Under these names the process's, ours or not.
extern "C" {
void *_Znwm(size_t);
void *_Znam(size_t);
void *_ZnwmSt11align_val_t(size_t, size_t);
void *_ZnamSt11align_val_t(size_t, size_t);
void _ZdlPv(void *) noexcept;
void _ZdaPv(void *) noexcept;
void _ZdlPvSt11align_val_t(void *, size_t) noexcept;
void _ZdaPvSt11align_val_t(void *, size_t) noexcept;
}

void find_replacements() noexcept {
  using search_order::ahead;
  Chain found{};
  if (!search_order::operators_ahead()) {
    chain = found;
    return;
  }
  if (ahead("_Znwm") != nullptr || ahead("_ZdlPv") != nullptr) {
    found.plain = found.array = address_of(_Znwm);
    found.release = found.release_array = address_of(_ZdlPv);
  }
  if (ahead("_Znam") != nullptr) found.array = address_of(_Znam);
  if (ahead("_ZdaPv") != nullptr) found.release_array = address_of(_ZdaPv);
  if (ahead("_ZnwmSt11align_val_t") != nullptr || ahead("_ZdlPvSt11align_val_t") != nullptr) {
    found.aligned = found.array_aligned = address_of(_ZnwmSt11align_val_t);
    found.release_aligned = found.release_array_aligned = address_of(_ZdlPvSt11align_val_t);
  }
  if (ahead("_ZnamSt11align_val_t") != nullptr) found.array_aligned = address_of(_ZnamSt11align_val_t);
  if (ahead("_ZdaPvSt11align_val_t") != nullptr)
    found.release_array_aligned = address_of(_ZdaPvSt11align_val_t);
  chain = found;
}

uintptr_t linked(const uintptr_t &link) noexcept {
  if (load_whole(link) == kNotLookedUp) {
    if (!threads::ready()) return 0;
    find_replacements();
  }
  return load_whole(link);
}

void *call_nothrow(New *theirs, bool array, size_t bytes) noexcept {
  auto *form = nothrow_form<>(array ? kArrayForm : kPlainForm);
  // Without a C++ runtime nothing is thrown that could be caught.
  return form != nullptr ? form(bytes, &kTag) : theirs(bytes);
}

void *call_nothrow(AlignedNew *theirs, bool array, size_t bytes, size_t alignment) noexcept {
  auto *form = nothrow_form<size_t>(array ? kArrayAlignedForm : kAlignedForm);
  return form != nullptr ? form(bytes, alignment, &kTag) : theirs(bytes, alignment);
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
  // The runtime's form calls our throwing one, which runs the handler.
  const bool array = family == Family::kNewArray;
  if (alignment == 0) {
    auto *form = nothrow_form<>(array ? kArrayForm : kPlainForm);
    if (form == nullptr) return nullptr;
    tracked_heap::forgive_failure();
    return form(bytes, &kTag);
  }
  auto *form = nothrow_form<size_t>(array ? kArrayAlignedForm : kAlignedForm);
  if (form == nullptr) return nullptr;
  tracked_heap::forgive_failure();
  return form(bytes, alignment, &kTag);
}

}  // namespace heapmeter::new_heap
