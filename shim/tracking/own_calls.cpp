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
  const void *const resizing = threads::state.resizing;
  if (!sites::kCanWalk) threads::state.resizing = block;
  behind.free(block);
  threads::state.resizing = resizing;
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
using NothrowNew = void *(size_t, const void *);
// Its own, or null: then it is the C++ runtime's, which asks by the other names. An array's are the plain
// ones, unless it has others, and a nothrow form that it lacks is the throwing one.
constinit New *own_new[2] = {};
constinit NothrowNew *own_nothrow_new[2] = {};
constinit Delete *own_delete[2] = {};

// Where the C++ runtime's is behind us, that asks us by name.
template <typename Function>
Function *operator_of_allocator(const char *name) noexcept {
  void *found = search_order::behind(name);
  return search_order::is_allocator_behind(found) ? reinterpret_cast<Function *>(found) : nullptr;
}

template <typename Function>
void find_both(Function *(&operators)[2], const char *plain, const char *of_array) noexcept {
  operators[0] = operator_of_allocator<Function>(plain);
  operators[1] = operator_of_allocator<Function>(of_array);
  if (operators[1] == nullptr) operators[1] = operators[0];
}

void find_operators() noexcept {
  find_both(own_new, "_Znwm", "_Znam");
  own_nothrow_new[0] = operator_of_allocator<NothrowNew>("_ZnwmRKSt9nothrow_t");
  own_nothrow_new[1] = operator_of_allocator<NothrowNew>("_ZnamRKSt9nothrow_t");
  find_both(own_delete, "_ZdlPv", "_ZdaPv");
}

Delete *delete_of(FreeKind kind) noexcept {
  if (kind <= FreeKind::k_realloc) return nullptr;
  return own_delete[kind == FreeKind::k_delete_array || kind == FreeKind::k_delete_array_sized];
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
  find_operators();
  backend::next = &watched;
}

bool has_operator_new(AllocationKind kind) noexcept {
  return (kind == AllocationKind::k_new && own_new[0] != nullptr) ||
         (kind == AllocationKind::k_new_array && own_new[1] != nullptr);
}

void *make_new(size_t bytes, AllocationKind kind, bool may_throw) {
  const bool of_array = kind == AllocationKind::k_new_array;
  static constexpr char kTag = 0;
  if (!may_throw && own_nothrow_new[of_array] != nullptr)
    return born(own_nothrow_new[of_array](bytes, &kTag));
  return born(own_new[of_array](bytes));
}

bool has_operator_delete(FreeKind kind) noexcept { return delete_of(kind) != nullptr; }

void *born(void *block) noexcept {
  ledger::Place place;
  if (block != nullptr && backend::asks_by_name && !mode::passing() &&
      the_ledger.look_up(block, place).form == entry::Form::kTombstone)
    place.forget_tombstone();
  return block;
}

namespace {

void leaves(const void *block) noexcept {
  if (mode::passing()) return;
  ledger::Place place;
  the_ledger.look_up(block, place);
  if (place) place.leave_tombstone();
}

}  // namespace

void *reallocate(void *block, size_t bytes) noexcept {
  leaves(block);
  void *resized = backend::reallocate(block, bytes);
  born(resized != nullptr || bytes == 0 ? resized : block);
  return resized;
}

void release(void *block, FreeKind kind) noexcept {
  leaves(block);
  if (kind == FreeKind::k_realloc) {
    backend::reallocate(block, 0);
  } else if (Delete *its = delete_of(kind)) {
    const Within within;  // its free may come by a jump, as if from who called us
    its(block);
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
  block = born(backend::next->reallocarray(block, count, bytes));
  return true;
}

bool release_as_cfree(void *block) noexcept {
  if (!passes(block) || backend::next->cfree == nullptr) return false;
  backend::next->cfree(block);
  return true;
}

bool is_waiting() noexcept {
  return threads::state.within > reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
}

bool is_within() noexcept {
  return is_waiting() && (!sites::kCanWalk || comes_from_allocator(threads::state.within));
}

bool is_allocators(const void *block) noexcept {
  if (block == threads::state.resizing && is_waiting()) return true;
  return sites::kCanWalk && comes_from_allocator(threads::state.within);
}

}  // namespace heapmeter::own_calls
