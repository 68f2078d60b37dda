// SPDX-License-Identifier: MIT
//
// The ledger's entry of one block: what the caller asked for, and by which family of calls. One byte for each
// 16 bytes of heap, so a block of up to 16 bytes has one byte, and its neighbour's must not be touched.
//
//   low 3 bits of the first byte
//   1..3  medium: 16 bits, size << 3 | family, sizes 17 to kTallyLimit
//   5..7  small: one byte, size << 3 | 4 + family, sizes 0 to 16; or, where the upper five bits are more than
//         16, long: they are 17 plus the upper bits of size - kTallyLimit - 1, whose lower 8 are the second
//         byte, sizes to kFineLimit
//   4     irregular: 16 bits, size << 5 | family << 3 | 4, sizes to 2047; the backend knows its usable bytes
//   0     nothing was ever born here (0), freed (kTombstone), or a wide record follows (kWide)
//
// Medium is what nearly all blocks are: written with one store, checked with one compare, no size threshold
// to mispredict but those at 16 and kTallyLimit. Entries are written by whoever owns the block, so plain
// accesses suffice.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/size_bins.h"

namespace heapmeter {

// Who may release a block.
enum class Family : uint8_t { kNone = 0, kMalloc = 1, kNew = 2, kNewArray = 3 };

namespace entry {

inline constexpr uint8_t kNothing = 0x00;
inline constexpr uint8_t kTombstone = 0x08;
inline constexpr uint8_t kWide = 0x10;
inline constexpr unsigned kTagMask = 7;
inline constexpr unsigned kIrregularTag = 4;
inline constexpr size_t kSmallLimit = 16;
inline constexpr size_t kFirstLong = 17;
inline constexpr size_t kIrregularLimit = 2047;
// Room an entry may need beyond its block's first granule, as heap bytes: a wide record is 24 ledger bytes.
inline constexpr size_t kWideRoom = 24 * kGranule;

struct Wide {
  uint8_t form;
  Family family;
  bool mapped;  // the block has a mapping of its own, of `usable` bytes
  uint8_t unused[5];
  uint64_t size;
  uint64_t usable;
};

enum class Form : uint8_t { kNothing, kTombstone, kRegular, kIrregular, kWide };

struct Decoded {
  Form form = Form::kNothing;
  Family family = Family::kNone;
  uint64_t size = 0;
  uint64_t usable = 0;  // wide ones only
  bool mapped = false;  // likewise

  bool live() const noexcept { return form >= Form::kRegular; }
};

HEAPMETER_INLINE void write_medium(uint8_t *at, size_t size, Family family) noexcept {
  const auto word = static_cast<uint16_t>(size << 3 | static_cast<unsigned>(family));
  memcpy(at, &word, sizeof word);
}

HEAPMETER_INLINE void write_small(uint8_t *at, size_t size, Family family) noexcept {
  *at = static_cast<uint8_t>(size << 3 | (4 + static_cast<unsigned>(family)));
}

HEAPMETER_INLINE void write_long(uint8_t *at, size_t size, Family family) noexcept {
  static_assert((kFineLimit - kTallyLimit - 1) / 256 + kFirstLong < 32);
  const size_t above = size - (kTallyLimit + 1);
  const size_t code = kFirstLong + above / 256;
  const auto word =
      static_cast<uint16_t>((above % 256) << 8 | code << 3 | (4 + static_cast<unsigned>(family)));
  memcpy(at, &word, sizeof word);
}

// The size of a small or a long block; `code` is the upper five bits of the first byte.
HEAPMETER_INLINE size_t small_or_long(const uint8_t *at, size_t code) noexcept {
  return code < kFirstLong ? code : kTallyLimit + 1 + (code - kFirstLong) * 256 + at[1];
}

inline void write_wide(uint8_t *at, size_t size, size_t usable, Family family, bool mapped = false) noexcept {
  const Wide wide{kWide, family, mapped, {}, size, usable};
  memcpy(at, &wide, sizeof wide);
}

// Of a block whose memory goes back to the kernel: another allocator's block may begin where the record did,
// or a few granules on, and must not be taken for ours.
inline void erase_wide(uint8_t *at) noexcept {
  const Wide nothing{kTombstone, Family::kNone, false, {}, 0, 0};
  memcpy(at, &nothing, sizeof nothing);
}

// A block whose usable bytes are its size class's.
inline void write_regular(uint8_t *at, size_t size, Family family) noexcept {
  if (size <= kSmallLimit) {
    write_small(at, size, family);
  } else if (size <= kTallyLimit) {
    write_medium(at, size, family);
  } else {
    write_long(at, size, family);
  }
}

// Any other; the block has at least 32 bytes, and kWideRoom where the size is beyond kIrregularLimit.
inline void write_irregular(uint8_t *at, size_t size, size_t usable, Family family) noexcept {
  if (size > kIrregularLimit) {
    write_wide(at, size, usable, family);
    return;
  }
  const auto word = static_cast<uint16_t>(size << 5 | static_cast<unsigned>(family) << 3 | kIrregularTag);
  memcpy(at, &word, sizeof word);
}

inline uint16_t read_word(const uint8_t *at) noexcept {
  uint16_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

inline Decoded decode(const uint8_t *at) noexcept {
  const unsigned tag = *at & kTagMask;
  if (tag == 0) {
    if (*at == kTombstone) return {Form::kTombstone};
    if (*at != kWide) return {};
    Wide wide;
    memcpy(&wide, at, sizeof wide);
    return {Form::kWide, wide.family, wide.size, wide.usable, wide.mapped};
  }
  if (tag == kIrregularTag) {
    const unsigned word = read_word(at);
    return {Form::kIrregular, static_cast<Family>(word >> 3 & 3u), word >> 5};
  }
  if (tag > kIrregularTag) return {Form::kRegular, static_cast<Family>(tag - 4), small_or_long(at, *at >> 3)};
  return {Form::kRegular, static_cast<Family>(tag), static_cast<uint64_t>(read_word(at) >> 3)};
}

// Whether these 24 bytes are a whole wide record, for those who do not know that an entry begins here: the
// second byte of one may look like the first of another.
inline bool is_wide_record(const uint8_t *at) noexcept {
  constexpr uint64_t kLimit = uint64_t{1} << 48;  // no address space has more
  constexpr size_t kUnused = offsetof(Wide, unused);
  Wide wide{};
  memcpy(&wide.size, at + offsetof(Wide, size), sizeof wide.size);
  memcpy(&wide.usable, at + offsetof(Wide, usable), sizeof wide.usable);
  const bool zeros = memcmp(at + kUnused, wide.unused, sizeof wide.unused) == 0;
  const unsigned family = at[offsetof(Wide, family)];
  return at[0] == kWide && family - 1u < static_cast<unsigned>(Family::kNewArray) &&
         at[offsetof(Wide, mapped)] <= 1 && zeros && wide.size <= wide.usable && wide.usable < kLimit;
}

}  // namespace entry
}  // namespace heapmeter
