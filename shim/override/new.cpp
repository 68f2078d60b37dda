// SPDX-License-Identifier: MIT
//
// Every replaceable operator new and delete, under their mangled names, so that nothing of the C++ runtime is
// needed to declare them. One-line forwards, no logic. A nothrow tag is passed by reference: a pointer here.
#include "tracking/new_heap.h"

namespace {
using namespace heapmeter;
using A = AllocationKind;
using F = FreeKind;
constexpr auto kNew = Family::kNew;
constexpr auto kArray = Family::kNewArray;
using Tag = const void *;
using new_heap::chain;
}  // namespace

#if __SIZEOF_SIZE_T__ != 8
#error "size_t is mangled as m only where it is unsigned long"
#endif

extern "C" {

HEAPMETER_EXPORT void *_Znwm(size_t n) { return new_heap::allocate<A::k_new, kNew>(n); }
HEAPMETER_EXPORT void *_Znam(size_t n) { return new_heap::allocate<A::k_new_array, kArray>(n); }
HEAPMETER_EXPORT void *_ZnwmRKSt9nothrow_t(size_t n, Tag) noexcept {
  return new_heap::allocate_nothrow<A::k_new, kNew>(n);
}
HEAPMETER_EXPORT void *_ZnamRKSt9nothrow_t(size_t n, Tag) noexcept {
  return new_heap::allocate_nothrow<A::k_new_array, kArray>(n);
}
HEAPMETER_EXPORT void *_ZnwmSt11align_val_t(size_t n, size_t alignment) {
  return new_heap::allocate_aligned<A::k_new_aligned, kNew>(n, alignment);
}
HEAPMETER_EXPORT void *_ZnamSt11align_val_t(size_t n, size_t alignment) {
  return new_heap::allocate_aligned<A::k_new_array_aligned, kArray>(n, alignment);
}
HEAPMETER_EXPORT void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t n, size_t alignment, Tag) noexcept {
  return new_heap::allocate_aligned_nothrow<A::k_new_aligned, kNew>(n, alignment);
}
HEAPMETER_EXPORT void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t n, size_t alignment, Tag) noexcept {
  return new_heap::allocate_aligned_nothrow<A::k_new_array_aligned, kArray>(n, alignment);
}

HEAPMETER_EXPORT void _ZdlPv(void *p) noexcept { tracked_heap::release<F::k_delete, kNew>(p); }
HEAPMETER_EXPORT void _ZdaPv(void *p) noexcept {
  new_heap::release_by<F::k_delete_array, kArray>(chain.release, p);
}
HEAPMETER_EXPORT void _ZdlPvm(void *p, size_t n) noexcept {
  new_heap::release_by<F::k_delete_sized, kNew, true>(chain.release, p, n);
}
HEAPMETER_EXPORT void _ZdaPvm(void *p, size_t n) noexcept {
  new_heap::release_by<F::k_delete_array_sized, kArray, true>(chain.release_array, p, n);
}
HEAPMETER_EXPORT void _ZdlPvRKSt9nothrow_t(void *p, Tag) noexcept {
  new_heap::release_by<F::k_delete, kNew>(chain.release, p);
}
HEAPMETER_EXPORT void _ZdaPvRKSt9nothrow_t(void *p, Tag) noexcept {
  new_heap::release_by<F::k_delete_array, kArray>(chain.release_array, p);
}
HEAPMETER_EXPORT void _ZdlPvSt11align_val_t(void *p, size_t) noexcept {
  tracked_heap::release<F::k_delete, kNew>(p);
}
HEAPMETER_EXPORT void _ZdaPvSt11align_val_t(void *p, size_t alignment) noexcept {
  new_heap::release_aligned_by<F::k_delete_array, kArray>(chain.release_aligned, p, alignment);
}
HEAPMETER_EXPORT void _ZdlPvmSt11align_val_t(void *p, size_t n, size_t alignment) noexcept {
  new_heap::release_aligned_by<F::k_delete_sized, kNew, true>(chain.release_aligned, p, alignment, n);
}
HEAPMETER_EXPORT void _ZdaPvmSt11align_val_t(void *p, size_t n, size_t alignment) noexcept {
  new_heap::release_aligned_by<F::k_delete_array_sized, kArray, true>(chain.release_array_aligned, p,
                                                                      alignment, n);
}
HEAPMETER_EXPORT void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, size_t alignment, Tag) noexcept {
  new_heap::release_aligned_by<F::k_delete, kNew>(chain.release_aligned, p, alignment);
}
HEAPMETER_EXPORT void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, size_t alignment, Tag) noexcept {
  new_heap::release_aligned_by<F::k_delete_array, kArray>(chain.release_array_aligned, p, alignment);
}

}  // extern "C"
