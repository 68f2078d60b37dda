// SPDX-License-Identifier: MIT
#include "tracking/own_calls.h"

#include "backend/early_heap.h"
#include "base/own_code.h"
#include "base/search_order.h"
#include "books/ledger.h"
#include "books/thread_state.h"
#include "tracking/caller.h"
#include "tracking/mode.h"

namespace heapmeter::own_calls {
namespace {

constinit NextHeap behind = {};

// The frame is that of the function this stands in.
class Within {
 public:
  HEAPMETER_INLINE Within() noexcept : before_(threads::state.within) {
    threads::state.within = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  }
  HEAPMETER_INLINE ~Within() { threads::state.within = before_; }
  Within(const Within &) = delete;
  Within &operator=(const Within &) = delete;

 private:
  const uintptr_t before_;
};

void *malloc_within(size_t bytes) {
  const Within within;
  return behind.malloc(bytes);
}
void *calloc_within(size_t count, size_t bytes) {
  const Within within;
  return behind.calloc(count, bytes);
}
void *realloc_within(void *block, size_t bytes) {
  const Within within;
  return behind.realloc(block, bytes);
}
void *memalign_within(size_t alignment, size_t bytes) {
  const Within within;
  return behind.memalign(alignment, bytes);
}
void free_within(void *block) {
  const Within within;
  behind.free(block);
}
size_t usable_within(void *block) {
  const Within within;
  return behind.malloc_usable_size(block);
}
void *aligned_alloc_within(size_t alignment, size_t bytes) {
  const Within within;
  return behind.aligned_alloc(alignment, bytes);
}
int posix_memalign_within(void **block, size_t alignment, size_t bytes) {
  const Within within;
  return behind.posix_memalign(block, alignment, bytes);
}

void *reallocarray_within(void *block, size_t count, size_t bytes) {
  const Within within;
  return behind.reallocarray(block, count, bytes);
}
void cfree_within(void *block) {
  const Within within;
  behind.cfree(block);
}

constinit NextHeap watched = {};
using New = void *(size_t);
using Delete = void(void *);
constinit New *own_new = nullptr;
constinit Delete *own_delete = nullptr;

// Where the C++ runtime's is behind us, that asks us by name.
template <typename Function>
Function *operator_of_allocator(const char *name) noexcept {
  void *found = search_order::behind(name);
  return search_order::is_allocator_behind(found) ? reinterpret_cast<Function *>(found) : nullptr;
}

// No function of ours is so many calls deep.
constexpr int kMostOwn = 32;

// What calls us by a jump, as its last act, leaves no frame: then ours which waits for it is the next one.
HEAPMETER_NOINLINE bool comes_from_allocator(uintptr_t waiting) noexcept {
  sites::Registers at = caller::of_this_function();
  for (int i = 0; i < kMostOwn && is_own_code(at.ip); ++i) {
    const uintptr_t below = at.sp;
    if (!sites::step_out(at)) return false;
    if (waiting - below < at.sp - below) return true;
  }
  return !is_own_code(at.ip) && search_order::is_allocator_behind(reinterpret_cast<const void *>(at.ip));
}

}  // namespace

void watch() noexcept {
  if (backend::next == nullptr || !backend::asks_by_name) return;
  behind = *backend::next;
  watched = {malloc_within,
             calloc_within,
             realloc_within,
             memalign_within,
             free_within,
             usable_within,
             behind.aligned_alloc != nullptr ? aligned_alloc_within : nullptr,
             behind.posix_memalign != nullptr ? posix_memalign_within : nullptr,
             behind.reallocarray != nullptr ? reallocarray_within : nullptr,
             behind.cfree != nullptr ? cfree_within : nullptr};
  search_order::note_allocators_behind();
  own_new = operator_of_allocator<New>("_Znwm");
  own_delete = operator_of_allocator<Delete>("_ZdlPv");
  backend::next = &watched;
}

New *operator_new() noexcept { return own_new; }

void release(void *block, FreeKind kind) noexcept {
  if (kind == FreeKind::k_realloc) {
    backend::reallocate(block, 0);
  } else if (kind > FreeKind::k_realloc && own_delete != nullptr) {
    own_delete(block);
  } else {
    backend::release(block);
  }
}

namespace {

// A block in the books came from outside, and leaves them as any other.
bool passes(const void *block) noexcept {
  if (HEAPMETER_LIKELY(!backend::asks_by_name)) return false;
  if (early_heap::owns(block)) return false;
  if (mode::passing()) return true;
  ledger::Place place;
  return (block == nullptr || !the_ledger.look_up(block, place).live()) && is_within();
}

}  // namespace

bool reallocate_array(void *&block, size_t count, size_t bytes) noexcept {
  if (!passes(block) || backend::next->reallocarray == nullptr) return false;
  block = backend::next->reallocarray(block, count, bytes);
  return true;
}

bool release_as_cfree(void *block) noexcept {
  if (!passes(block) || backend::next->cfree == nullptr) return false;
  backend::next->cfree(block);
  return true;
}

bool is_within() noexcept {
  const uintptr_t waiting = threads::state.within;
  return waiting != 0 && comes_from_allocator(waiting);
}

bool is_allocators() noexcept { return comes_from_allocator(threads::state.within); }

}  // namespace heapmeter::own_calls
