// SPDX-License-Identifier: MIT
//
// The ledger's other form of entry, for blocks of at least kWindow bytes: 16 bytes for each 64 KiB of heap,
// side by side, where the bytes for the heap's granules would touch a page of the ledger for each such block.
// No two of them begin in one window.
//
// Written by whoever owns the block; anybody may read one while it is written, who was given a bad pointer.
#pragma once

#include "books/entry.h"

namespace heapmeter {

class LargeBlock {
 public:
  static constexpr unsigned kWindowShift = 16;
  static constexpr size_t kWindow = size_t{1} << kWindowShift;

  void note(uintptr_t address, size_t size, size_t usable, Family family, bool mapped) noexcept {
    const uint64_t granule = (address & (kWindow - 1)) / kGranule;
    __atomic_store_n(&usable_, static_cast<uint64_t>(usable), __ATOMIC_RELAXED);
    __atomic_store_n(
        &what_,
        size | granule << kGranuleAt | static_cast<uint64_t>(family) << kFamilyAt | (mapped ? kMapped : 0),
        __ATOMIC_RELAXED);
  }

  // Released: its address remembers that.
  void bury() noexcept {
    __atomic_store_n(&usable_, uint64_t{0}, __ATOMIC_RELAXED);
    __atomic_store_n(&what_, (what() & kGranuleMask) | kDead, __ATOMIC_RELAXED);
  }

  // Nothing was ever born here; unless another block of the window is noted, be it meanwhile.
  void forget() noexcept {
    uint64_t dead = what();
    if ((dead & kDead) != 0)
      __atomic_compare_exchange_n(&what_, &dead, uint64_t{0}, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }

  bool was_used() const noexcept { return what() != 0; }

  // Of a block that begins in the window of that number.
  uintptr_t start(uintptr_t window) const noexcept {
    return (window << kWindowShift) + (what() >> kGranuleAt & kGranules) * kGranule;
  }

  entry::Decoded decode() const noexcept {
    const uint64_t noted = what();
    if ((noted >> kFamilyAt & 3u) == 0) return {noted == 0 ? entry::Form::kNothing : entry::Form::kTombstone};
    const uint64_t usable = __atomic_load_n(&usable_, __ATOMIC_RELAXED);
    return {entry::Form::kWide, static_cast<Family>(noted >> kFamilyAt & 3u), noted & kSizeMask, usable,
            (noted & kMapped) != 0};
  }

 private:
  static constexpr unsigned kGranuleAt = 48, kFamilyAt = 60;
  static constexpr uint64_t kSizeMask = (uint64_t{1} << kGranuleAt) - 1;
  static constexpr uint64_t kGranules = kWindow / kGranule - 1;
  static constexpr uint64_t kGranuleMask = kGranules << kGranuleAt;
  static constexpr uint64_t kMapped = uint64_t{1} << 62, kDead = uint64_t{1} << 63;

  uint64_t what() const noexcept { return __atomic_load_n(&what_, __ATOMIC_RELAXED); }

  uint64_t what_ = 0;
  uint64_t usable_ = 0;
};

}  // namespace heapmeter
