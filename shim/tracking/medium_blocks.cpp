// SPDX-License-Identifier: MIT
//
// Blocks of more than kFineLimit bytes, up to what one window of the ledger has: buffers, pages of databases,
// arrays that grow; and aligned ones up to that. As the fast path is, but their entry is a record, or an
// irregular one, and their usable bytes are counted.
#include <errno.h>
#include <string.h>

#include "sites/sites.h"
#include "tracking/counting.h"
#include "tracking/huge_pages.h"
#include "tracking/surplus.h"
#include "tracking/tracked_heap.h"

namespace heapmeter::tracked_heap {
namespace {

using entry::Decoded;
using entry::Form;

// To align a block mimalloc takes as much more.
constexpr size_t kMostAligned = 4096;

// Those that are sampled are known by their address alone.
HEAPMETER_INLINE bool read_medium(const uint8_t *at, Family family, Decoded &noted) noexcept {
  return entry::is_whole_wide(at, family, noted) && noted.size <= kMediumLimit &&
         !sites::the_sites.any_samples();
}

// `usable` is 0 for a regular one.
HEAPMETER_INLINE void write(uint8_t *at, size_t bytes, size_t usable, Family family) noexcept {
  if (usable == 0) {
    entry::write_regular(at, bytes, family);
  } else {
    entry::write_irregular(at, bytes, usable, family);
  }
}

// Fresh, with its entry's place; null where there is none, or it is no medium one. `usable` as above.
HEAPMETER_INLINE void *fresh_block(size_t bytes, bool zeroed, Slot *&slot, uint8_t *&at,
                                   size_t &usable) noexcept {
  const size_t asked = at_least_two_granules(bytes);
  void *block = zeroed ? mimalloc::allocate_zeroed(asked) : mimalloc::allocate(asked);
  at = entry_of(block, slot);
  usable = at == nullptr || bytes <= kFineLimit ? 0 : mimalloc::usable_bytes(block);
  if (HEAPMETER_LIKELY(at != nullptr && usable < LargeBlock::kWindow)) {
    mimalloc::clear_link(block);
    return block;
  }
  if (block != nullptr) mimalloc::release(block);
  return nullptr;
}

// Where mimalloc's pages lay blocks out so by themselves nothing is lost for shifting it, and it is as
// regular as any.
HEAPMETER_INLINE void *lay_right(size_t bytes, size_t alignment, bool &regular) noexcept {
  regular = alignment <= kGranule ||
            (bytes != 0 && is_multiple(bytes, alignment) && alignment <= mimalloc::natural_alignment(bytes));
  void *block = regular ? mimalloc::allocate(at_least_two_granules(bytes)) : nullptr;
  if (block != nullptr && is_multiple(reinterpret_cast<uintptr_t>(block), alignment)) return block;
  if (block != nullptr) mimalloc::release(block);
  regular = false;
  return mimalloc::allocate_aligned(at_least_two_granules(bytes), alignment);
}

// mimalloc may ask the kernel when a page of such blocks is empty, which would say why not in errno.
HEAPMETER_INLINE void give_back(void *block, const Slot &slot, bool told) noexcept {
  const int saved_errno = errno;
  mimalloc::release(block);
  if (told) surplus::look(slot);
  errno = saved_errno;
}

}  // namespace

void *allocate_medium(size_t bytes, AllocationKind kind, Family family, bool zeroed) noexcept {
  if (bytes <= kFineLimit || bytes > kMediumLimit) return nullptr;
  Slot *slot = nullptr;
  uint8_t *at = nullptr;
  size_t usable = 0;
  void *block = fresh_block(bytes, zeroed, slot, at, usable);
  if (HEAPMETER_UNLIKELY(block == nullptr)) return nullptr;
  if (HEAPMETER_UNLIKELY(sampling::take(*slot, bytes))) return enter_looked_at(block, bytes, kind, family);
  huge_pages::note(block, bytes);
  entry::write_wide(at, bytes, usable, family);
  if (counting::in<counting::Own>(*slot, kind, bytes, usable)) surplus::look(*slot);
  return block;
}

void *allocate_aligned_medium(size_t bytes, size_t alignment, AllocationKind kind, Family family) noexcept {
  if (bytes > kMediumLimit - kMostAligned || alignment > kMostAligned || span_now() == 0) return nullptr;
  Slot *slot = threads::own_slot();
  if (slot == nullptr || huge_pages::on()) return nullptr;
  bool regular = false;
  void *block = lay_right(bytes, alignment, regular);
  uint8_t *const at = entry_of(block, slot);
  const bool by_size = regular && bytes <= kFineLimit;
  const size_t usable = at == nullptr || by_size ? 0 : mimalloc::usable_bytes(block);
  if (HEAPMETER_UNLIKELY(at == nullptr || usable >= LargeBlock::kWindow ||
                         !sampling::take_unsampled(*slot, bytes))) {
    if (block != nullptr) mimalloc::release(block);
    return nullptr;
  }
  mimalloc::clear_link(block);
  write(at, bytes, usable, family);
  if (counting::in<counting::Own>(*slot, kind, bytes, usable)) surplus::look(*slot);
  return block;
}

void release_medium(void *block, uint8_t *at, FreeKind kind, Family family, size_t expected) noexcept {
  Decoded noted;
  const bool simple = read_medium(at, family, noted) && noted.size > kFineLimit &&
                      (expected == kAnySize || expected == noted.size);
  if (HEAPMETER_UNLIKELY(!simple)) return release_slow(block, kind, family, expected);
  entry::bury(at, true);
  Slot *slot = threads::fast_slot();
  const bool told = counting::out<counting::Own>(*slot, kind, noted.size, noted.usable);
  give_back(block, *slot, told);
}

void *reallocate_medium(void *block, size_t bytes) noexcept {
  Slot *slot = nullptr;
  uint8_t *const old = entry_of(block, slot);
  if (old == nullptr || bytes == 0 || bytes > kMediumLimit || span_now() == 0) return nullptr;
  Decoded noted{Form::kRegular, Family::kMalloc, entry::regular_size(old, Family::kMalloc)};
  if (noted.size > kFineLimit && !read_medium(old, Family::kMalloc, noted)) return nullptr;
  if (huge_pages::on()) return nullptr;
  const bool was_regular = noted.usable == 0, wide = !was_regular;
  const size_t held = was_regular ? mimalloc::class_bytes(noted.size) : noted.usable;
  const bool stays = bytes <= held && bytes >= held / 2;
  uint8_t *at = old;
  void *now = block;
  // What is behind an irregular one, only the backend knows.
  const bool as_regular = was_regular && bytes <= kFineLimit && mimalloc::class_bytes(bytes) == held;
  size_t usable = as_regular ? 0 : held;
  if (!stays) {
    now = fresh_block(bytes, false, slot, at, usable);
    if (HEAPMETER_UNLIKELY(now == nullptr)) return nullptr;
  }
  if (HEAPMETER_UNLIKELY(!sampling::take_unsampled(*slot, bytes))) {
    if (!stays) mimalloc::release(now);
    return nullptr;
  }
  if (!stays) memcpy(now, block, held < bytes ? held : bytes);
  // Where it moves it is known at its new place before it is gone from the old one.
  if (stays) entry::bury(old, wide);
  write(at, bytes, usable, Family::kMalloc);
  if (!stays) entry::bury(old, wide);
  const bool told = counting::move<counting::Own>(*slot, {noted.size, noted.usable, bytes, usable, !stays});
  if (!stays) {
    give_back(block, *slot, told);
  } else if (told) {
    surplus::look(*slot);
  }
  return now;
}

}  // namespace heapmeter::tracked_heap
